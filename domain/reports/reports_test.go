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
		{Slot: 3, Action: "access.refused", Outcome: domain.OutcomeRefused, Count: Count{Coupons: 2}},
	})
	for status, want := range map[domain.Status]int64{domain.Pending: 0, domain.Failed: 1, domain.Suspended: -1,
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
	for kind, want := range map[Kind]Count{Failed: one, GivenBack: one.Plus(one), Forfeited: one, Cancelled: one,
		Refused: {Coupons: 3, Points: 100}, Issued: {}} {
		if total.Of(kind) != want {
			t.Errorf("%s: %v, want %v", kind, total.Of(kind), want)
		}
	}
	if total.By(Cancelled)["other"] != one || total.By(Refused)["access.refused"].Coupons != 2 {
		t.Errorf("by detail: %v", total)
	}
}
