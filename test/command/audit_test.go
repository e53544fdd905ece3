package command

import (
	"log/slog"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// auditWorld is a database with two coupons and one conversion whose points were given back, sealed or not.
type auditWorld struct {
	*world.World
	refund domain.Coupon
}

func newAuditWorld(t *testing.T, db storetest.Database) *auditWorld {
	t.Helper()
	w := &auditWorld{World: world.New(t, db, true)}
	member := w.Member()
	w.Convert(member, "a")
	w.Clock.Advance(5 * time.Minute)
	w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	w.Convert(member, "refused")
	w.Faults.Clear()
	w.Rest(w.Service(w.Whole()))
	list, err := w.Store.Listing.List(t.Context(), listing.Filter{Status: domain.Failed, Limit: 2})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d refunds, %v", len(list), err)
	}
	w.refund = list[0]
	w.Convert(member, "b")
	return w
}

func (w *auditWorld) Convert(member, key string) {
	w.T.Helper()
	s := w.Service(w.Whole())
	_, err := s.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
		Points: 100, Key: key})
	if err != nil && key != "refused" {
		w.T.Fatal(err)
	}
	if err := s.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

func (w *auditWorld) seal() *auditWorld {
	w.T.Helper()
	w.Store.SetSealing(audit.NewKeys(world.GoodSecret), false)
	s := &audit.Sealer{Store: w.Store.Audit, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler)}
	if err := s.Seal(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	return w
}

// Command runs an audit command on the database.
func (w *auditWorld) Command(args ...string) (code int, out, errs string) {
	w.T.Helper()
	env := world.GoodEnvironment()
	env["DATABASE_URL"] = w.Database.URL
	return world.RunAudit(w.T, world.EnvironOf(env), args...)
}

// tamper does what only the owner of the database can.
func (w *auditWorld) tamper(statements ...string) {
	w.T.Helper()
	off := []string{"DROP TRIGGER audit_is_append_only", "DROP TRIGGER audit_is_never_emptied",
		"DROP TRIGGER audit_seals_are_append_only", "DROP TRIGGER audit_seals_are_never_emptied",
		"DROP TRIGGER audit_seals_in_line", "DROP TRIGGER movements_are_kept", "PRAGMA foreign_keys = 0"}
	if w.Database.Dialect == "postgres" {
		off = []string{"ALTER TABLE audit DISABLE TRIGGER ALL", "ALTER TABLE audit_seals DISABLE TRIGGER ALL",
			"ALTER TABLE movements DISABLE TRIGGER ALL"}
	}
	for _, statement := range append(off, statements...) {
		if _, err := w.Store.DB().ExecContext(w.T.Context(), statement); err != nil {
			w.T.Fatalf("%s: %v", statement, err)
		}
	}
}
