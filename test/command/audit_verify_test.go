package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// covers: 004-37
func TestAuditVerify_SoundData(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		code, out, errs := w.Command("verify")
		if code != 0 || !strings.HasPrefix(out, "0 rows hold") || !strings.Contains(out, "; 12 not sealed yet") {
			t.Fatalf("rows that are new are no fault: exit %d, %q %q", code, out, errs)
		}
		w.seal()
		code, out, errs = w.Command("verify")
		if code != 0 || !strings.HasPrefix(out, "12 rows hold, head 12:") || !strings.Contains(out,
			"; 0 not sealed yet\nAuthentic: keyed seals begin at 1") {
			t.Fatalf("sound data: exit %d, %q %q", code, out, errs)
		}
		head := world.HeadOf(t, out)
		w.Convert(w.Member(), "later")
		w.seal()
		if code, out, errs := w.Command("verify", "--expect", head); code != 0 || world.HeadOf(t, out) == head {
			t.Fatalf("a head that was written down: exit %d, %q %q", code, out, errs)
		}
		for _, wrong := range []string{"12:" + strings.Repeat("0", 64), "99" + head[2:]} {
			if code, out, _ := w.Command("verify", "--expect", wrong); code != 1 || !strings.Contains(out,
				"head differs from the expected") {
				t.Fatalf("%s: exit %d, %q", wrong, code, out)
			}
		}
		if code, _, errs := w.Command("verify", "--expect", "12"); code != 1 || !strings.Contains(errs, "--expect") {
			t.Fatalf("half a head: exit %d, %q", code, errs)
		}
	})
}

// covers: 004-37, 004-55
func TestAuditVerify_TamperedData(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, statement, says string
	}{
		{"the points of a refund", `UPDATE movements SET points = points + 100 WHERE kind = 'give_back'`, "200 points"},
		{"the reference of a refund", `UPDATE movements SET reference = 'CANCEL-X' WHERE kind = 'give_back'`,
			"no audit row records points.given_back CANCEL-X"},
		{"a refund is removed", `DELETE FROM movements WHERE kind = 'give_back'`, "no such movement is applied"},
		{"the audit row of a refund", `UPDATE audit SET detail = replace(detail, '100', '200') WHERE action = 'points.given_back'`, ": changed"},
		{"the actor of a refund", `UPDATE audit SET actor = 'nobody' WHERE action = 'points.given_back'`, ": changed"},
		{"the audit row of a refund is removed", `DELETE FROM audit WHERE action = 'points.given_back'`, ": missing"},
		{"the seal of a refund is removed",
			`DELETE FROM audit_seals WHERE audit_id = (SELECT id FROM audit WHERE action = 'points.given_back')`,
			": seal missing"},
		{"a status that nobody recorded", `UPDATE coupons SET status = 'cancelled' WHERE status = 'failed'`,
			`its status is "cancelled"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newAuditWorld(t, db).seal()
				w.tamper(tc.statement)
				code, out, errs := w.Command("verify")
				if code != 1 || !strings.Contains(out, tc.says) || !strings.Contains(out, w.refund.Code) ||
					!strings.Contains(errs, "the audit does not hold") {
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
		if _, _, err := w.Store.Members.SaveCustomer(t.Context(), domain.Customer{ID: "last",
			CreatedAt: w.Clock.Now(), UpdatedAt: w.Clock.Now()},
			domain.AuditEntry{At: w.Clock.Now(), Actor: "test", Action: "customer.linked",
				Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		_, out, _ := w.seal().Command("verify")
		head := world.HeadOf(t, out)
		w.tamper(`DELETE FROM audit_seals WHERE seq = 13`, `DELETE FROM audit WHERE actor = 'test' AND id > 2`)
		if code, out, errs := w.Command("verify"); code != 0 {
			t.Fatalf("the last row was cut off, and nothing tells: exit %d, %q %q", code, out, errs)
		}
		if code, out, _ := w.Command("verify", "--expect", head); code != 1 || !strings.Contains(out,
			"the chain ends at 12") {
			t.Fatalf("exit %d, %q", code, out)
		}
	})
}

func TestAuditVerify_RowsThatStayWithoutSeal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db).seal()
		w.Convert(w.Member(), "waits")
		w.Clock.Advance(9 * time.Minute)
		w.Convert(w.Member(), "waits too")
		if code, out, errs := w.Command("verify"); code != 0 || !strings.Contains(out, "8 not sealed yet") {
			t.Fatalf("exit %d, %q %q", code, out, errs)
		}
		w.Clock.Advance(2 * time.Minute)
		w.Convert(w.Member(), "and this")
		if code, out, _ := w.Command("verify"); code != 1 || !strings.Contains(out, "audit row 13: seal missing") {
			t.Fatalf("exit %d, %q", code, out)
		}
	})
}

// covers: 004-37
func TestAuditExport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newAuditWorld(t, db)
		folder := t.TempDir()
		save := func(args ...string) (path, text string) {
			t.Helper()
			code, out, errs := w.Command(append([]string{"export"}, args...)...)
			if code != 0 {
				t.Fatalf("export %v: exit %d, %q", args, code, errs)
			}
			path = filepath.Join(folder, "export.jsonl")
			if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
			return path, out
		}
		_, verified, _ := w.seal().Command("verify")
		path, _ := save("--to", "2001-01-01")
		if code, out, errs := world.RunAudit(t, nil, "verify", "--file", path); code != 0 || !strings.HasPrefix(out,
			"0 rows hold") {
			t.Fatalf("an empty export: exit %d, %q %q", code, out, errs)
		}
		path, whole := save()
		code, out, errs := world.RunAudit(t, nil, "verify", "--file", path)
		if code != 0 || world.HeadOf(t, out) != world.HeadOf(t, verified) || strings.Count(whole, "\n") != 14 {
			t.Fatalf("a whole export: exit %d, %q %q\n%s", code, out, errs, whole)
		}
		later := w.Clock.Now().Add(-3 * time.Minute).UTC().Format(time.RFC3339)
		path, part := save("--from", later)
		code, out, errs = world.RunAudit(t, nil, "verify", "--file", path, "--expect", world.HeadOf(t, verified))
		if rows := strings.Count(part, "\n") - 2; code != 0 || rows < 5 || rows > 11 || !strings.Contains(whole,
			strings.Split(part, "\n")[1]) {
			t.Fatalf("from %s: exit %d, %q %q\n%s", later, code, out, errs, part)
		}
		_, until := save("--to", later)
		if n := strings.Count(until, "\n") + strings.Count(part, "\n") - 4; n != 12 || strings.Contains(until,
			w.refund.Code) {
			t.Fatalf("both halves have %d rows, want 12:\n%s", n, until)
		}
		path, none := save("--from", "2040-01-01")
		if code, out, _ := world.RunAudit(t, nil, "verify", "--file", path, "--expect",
			world.HeadOf(t, verified)); code != 0 || strings.Count(none, "\n") != 2 {
			t.Fatalf("an export of no rows: exit %d, %q\n%s", code, out, none)
		}
		var told int
		if err := w.Store.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM audit WHERE action = 'audit.export_begun' AND actor = 'operator'`).
			Scan(&told); err != nil || told != 5 {
			t.Fatalf("%d of 5 exports are in the audit, %v", told, err)
		}
		if code, _, errs := w.Command("export", "--from", "yesterday"); code != 1 || !strings.Contains(errs,
			"yesterday") {
			t.Fatalf("exit %d, %q", code, errs)
		}

		forged := strings.Replace(whole, `"action":"points.given_back"`, `"action":"points.granted"`, 1)
		if err := os.WriteFile(path, []byte(forged), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := world.RunAudit(t, nil, "verify", "--file", path); code != 1 || !strings.Contains(out,
			w.refund.Code+": changed") {
			t.Fatalf("a forged export: exit %d, %q", code, out)
		}
		if code, _, errs := world.RunAudit(t, nil, "verify", "--file", filepath.Join(folder, "nothing")); code != 1 ||
			errs == "" {
			t.Fatalf("no file: exit %d, %q", code, errs)
		}
		w.tamper(`DELETE FROM audit WHERE action = 'points.given_back'`)
		if code, _, errs := w.Command("export"); code != 1 || !strings.Contains(errs, "audit verify") {
			t.Fatalf("a row that is gone: exit %d, %q", code, errs)
		}
	})
}
