package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// auditWorld is a database with two coupons and one conversion whose points were given back, sealed or not.
type auditWorld struct {
	*walkWorld
	db     storetest.Database
	refund domain.Coupon
}

func newAuditWorld(t *testing.T, db storetest.Database) *auditWorld {
	t.Helper()
	w := &auditWorld{walkWorld: newWalkWorld(t, db, true), db: db}
	member := w.member()
	w.convert(member, "a")
	w.clock.Advance(5 * time.Minute)
	w.faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	w.convert(member, "refused")
	w.faults.Clear()
	w.rest(w.service(w.whole()))
	list, err := w.walkWorld.db.List(t.Context(), coupons.Filter{Status: domain.Failed, Limit: 2})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d refunds, %v", len(list), err)
	}
	w.refund = list[0]
	w.convert(member, "b")
	return w
}

func (w *auditWorld) convert(member, key string) {
	w.t.Helper()
	s := w.service(w.whole())
	_, err := s.Convert(w.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 100, Key: key})
	if err != nil && key != "refused" {
		w.t.Fatal(err)
	}
	if err := s.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *auditWorld) seal() *auditWorld {
	w.t.Helper()
	s := &audit.Sealer{Book: w.walkWorld.db, Clock: w.clock, Logger: slog.New(slog.DiscardHandler)}
	if err := s.Seal(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// command runs an audit command on the database.
func (w *auditWorld) command(args ...string) (code int, out, errs string) {
	w.t.Helper()
	env := goodEnvironment()
	env["DATABASE_URL"] = w.db.URL
	return runAudit(w.t, environOf(env), args...)
}

func runAudit(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e lockedBuffer
	code = run(t.Context(), append([]string{"audit"}, args...), environ, &o, &e)
	return code, o.String(), e.String()
}

// tamper does what only the owner of the database can.
func (w *auditWorld) tamper(statements ...string) {
	w.t.Helper()
	off := []string{"DROP TRIGGER audit_is_append_only", "DROP TRIGGER audit_is_never_emptied", "DROP TRIGGER audit_seals_are_append_only",
		"DROP TRIGGER audit_seals_are_never_emptied", "DROP TRIGGER movements_are_kept", "PRAGMA foreign_keys = 0"}
	if w.db.Dialect == "postgres" {
		off = []string{"ALTER TABLE audit DISABLE TRIGGER ALL", "ALTER TABLE audit_seals DISABLE TRIGGER ALL", "ALTER TABLE movements DISABLE TRIGGER ALL"}
	}
	for _, statement := range append(off, statements...) {
		if _, err := w.walkWorld.db.DB().ExecContext(w.t.Context(), statement); err != nil {
			w.t.Fatalf("%s: %v", statement, err)
		}
	}
}

var headForm = regexp.MustCompile(`head (\d+:[0-9a-f]{64})`)

func headOf(t *testing.T, out string) string {
	t.Helper()
	found := headForm.FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no head in %q", out)
	}
	return found[1]
}

// recordAgrees holds every coupon and movement against the record.
func (w *walkWorld) recordAgrees() {
	w.t.Helper()
	for a, err := range w.db.Accounts(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, sentence := range a.Differences() {
			w.t.Errorf("004-55 %s", sentence)
		}
	}
}

func TestAuditVerify_SoundData(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		code, out, errs := w.command("verify")
		if code != 0 || !strings.HasPrefix(out, "0 rows hold") || !strings.Contains(out, "; 12 not sealed yet") {
			t.Fatalf("rows that are new are no fault: exit %d, %q %q", code, out, errs)
		}
		w.seal()
		code, out, errs = w.command("verify")
		if code != 0 || !strings.HasPrefix(out, "12 rows hold, head 12:") || !strings.HasSuffix(out, "; 0 not sealed yet\n") {
			t.Fatalf("004-37 sound data: exit %d, %q %q", code, out, errs)
		}
		head := headOf(t, out)
		w.convert(w.member(), "later")
		w.seal()
		if code, out, errs := w.command("verify", "--expect", head); code != 0 || headOf(t, out) == head {
			t.Fatalf("a head that was written down: exit %d, %q %q", code, out, errs)
		}
		for _, wrong := range []string{"12:" + strings.Repeat("0", 64), "99" + head[2:]} {
			if code, out, _ := w.command("verify", "--expect", wrong); code != 1 || !strings.Contains(out, "head differs from the expected") {
				t.Fatalf("%s: exit %d, %q", wrong, code, out)
			}
		}
		if code, _, errs := w.command("verify", "--expect", "12"); code != 1 || !strings.Contains(errs, "--expect") {
			t.Fatalf("half a head: exit %d, %q", code, errs)
		}
	})
}

func TestAuditVerify_TamperedData(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, statement, says string
	}{
		{"004-37 the points of a refund", `UPDATE movements SET points = points + 100 WHERE kind = 'give_back'`, "200 points"},
		{"004-37 the reference of a refund", `UPDATE movements SET reference = 'CANCEL-X' WHERE kind = 'give_back'`, "no audit row records points.given_back CANCEL-X"},
		{"004-37 a refund is removed", `DELETE FROM movements WHERE kind = 'give_back'`, "no such movement is applied"},
		{"004-37 the audit row of a refund", `UPDATE audit SET detail = replace(detail, '100', '200') WHERE action = 'points.given_back'`, ": changed"},
		{"004-37 the actor of a refund", `UPDATE audit SET actor = 'nobody' WHERE action = 'points.given_back'`, ": changed"},
		{"004-37 the audit row of a refund is removed", `DELETE FROM audit WHERE action = 'points.given_back'`, ": missing"},
		{"004-37 the seal of a refund is removed", `DELETE FROM audit_seals WHERE audit_id = (SELECT id FROM audit WHERE action = 'points.given_back')`,
			": seal missing"},
		{"004-55 a status that nobody recorded", `UPDATE coupons SET status = 'cancelled' WHERE status = 'failed'`, `its status is "cancelled"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newAuditWorld(t, db).seal()
				w.tamper(tc.statement)
				code, out, errs := w.command("verify")
				if code != 1 || !strings.Contains(out, tc.says) || !strings.Contains(out, w.refund.Code) || !strings.Contains(errs, "the audit does not hold") {
					t.Fatalf("exit %d, %q %q; want %q of %s", code, out, errs, tc.says, w.refund.Code)
				}
			})
		})
	}
}

func TestAuditVerify_WhatOnlyAHeadShows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		if _, _, err := w.walkWorld.db.SaveCustomer(t.Context(), domain.Customer{ID: "last", CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()},
			domain.AuditEntry{At: w.clock.Now(), Actor: "test", Action: "customer.linked", Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		_, out, _ := w.seal().command("verify")
		head := headOf(t, out)
		w.tamper(`DELETE FROM audit_seals WHERE seq = 13`, `DELETE FROM audit WHERE actor = 'test' AND id > 2`)
		if code, out, errs := w.command("verify"); code != 0 {
			t.Fatalf("the last row was cut off, and nothing tells: exit %d, %q %q", code, out, errs)
		}
		if code, out, _ := w.command("verify", "--expect", head); code != 1 || !strings.Contains(out, "the chain ends at 12") {
			t.Fatalf("exit %d, %q", code, out)
		}
	})
}

func TestAuditVerify_RowsThatStayWithoutSeal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db).seal()
		w.convert(w.member(), "waits")
		w.clock.Advance(9 * time.Minute)
		w.convert(w.member(), "waits too")
		if code, out, errs := w.command("verify"); code != 0 || !strings.Contains(out, "8 not sealed yet") {
			t.Fatalf("exit %d, %q %q", code, out, errs)
		}
		w.clock.Advance(2 * time.Minute)
		w.convert(w.member(), "and this")
		if code, out, _ := w.command("verify"); code != 1 || !strings.Contains(out, "audit row 13: seal missing") {
			t.Fatalf("exit %d, %q", code, out)
		}
	})
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		folder := t.TempDir()
		save := func(args ...string) (path, text string) {
			t.Helper()
			code, out, errs := w.command(append([]string{"export"}, args...)...)
			if code != 0 {
				t.Fatalf("export %v: exit %d, %q", args, code, errs)
			}
			path = filepath.Join(folder, "export.jsonl")
			if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
			return path, out
		}
		path, _ := save() // before anything is sealed
		if code, out, errs := runAudit(t, nil, "verify", "--file", path); code != 0 || !strings.HasPrefix(out, "0 rows hold") {
			t.Fatalf("an empty export: exit %d, %q %q", code, out, errs)
		}
		_, verified, _ := w.seal().command("verify")
		path, whole := save()
		code, out, errs := runAudit(t, nil, "verify", "--file", path)
		if code != 0 || headOf(t, out) != headOf(t, verified) || strings.Count(whole, "\n") != 14 {
			t.Fatalf("a whole export: exit %d, %q %q\n%s", code, out, errs, whole)
		}
		later := w.clock.Now().Add(-3 * time.Minute).UTC().Format(time.RFC3339)
		path, part := save("--from", later)
		code, out, errs = runAudit(t, nil, "verify", "--file", path, "--expect", headOf(t, verified))
		if rows := strings.Count(part, "\n") - 2; code != 0 || rows < 5 || rows > 11 || !strings.Contains(whole, strings.Split(part, "\n")[1]) {
			t.Fatalf("from %s: exit %d, %q %q\n%s", later, code, out, errs, part)
		}
		_, until := save("--to", later)
		if n := strings.Count(until, "\n") + strings.Count(part, "\n") - 4; n != 12 || strings.Contains(until, w.refund.Code) {
			t.Fatalf("both halves have %d rows, want 12:\n%s", n, until)
		}
		path, none := save("--from", "2040-01-01")
		if code, out, _ := runAudit(t, nil, "verify", "--file", path, "--expect", headOf(t, verified)); code != 0 || strings.Count(none, "\n") != 2 {
			t.Fatalf("an export of no rows: exit %d, %q\n%s", code, out, none)
		}
		if code, _, errs := w.command("export", "--from", "yesterday"); code != 1 || !strings.Contains(errs, "yesterday") {
			t.Fatalf("exit %d, %q", code, errs)
		}

		forged := strings.Replace(whole, `"action":"points.given_back"`, `"action":"points.granted"`, 1)
		if err := os.WriteFile(path, []byte(forged), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := runAudit(t, nil, "verify", "--file", path); code != 1 || !strings.Contains(out, w.refund.Code+": changed") {
			t.Fatalf("004-37 a forged export: exit %d, %q", code, out)
		}
		if code, _, errs := runAudit(t, nil, "verify", "--file", filepath.Join(folder, "nothing")); code != 1 || errs == "" {
			t.Fatalf("no file: exit %d, %q", code, errs)
		}
		w.tamper(`DELETE FROM audit WHERE action = 'points.given_back'`)
		if code, _, errs := w.command("export"); code != 1 || !strings.Contains(errs, "audit verify") {
			t.Fatalf("a row that is gone: exit %d, %q", code, errs)
		}
	})
}

// recordOfDemo asks a running demo for the record of a code, and its database for a verdict.
func recordOfDemo(t *testing.T, file demoFile, data, code string) {
	t.Helper()
	admin := caller{t, file.API, file.Keys["ec_admin"]}
	var lines []any
	eventually(t, "every line is sealed", func() bool {
		got := admin.do("GET", "/v1/audit?coupon="+code, "", "")
		lines, _ = got.body["items"].([]any)
		newest := map[string]any{}
		if len(lines) > 0 {
			newest, _ = lines[0].(map[string]any)
		}
		return got.status == 200 && newest["seq"] != nil && newest["hash"] != nil
	})
	for i, action := range []string{"coupon.activated", "points.taken", "conversion.started"} {
		line, _ := lines[i].(map[string]any)
		if line["action"] != action || line["actor"] == "" || line["at"] == nil || line["outcome"] != "done" || line["coupon_code"] != code {
			t.Errorf("line %d is %v, want %s", i, line, action)
		}
	}
	if got := (caller{t, file.API, file.Keys["staff"]}).do("GET", "/v1/audit", "", ""); got.status != 403 {
		t.Errorf("staff read the record: %d", got.status)
	}
	if code, out, errs := runAudit(t, nil, "verify", "--data", data); code != 0 || headOf(t, out) == "" {
		t.Errorf("exit %d, %q %q", code, out, errs)
	}
}
