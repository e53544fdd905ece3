package poscheck_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/test/expect"
)

// fake is a POS that can be wrong in one way or another.
type fake struct {
	points  int64
	entries []entry
	// What it does not keep.
	forgets, keyless, pretends, late, overdraws, takesZero, unfiltered, wordless, knowsAll, fooled bool
	// throttles is how many calls are asked to wait first; refusesAdd how many points are not given back.
	throttles, refusesAdd int
	// disturb is called before each balance.
	disturb func(*fake)
}

type entry struct {
	m      domain.Movement
	points int64
}

func refused(reason string) error {
	return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Reason: reason}
}

func (f *fake) Balance(_ context.Context, member string) (coupons.Balance, error) {
	if member != "member" && !f.knowsAll {
		return coupons.Balance{}, refused(domain.ReasonCustomerNotFound)
	}
	if f.throttles > 0 {
		f.throttles--
		return coupons.Balance{}, &domain.UpstreamError{Kind: domain.KindThrottled, RetryAfter: time.Second}
	}
	if f.disturb != nil {
		f.disturb(f)
	}
	if f.late && len(f.entries) == 1 {
		return coupons.Balance{Points: f.points - f.entries[0].points}, nil
	}
	return coupons.Balance{Points: f.points}, nil
}

func (f *fake) book(m domain.Movement, points int64) (coupons.Entry, error) {
	for i, e := range f.entries {
		if same := e.m.Key == m.Key && !f.keyless || e.m.Reference == m.Reference; same && !f.forgets {
			return coupons.Entry{ID: strconv.Itoa(i), Points: e.points, Replayed: true}, nil
		}
	}
	switch {
	case m.Points == 0 && !f.takesZero:
		return coupons.Entry{}, refused("invalid_request")
	case f.points+points < 0 && f.wordless:
		return coupons.Entry{}, refused("no")
	case f.points+points < 0 && !f.overdraws:
		return coupons.Entry{}, refused(domain.ReasonInsufficientPoints)
	case points > 0 && f.refusesAdd > 0:
		f.refusesAdd--
		return coupons.Entry{}, refused("closed")
	}
	if f.pretends {
		return coupons.Entry{ID: "0", Points: points}, nil
	}
	f.points += points
	f.entries = append(f.entries, entry{m, points})
	balance := f.points
	if f.fooled {
		balance += 7
	}
	return coupons.Entry{ID: strconv.Itoa(len(f.entries) - 1), Points: points, Balance: &balance}, nil
}

func (f *fake) Deduct(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	return f.book(m, -m.Points)
}
func (f *fake) Add(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	return f.book(m, m.Points)
}

func (f *fake) Find(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	if f.unfiltered {
		return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Reason: domain.ReasonAmbiguous}
	}
	for i, e := range f.entries {
		if e.m.Reference == m.Reference {
			return coupons.Entry{ID: strconv.Itoa(i), Points: e.points}, nil
		}
	}
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindNotFound}
}

// Entries has no past: what was booked here is all there is.
func (f *fake) Entries(context.Context, string, time.Time, time.Time) (list []coupons.Entry, err error) {
	for i, e := range f.entries {
		list = append(list, coupons.Entry{ID: strconv.Itoa(i), Points: e.points})
	}
	return list, nil
}

type clock struct{ waits []time.Duration }

func (c *clock) Now() time.Time { return time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC) }

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.waits = append(c.waits, d)
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func exact() coupons.Capabilities {
	return coupons.Capabilities{Replay: true, Lookup: coupons.LookupExact, GuardsBelowZero: true}
}

func check(t *testing.T, f *fake, promised coupons.Capabilities) poscheck.Report {
	t.Helper()
	report := poscheck.Suite{Ledger: f, History: f, Promised: promised, Member: "member", Nobody: "nobody",
		Clock: &clock{}}.Run(t.Context())
	for _, finding := range report.Findings {
		if finding.Sentence.Text() == string(finding.Sentence) {
			t.Errorf("%s has no text", finding.Sentence)
		}
	}
	expect.MustEqual(t, "findings", len(report.Findings), len(poscheck.Checks()))
	return report
}

func TestWhatDoesNotHoldIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pos      fake
		check    poscheck.Check
		verdict  poscheck.Verdict
		sentence poscheck.Sentence
		broken   bool
	}{
		"everything holds": {fake{}, poscheck.Restored, poscheck.Held, poscheck.Fine, false},
		"a request is booked as often as it is sent": {fake{forgets: true}, poscheck.ReplayByKey, poscheck.NotHeld,
			poscheck.BookedTwice, true},
		"a balance lags behind": {fake{late: true}, poscheck.Deduct, poscheck.NotHeld, poscheck.Late, true},
		"a POS that gives credit": {fake{overdraws: true}, poscheck.BelowZero, poscheck.NotHeld, poscheck.Overdrawn,
			true},
		"a POS without words": {fake{wordless: true}, poscheck.BelowZero, poscheck.Held, poscheck.Wordless, false},
		"a POS that books nothing as something": {fake{takesZero: true}, poscheck.OddAmounts, poscheck.NotHeld,
			poscheck.TookZero, true},
		"a history that ignores what is asked": {fake{unfiltered: true}, poscheck.LookUp, poscheck.NotHeld,
			poscheck.NotTold, true},
		"a POS that knows everybody": {fake{knowsAll: true}, poscheck.UnknownMember, poscheck.NotHeld, poscheck.Known,
			true},
		"figures that do not add up": {fake{fooled: true}, poscheck.Deduct, poscheck.NotHeld, poscheck.OtherFigures,
			true},
		"a POS that asks to wait": {fake{throttles: 3}, poscheck.Restored, poscheck.Held, poscheck.Fine, false},
		"points that are not given back at first": {fake{refusesAdd: 1}, poscheck.Add, poscheck.NotHeld, poscheck.Refused,
			true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.pos.points = 50
			report := check(t, &c.pos, exact())
			got := report.Of(c.check)
			expect.MustEqual(t, "verdict", got.Verdict, c.verdict, report.Findings)
			expect.MustEqual(t, "sentence", got.Sentence, c.sentence, report.Findings)
			expect.MustEqual(t, "broken", slices.Contains(report.Broken(exact()), c.check), c.broken)
			expect.MustEqual(t, "points after it", c.pos.points, 50)
			expect.MustEqual(t, "owed", len(report.Owed), 0)
		})
	}
}

func TestWhatIsNeverGivenBackIsOwed(t *testing.T) {
	t.Parallel()
	pos := &fake{points: 50, refusesAdd: 100}
	report := check(t, pos, exact())
	expect.MustEqual(t, "points", pos.points, 49)
	expect.MustEqual(t, "owed", len(report.Owed), 1)
	owed := report.Owed[0]
	expect.MustEqual(t, "points owed", owed.Points, 1)
	expect.MustThat(t, "sure", owed.Sure)
	expect.MustEqual(t, "reference", owed.Reference, pos.entries[0].m.Reference)
	expect.MustEqual(t, "restored", report.Of(poscheck.Restored).Verdict, poscheck.NotHeld)
}

func TestWhatIsConfirmedAndNeverShownIsNoReasonToGive(t *testing.T) {
	t.Parallel()
	pos := &fake{points: 50, pretends: true}
	report := check(t, pos, exact())
	expect.MustEqual(t, "sentence", report.Of(poscheck.Deduct).Sentence, poscheck.Late)
	expect.MustEqual(t, "points", pos.points, 50)
	expect.MustEqual(t, "owed", len(report.Owed), 1)
	expect.MustEqual(t, "sure", report.Owed[0].Sure, false)
	expect.MustEqual(t, "restored", report.Of(poscheck.Restored).Verdict, poscheck.Unknown)
}

func TestEachBookingIsLinkedToWhatItGivesBack(t *testing.T) {
	t.Parallel()
	pos := &fake{points: 50, forgets: true}
	report := check(t, pos, exact())
	var sum int64
	open := map[string]int64{}
	for _, e := range pos.entries {
		sum += e.points
		if e.m.RelatedReference != "" {
			open[e.m.RelatedReference] += e.points
		} else {
			open[e.m.Reference] += e.points
		}
		if len(e.m.Reference) > 40 || e.points > 1 || e.points < -1 {
			t.Errorf("%d points under %q", e.points, e.m.Reference)
		}
	}
	expect.MustEqual(t, "sum", sum, 0)
	for reference, left := range open {
		expect.MustEqual(t, "left of "+reference, left, 0)
	}
	expect.MustEqual(t, "replay", report.Capabilities().Replay, false)
	expect.MustEqual(t, "lookup", report.Capabilities().Lookup, coupons.LookupExact)
}

func TestNotMoreThanAFewPointsAreRisked(t *testing.T) {
	t.Parallel()
	for points, want := range map[int64]struct {
		check    poscheck.Check
		sentence poscheck.Sentence
		entries  int
	}{2: {poscheck.Deduct, poscheck.TooFew, 0}, 101: {poscheck.BelowZero, poscheck.TooMany, 2}} {
		pos := &fake{points: points, overdraws: true}
		report := check(t, pos, exact())
		expect.MustEqual(t, "sentence", report.Of(want.check).Sentence, want.sentence)
		expect.MustEqual(t, "entries", len(pos.entries), want.entries)
		expect.MustEqual(t, "points", pos.points, points)
		expect.That(t, "what was not tried to be open", slices.Contains(report.Open(exact()), want.check), points)
	}
}

func TestAMemberWhomThePOSDoesNotHaveSaysNothingOfThePOS(t *testing.T) {
	t.Parallel()
	report := poscheck.Suite{Ledger: &fake{points: 50}, Promised: exact(), Member: "nobody", Nobody: "nobody",
		Clock: &clock{}}.Run(t.Context())
	expect.MustEqual(t, "sentence", report.Of(poscheck.Balance).Sentence, poscheck.NoSuchMember)
	expect.MustEqual(t, "broken", len(report.Broken(exact())), 0, report.Findings)
	expect.That(t, "the balance to be open", slices.Contains(report.Open(exact()), poscheck.Balance))
	alone := poscheck.Suite{Ledger: &fake{points: 50}, Promised: exact(), Nobody: "nobody", Clock: &clock{}}
	expect.MustEqual(t, "open without a member", len(alone.Run(t.Context()).Open(exact())), 0)
}

func TestAHistoryIsReadWhereEntriesBearNoReference(t *testing.T) {
	t.Parallel()
	promised := coupons.Capabilities{Lookup: coupons.LookupAmount, GuardsBelowZero: true}
	report := check(t, &fake{points: 50, forgets: true, unfiltered: true}, promised)
	expect.MustEqual(t, "history", report.Of(poscheck.History).Verdict, poscheck.Held)
	expect.MustEqual(t, "look-up", report.Of(poscheck.LookUp).Verdict, poscheck.NotAsked)
	expect.MustEqual(t, "broken", len(report.Broken(promised)), 0, report.Findings)
	expect.MustEqual(t, "lookup", report.Capabilities().Lookup, coupons.LookupAmount)
}

func TestSomebodyElsesPointsDecideNothing(t *testing.T) {
	t.Parallel()
	reads := 0
	pos := &fake{points: 50, disturb: func(f *fake) {
		if reads++; reads == 2 { // after the deduction
			f.points -= 20
		}
	}}
	report := check(t, pos, exact())
	expect.MustEqual(t, "verdict", report.Of(poscheck.Deduct).Verdict, poscheck.Unknown)
	expect.MustEqual(t, "sentence", report.Of(poscheck.Deduct).Sentence, poscheck.Disturbed)
	expect.MustEqual(t, "points", pos.points, 30)
	expect.MustEqual(t, "owed", len(report.Owed), 0)
}

func TestWhoBreaksOffGetsThePointsBack(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	pos := &fake{points: 50, disturb: func(f *fake) {
		if len(f.entries) == 1 {
			stop()
		}
	}}
	report := poscheck.Suite{Ledger: pos, Promised: exact(), Member: "member", Nobody: "nobody",
		Clock: &clock{}}.Run(ctx)
	expect.MustEqual(t, "points", pos.points, 50)
	expect.MustEqual(t, "owed", len(report.Owed), 0)
	expect.MustEqual(t, "the rest", report.Of(poscheck.BelowZero).Verdict, poscheck.NotAsked)
}
