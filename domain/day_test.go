package domain

import (
	"testing"
	"time"
)

// TestDaysWithoutMidnight names the first moment of days on which the clocks go from 0:00 to 1:00, from 1:00 to 0:00,
// and of a date that a zone left out.
func TestDaysWithoutMidnight(t *testing.T) {
	t.Parallel()
	cases := []struct{ zone, date, start string }{
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"},
		{"America/Santiago", "2026-09-07", "2026-09-07T03:00:00Z"},
		{"America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z"},
		{"Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z"},
		{"Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},
		{"Asia/Tokyo", "2026-03-29", "2026-03-28T15:00:00Z"},
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},
		{"UTC", "2026-03-29", "2026-03-29T00:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			date, err := time.Parse(time.DateOnly, c.date)
			if err != nil {
				t.Fatal(err)
			}
			start := StartOfDay(date, zone)
			if got := start.Format(time.RFC3339); got != c.start {
				t.Errorf("begins at %s, not %s", got, c.start)
			}
			if day := start.In(zone).Format(time.DateOnly); day != c.date {
				t.Errorf("the clocks show %s then", day)
			}
			if day := start.Add(-time.Second).In(zone).Format(time.DateOnly); day >= c.date {
				t.Errorf("the clocks show %s a second before", day)
			}
		})
	}
}
