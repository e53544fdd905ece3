package console

import (
	"testing"
	"time"

	"pointbridge/api/pages"
)

// TestAuditDaysWithoutMidnight asks the audit for a day on which the shop's clocks go from midnight to one o'clock: it
// holds nothing of the day before, and all of its last hour.
func TestAuditDaysWithoutMidnight(t *testing.T) {
	t.Parallel()
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	con := auditHandlers{&Console{deps: Deps{Base: &pages.Base{Shared: pages.Shared{Zone: santiago}}}}}
	f, wrong := con.auditFilter(auditQuery{From: "2026-09-06", To: "2026-09-06"})
	if len(wrong) > 0 {
		t.Fatalf("refused: %v", wrong)
	}
	if got := f.From.UTC().Format(time.RFC3339); got != "2026-09-06T04:00:00Z" {
		t.Errorf("from %s", got)
	}
	if got := f.To.UTC().Format(time.RFC3339); got != "2026-09-07T03:00:00Z" {
		t.Errorf("to %s", got)
	}
}
