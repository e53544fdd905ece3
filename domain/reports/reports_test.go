package reports

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestStretches asks slots of a period for their day and compares with the calendar. (Before 2012 some clocks were
// changed a minute after midnight, within a slot.)
func TestStretches(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
		"America/St_Johns", "Pacific/Apia", "Africa/Cairo",
		"America/Santiago", "Atlantic/Azores", "Asia/Beirut", "America/Havana"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(rt *rapid.T) {
			first := time.Date(rapid.IntRange(2012, 2045).Draw(rt, "year"), 1, rapid.IntRange(1, 366).Draw(rt, "day"),
				0, 0, 0, 0, time.UTC)
			p, err := NewPeriod(first, first.AddDate(0, 0, rapid.IntRange(0, MaxDays-1).Draw(rt, "days")), zone)
			if err != nil {
				rt.Fatal(err)
			}
			next := SlotOf(p.begins(p.first))
			for _, s := range p.stretches() {
				if s.From != next || s.To <= s.From {
					rt.Fatalf("%s: %+v does not begin at %d", name, s, next)
				}
				for at := s.From; at < s.To; at += 3 {
					date := time.Unix(int64(at)*900, 0).In(zone)
					if want := dayNumber(dateOf(date)); s.Day(at) != want {
						rt.Fatalf("%s: slot %d is on day %d, not %d", name, at, s.Day(at), want)
					}
				}
				next = s.To
				if first, end := s.Whole(); first < end {
					for day, in := range map[int64]bool{first - 1: false, first: true, end - 1: true, end: false} {
						begins, ends := s.Begins(day), s.Begins(day+1)
						if s.Day(begins) != day || s.Day(ends-1) != day || in != (begins >= s.From && ends <= s.To) {
							rt.Fatalf("%s: whole are the days %d to %d of %+v", name, first, end, s)
						}
					}
				} else if s.To-s.From >= 2*96 {
					rt.Fatalf("%s: no whole day in %+v", name, s)
				}
			}
			if next != SlotOf(p.begins(p.last.AddDate(0, 0, 1))) {
				rt.Fatalf("%s: the period ends at %d", name, next)
			}
		})
	}
}

// TestTheLastDayOfALeapYear comes to an end.
func TestTheLastDayOfALeapYear(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPeriod(time.Date(2040, 12, 30, 0, 0, 0, 0, time.UTC), time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC),
		zone)
	if err != nil {
		t.Fatal(err)
	}
	list := p.stretches()
	expect.MustThat(t, "len(list) != 0", len(list) != 0, list)
	expect.MustEqual(t, "list[len(list)-1].To-list[0].From", list[len(list)-1].To-list[0].From, 3*Slot(slotsOfDay))
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	for days, ok := range map[int]bool{-1: false, 0: true, 365: true, 366: false} {
		if _, err := NewPeriod(day, day.AddDate(0, 0, days), time.UTC); (err == nil) != ok ||
			(err != nil && !errors.Is(err, ErrPeriod)) {
			t.Errorf("%d days later: %v", days, err)
		}
	}
}

// TestEachMoveCountsOnce holds the rule for lines that repeat a move which another line tells.
func TestEachMoveCountsOnce(t *testing.T) {
	t.Parallel()
	one := Count{Coupons: 1, Points: 100}
	got := Add([]Lines{
		{Slot: 1, Action: "conversion.started", To: domain.Pending, Count: one},
		{Slot: 2, Action: "points.given_back", From: domain.Pending, To: domain.Failed, Count: one},
		{Slot: 2, Action: "conversion.failed", From: domain.Pending, To: domain.Failed, Outcome: domain.OutcomeRefused,
			Count: one},
		{Slot: 3, Action: "review.decided", From: domain.Suspended, To: domain.Forfeited, Count: one},
		{Slot: 3, Action: "review.decided", From: domain.Cancelling, To: domain.Cancelled, Reason: "other", Count: one},
		{Slot: 3, Action: "points.given_back", From: domain.Cancelling, To: domain.Cancelled, Reason: "other",
			Count: one},
		{Slot: 3, Action: "reissue.failed", From: domain.Pending, To: domain.Failed, Outcome: domain.OutcomeRefused,
			Count: one},
		{Slot: 3, Action: "reissue.failed", From: domain.Used, To: domain.Used, Outcome: domain.OutcomeRefused,
			Count: one},
		{Slot: 3, Action: "access.refused", Outcome: domain.OutcomeRefused, Count: Count{Coupons: 2}},
	})
	for status, want := range map[domain.Status]int64{domain.Pending: -1, domain.Failed: 2, domain.Suspended: -1,
		domain.Forfeited: 1, domain.Cancelling: -1, domain.Cancelled: 1} {
		if got.Status[status].Coupons != want {
			t.Errorf("%s: %v, want %d", status, got.Status[status], want)
		}
	}
	total := Totals{}
	for _, keys := range got.Slots {
		for k, c := range keys {
			total[k] = total[k].Plus(c)
		}
	}
	for kind, want := range map[Kind]Count{Failed: one.Plus(one), GivenBack: one.Plus(one), Forfeited: one, Cancelled: one,
		Refused: {Coupons: 4, Points: 200}, Issued: {}} {
		if total.Of(kind) != want {
			t.Errorf("%s: %v, want %v", kind, total.Of(kind), want)
		}
	}
	if total.By(Cancelled)["other"] != one || total.By(Refused)["access.refused"].Coupons != 2 {
		t.Errorf("by detail: %v", total)
	}
}

func TestRangesAreDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ today, of, first, last, beforeFirst, beforeLast string }{
		{"2026-03-01", "today", "2026-03-01", "2026-03-01", "2026-02-28", "2026-02-28"},
		{"2026-03-01", "yesterday", "2026-02-28", "2026-02-28", "2026-02-27", "2026-02-27"},
		{"2024-03-01", "yesterday", "2024-02-29", "2024-02-29", "2024-02-28", "2024-02-28"},
		{"2026-03-01", "7d", "2026-02-23", "2026-03-01", "2026-02-16", "2026-02-22"},
		{"2026-03-28", "28d", "2026-03-01", "2026-03-28", "2026-02-01", "2026-02-28"},
		{"2026-03-31", "month", "2026-03-01", "2026-03-31", "2026-01-29", "2026-02-28"},
		{"2026-03-31", "last_month", "2026-02-01", "2026-02-28", "2026-01-04", "2026-01-31"},
		{"2026-01-15", "last_month", "2025-12-01", "2025-12-31", "2025-10-31", "2025-11-30"},
	} {
		today, err := time.Parse(time.DateOnly, c.today)
		if err != nil {
			t.Fatal(err)
		}
		first, last, ok := Range(c.of).Days(today)
		before, until := Before(first, last)
		got := []string{first.Format(time.DateOnly), last.Format(time.DateOnly), before.Format(time.DateOnly),
			until.Format(time.DateOnly)}
		want := []string{c.first, c.last, c.beforeFirst, c.beforeLast}
		for i := range got {
			if !ok || got[i] != want[i] {
				t.Errorf("%s on %s: %v, not %v", c.of, c.today, got, want)
				break
			}
		}
	}
	if _, _, ok := Range("custom").Days(time.Time{}); ok {
		t.Error("a custom range has days")
	}
}
