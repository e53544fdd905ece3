package main

import (
	"log/slog"
	"regexp"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
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
	list, err := w.walkWorld.db.Listing.List(t.Context(), listing.Filter{Status: domain.Failed, Limit: 2})
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
	w.walkWorld.db.SetSealing(audit.NewKeys(goodSecret), false)
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
		"DROP TRIGGER audit_seals_are_never_emptied", "DROP TRIGGER audit_seals_in_line", "DROP TRIGGER movements_are_kept", "PRAGMA foreign_keys = 0"}
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
// covers: 004-55
func (w *walkWorld) recordAgrees() {
	w.t.Helper()
	for a, err := range w.db.Accounts(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, sentence := range a.Differences() {
			w.t.Errorf("%s", sentence)
		}
	}
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

// recordHolds verifies the record of a service that was killed again and again, as its operator would.
// covers: 004-37, 004-55
func (k *killBed) recordHolds() {
	k.t.Helper()
	if code, out, errs := runAudit(k.t, k.env, "verify"); code != 0 || headOf(k.t, out) == "" {
		k.t.Errorf("exit %d, %q %q", code, out, errs)
	}
}
