package domain

import (
	"math"
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

// TestALineOfATableIsNoChange: tables of today's systems have a line at the last second of 32 bits at which clocks show
// the same as before.
func TestALineOfATableIsNoChange(t *testing.T) {
	t.Parallel()
	at := time.Unix(math.MaxInt32-3600, 0)
	for _, c := range []struct{ zone, next string }{
		{"America/Santiago", "2038-04-04T03:00:00Z"}, {"America/New_York", "2038-03-14T07:00:00Z"},
		{"America/Havana", "2038-03-14T05:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if next := NextClockChange(at, zone).UTC().Format(time.RFC3339); next != c.next {
			t.Errorf("%s: changes at %s, not %s", c.zone, next, c.next)
		}
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	if next := NextClockChange(at, tokyo); !next.IsZero() {
		t.Errorf("Asia/Tokyo changes at %s", next)
	}
}
