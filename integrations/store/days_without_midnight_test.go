package store_test

import (
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestTheDayBeforeAMissingMidnightIsWhole: in Santiago the clocks went from the end of 5 September 2026 to one in the
// morning. What happened in the last hour of that day is told of with it, once.
func TestTheDayBeforeAMissingMidnightIsWhole(t *testing.T) {
	t.Parallel()
	santiago, err := time.LoadLocation("America/Santiago")
	expect.MustEqual(t, "err", err, nil)
	late := time.Date(2026, 9, 6, 3, 30, 0, 0, time.UTC) // half past eleven at night there
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.now = late
		w.see(1, 5, taro())
		w.ask(taro())
		_, err := w.store.DB().ExecContext(t.Context(), `UPDATE identity_uses SET used_at = '2026-09-06 03:30:00+00:00'`)
		expect.MustEqual(t, "err", err, nil)
		desk := decisions.Desk{Service: *w.Service, Gallery: w.store.Identity, Refusals: w.store.Identity, Zone: santiago}
		for date, want := range map[string]int{"2026-09-05": 1, "2026-09-06": 0} {
			on, err := time.Parse(time.DateOnly, date)
			expect.MustEqual(t, "err", err, nil)
			report, err := desk.Report(t.Context(), "summer", on, on)
			expect.MustEqual(t, "err", err, nil, date)
			expect.Equal(t, "refused by the report", report.Total.Refused, int64(want), date)
			expect.Equal(t, "uses of the report", report.Repeat.Uses, int64(want), date)
			blocked, err := desk.Blocked(t.Context(), "summer", on, on)
			expect.MustEqual(t, "err", err, nil, date)
			expect.Equal(t, "refusals", blocked.Refused, int64(want), date)
			uses, err := w.store.Campaigns.Uses(t.Context(), "summer", on, on, santiago)
			expect.MustEqual(t, "err", err, nil, date)
			expect.Equal(t, "uses of the campaign", uses.Days[0].Count, int64(want), date)
		}
	})
}
