package store_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reports"
	"pointbridge/integrations/store/storetest"
)

// TestALineThatTellsOfSeveralRefusalsCountsForAll: before it is sealed and after, and when everything is added up
// anew. What a text within it says is no number of it, and a line that is no refusal counts for itself.
func TestALineThatTellsOfSeveralRefusalsCountsForAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		desk := &reports.Desk{Store: s.Reports, Clock: couponstest.NewClock(), Zone: time.UTC}
		entry := func(outcome string, detail map[string]any) {
			t.Helper()
			e := domain.AuditEntry{At: time.Date(2026, 12, 1, 2, 59, 0, 0, time.UTC), Actor: "key:1",
				Action: "access.refused", Outcome: outcome, Detail: detail}
			if err := s.Audit.Record(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		counts := func(when string) {
			t.Helper()
			got, err := desk.Summary(t.Context(), desk.Today(), desk.Today())
			if err != nil || got.Total.Of(reports.Refused).Coupons != 1+499+1+3+1 {
				t.Errorf("%s there are %d refusals, %v", when, got.Total.Of(reports.Refused).Coupons, err)
			}
		}
		entry(domain.OutcomeRefused, nil)
		entry(domain.OutcomeRefused, map[string]any{"times": 499, "since": "x"})
		entry(domain.OutcomeRefused, map[string]any{"operation": `","times":900,"x":"`})
		entry(domain.OutcomeRefused, map[string]any{"operation": `"times":900}`, "times": 3})
		entry(domain.OutcomeDone, map[string]any{"times": 70})
		if _, err := s.DB().ExecContext(t.Context(), `INSERT INTO audit (at, actor, action, outcome, detail)
			SELECT at, actor, action, outcome, 'no JSON' FROM audit WHERE outcome = 'refused' ORDER BY id LIMIT 1`); err != nil {
			t.Fatal(err)
		}
		counts("before they are sealed")
		seal(t, s)
		counts("sealed")
		if err := s.Reports.RebuildRollup(t.Context()); err != nil {
			t.Fatal(err)
		}
		counts("added up anew")
	})
}
