package coupons_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// deaf is a POS that loses the answers to the first attempts at a movement, after booking them or before.
type deaf struct {
	*couponstest.Outside
	// booked says of each lost attempt, in their order, whether it was booked; what comes after them is answered.
	booked []bool
	// around is called before and after the first attempt.
	before, after func()
	tries         int
}

func (d *deaf) move(ctx context.Context, m domain.Movement,
	book func(context.Context, domain.Movement) (coupons.Entry, error)) (coupons.Entry, error) {
	d.tries++
	if d.tries > len(d.booked) {
		return book(ctx, m)
	}
	call := func(do func()) {
		if do != nil && d.tries == 1 {
			do()
		}
	}
	call(d.before)
	if d.booked[d.tries-1] {
		_, _ = book(ctx, m)
	}
	call(d.after)
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "lost"}
}

func (d *deaf) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return d.move(ctx, m, d.Outside.Deduct)
}

func (d *deaf) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return d.move(ctx, m, d.Outside.Add)
}

// byAmount is a world whose POS has no references, and its way out.
func byAmount(t *testing.T) *world {
	t.Helper()
	w := couponstest.NewWorld(t)
	w.Promise(coupons.Capabilities{Lookup: coupons.LookupAmount})
	return w
}

// lost converts 500 points while the answers are lost that d says, and lets everything come to rest.
func lost(t *testing.T, w *world, d *deaf) {
	t.Helper()
	d.Outside = w.Out
	p := w.Whole()
	p.Ledger = d
	s := w.Service(&p)
	if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
		t.Fatal(err)
	}
	w.Drain(s)
	w.Rest(s)
}

// isParked expects that a person is asked, once, and shown what was found.
func isParked(t *testing.T, w *world, entries int) *domain.Evidence {
	t.Helper()
	expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
	r := w.DB.Reviews[0]
	expect.MustEqual(t, "r.Kind", r.Kind, reviews.Unsettled)
	expect.MustThat(t, "r.Evidence != nil", r.Evidence != nil)
	expect.MustEqual(t, "len(r.Evidence.Found.Entries)", len(r.Evidence.Found.Entries), entries, r.Evidence)
	expect.Equal(t, "r.Evidence.Found.Balance", r.Evidence.Found.Balance, w.Out.Balances["8812370934"])
	expect.MustThat(t, "w.DB.Coupons[0].ParkedAt != nil", w.DB.Coupons[0].ParkedAt != nil)
	return r.Evidence
}

// isSettled expects one active coupon, whose points were taken once, and nothing for a person.
func isSettled(t *testing.T, w *world) {
	t.Helper()
	expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0, w.DB.Reviews)
	c := w.DB.Coupons[0]
	expect.Equal(t, "c.Status", c.Status, domain.Active)
	expect.Equal(t, "times taken", w.Out.Times(domain.TakeReference(c.Code)), 1)
	w.Balanced()
}

func TestWhatHappensAtTheTillBesideALostAnswer(t *testing.T) {
	t.Parallel()
	till := func(w *world, points int64, foreign bool) func() {
		return func() { w.Out.AtTheTill(points, foreign) }
	}
	for _, tc := range []struct {
		name    string
		points  int64
		foreign bool
		// alike says that the entry could be ours.
		alike bool
	}{
		{"a sale that earns points", 50, true, false},
		{"points that expired", -300, true, false},
		{"points that expired, as many as ours", -500, true, false},
		{"a clerk takes other points", -137, false, false},
		{"a clerk gives as many points as ours", 500, false, false},
		{"a clerk takes as many points as ours", -500, false, true},
	} {
		for _, booked := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, ours is booked %v", tc.name, booked), func(t *testing.T) {
				t.Parallel()
				t.Run("before we look", func(t *testing.T) {
					t.Parallel()
					w := byAmount(t)
					w.Out.Balances["8812370934"] = 1250
					w.Out.AtTheTill(tc.points, tc.foreign)
					lost(t, w, &deaf{booked: []bool{booked}})
					isSettled(t, w)
				})
				for _, when := range []string{"before", "after"} {
					if tc.alike && !booked {
						continue // see TestAnEntryByHandThatIsOursInEveryRespect
					}
					t.Run(when+" ours", func(t *testing.T) {
						t.Parallel()
						w := byAmount(t)
						d := &deaf{booked: []bool{booked}}
						if when == "before" {
							d.before = till(w, tc.points, tc.foreign)
						} else {
							d.after = till(w, tc.points, tc.foreign)
						}
						lost(t, w, d)
						if tc.alike {
							isParked(t, w, 2)
							expect.Equal(t, "w.ByHand(w.Service(nil))", w.ByHand(w.Service(nil)), 1)
							w.Balanced()
							return
						}
						isSettled(t, w)
					})
				}
			})
		}
	}
}

// TestAnEntryByHandThatIsOursInEveryRespect is the one thing that nobody can tell apart: the points are taken once, and
// one coupon stands for them.
func TestAnEntryByHandThatIsOursInEveryRespect(t *testing.T) {
	t.Parallel()
	w := byAmount(t)
	w.Out.OnAct = func(act string) {
		if act == "create" { // from here on the world takes the clerk's entry for the coupon's
			w.Out.Entries[0].Reference = domain.TakeReference(w.DB.Coupons[0].Code)
		}
	}
	lost(t, w, &deaf{booked: []bool{false}, after: func() { w.Out.AtTheTill(-500, false) }})
	isSettled(t, w)
	expect.Equal(t, "balance", w.Out.Balances["8812370934"], 750)
	expect.Equal(t, "entry", w.DB.Movements[0].EntryID, "e0")
}

func TestACreditWithoutAReference(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		booked []bool
		clerk  int64
		parked bool
	}{
		{"booked, the answer lost", []bool{true}, 0, false},
		{"lost on its way", []bool{false}, 0, false},
		{"lost on its way twice", []bool{false, false}, 0, false},
		{"lost, then booked and the answer lost", []bool{false, true}, 0, false},
		{"booked, and a clerk gives the same", []bool{true}, 500, true},
		{"booked, and a clerk takes the same", []bool{true}, -500, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := byAmount(t)
			s := w.Service(nil)
			got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1"))
			expect.MustEqual(t, "err", err, nil)
			d := &deaf{Outside: w.Out, booked: tc.booked}
			if tc.clerk != 0 {
				d.after = func() { w.Out.AtTheTill(tc.clerk, false) }
			}
			p := w.Whole()
			p.Ledger = d
			s = w.Service(&p)
			couponstest.Cancel(s, t, got.Coupon.Code)
			w.Drain(s)
			w.Rest(s)
			if tc.parked {
				isParked(t, w, 2)
			} else {
				expect.Equal(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0, w.DB.Reviews)
			}
			w.ByHand(w.Service(nil))
			expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Cancelled)
			w.Balanced()
		})
	}
}

// TestWhatArrivesLate: what arrives within the quiet time is waited for; what arrives after it is never taken for a
// movement, and two that could be are a person's.
func TestWhatArrivesLate(t *testing.T) {
	t.Parallel()
	takeOf := func(w *world) domain.Movement { return w.DB.Movements[0] }
	t.Run("within the quiet time", func(t *testing.T) {
		t.Parallel()
		w := byAmount(t)
		d := &deaf{Outside: w.Out, booked: []bool{false}}
		p := w.Whole()
		p.Ledger = d
		s := w.Service(&p)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.Drain(s)
		w.Clock.Advance(20 * time.Second)
		_, _ = w.Out.Deduct(t.Context(), takeOf(w))
		w.Rest(s)
		isSettled(t, w)
	})
	t.Run("within the quiet time, after an entry by hand that looks like it", func(t *testing.T) {
		t.Parallel()
		w := byAmount(t)
		p := w.Whole()
		p.Ledger = &deaf{Outside: w.Out, booked: []bool{false}, after: func() { w.Out.AtTheTill(-500, false) }}
		s := w.Service(&p)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.Drain(s)
		w.Clock.Advance(5 * time.Second)
		_ = s.Advance(t.Context(), 1)
		w.Clock.Advance(15 * time.Second)
		_, _ = w.Out.Deduct(t.Context(), takeOf(w))
		w.Rest(s)
		isParked(t, w, 2)
		w.ByHand(w.Service(nil))
		w.Balanced()
	})
	t.Run("long after it, before anybody asked", func(t *testing.T) {
		t.Parallel()
		w := byAmount(t)
		p := w.Whole()
		p.Ledger = &deaf{Outside: w.Out, booked: []bool{false}}
		s := w.Service(&p)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.Drain(s)
		w.Clock.Advance(time.Hour)
		_, _ = w.Out.Deduct(t.Context(), takeOf(w))
		w.Rest(s)
		isParked(t, w, 1)
		w.ByHand(w.Service(nil))
		expect.Equal(t, "w.DB.Movements[0].EntryID", w.DB.Movements[0].EntryID, "e0")
		w.Balanced()
	})
	t.Run("after it was sent again, whose answer is lost too", func(t *testing.T) {
		t.Parallel()
		w := byAmount(t)
		d := &deaf{booked: []bool{false, true}}
		w.Out.OnAct = func(act string) {
			if act == "deduct" && d.tries == 2 {
				w.Out.OnAct = nil
				_, _ = w.Out.Deduct(t.Context(), takeOf(w))
			}
		}
		lost(t, w, d)
		isParked(t, w, 2)
		expect.Equal(t, "len(w.Out.Codes)", len(w.Out.Codes), 0)
	})
}

func TestClocksThatDisagreeWithAPOSWithoutReferences(t *testing.T) {
	t.Parallel()
	for _, behind := range []time.Duration{-4 * time.Minute, 4 * time.Minute, -time.Hour, time.Hour} {
		for _, booked := range []bool{true, false} {
			t.Run(fmt.Sprintf("the POS is %s behind, ours is booked %v", behind, booked), func(t *testing.T) {
				t.Parallel()
				w := byAmount(t)
				w.Out.TillBehind = behind
				lost(t, w, &deaf{booked: []bool{booked}})
				if near := behind.Abs() < coupons.ClockSlack; near || !booked {
					isSettled(t, w)
					return
				}
				isParked(t, w, 0) // the entry is not where it should be, and the balance says that it is somewhere
				w.ByHand(w.Service(nil))
				w.Balanced()
			})
		}
	}
}

// TestOneMovementOfAMemberAtATime: a second conversion waits, and is told so, until what became of the first is known.
func TestOneMovementOfAMemberAtATime(t *testing.T) {
	t.Parallel()
	for _, booked := range []bool{true, false} {
		t.Run(fmt.Sprintf("booked %v", booked), func(t *testing.T) {
			t.Parallel()
			w := byAmount(t)
			p := w.Whole()
			p.Ledger = &deaf{Outside: w.Out, booked: []bool{booked}}
			first, second := w.Service(&p), w.Service(nil)
			if _, err := first.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			_, err := second.Convert(t.Context(), couponstest.Conversion(500, "k2"))
			refusedWith(t, err, domain.CodeConversionInProgress)
			w.Drain(first, second)
			w.Rest(first)
			if _, err := second.Convert(t.Context(), couponstest.Conversion(500, "k2")); err != nil {
				t.Fatal(err)
			}
			w.Rest(second)
			expect.Equal(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 2)
			expect.Equal(t, "balance", w.Out.Balances["8812370934"], 250)
			expect.Equal(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0)
			w.Balanced()
		})
	}
}

// TestAParkedMovementMakesTheNextOneUnclear: as long as nobody knows what became of one, an entry could be either's.
func TestAParkedMovementMakesTheNextOneUnclear(t *testing.T) {
	t.Parallel()
	w := byAmount(t)
	lost(t, w, &deaf{booked: []bool{true}, after: func() { w.Out.AtTheTill(-500, false) }})
	isParked(t, w, 2)
	w.Out.AtTheTill(1000, true)
	p := w.Whole()
	p.Ledger = &deaf{Outside: w.Out, booked: []bool{true}}
	s := w.Service(&p)
	if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k2")); err != nil {
		t.Fatal(err)
	}
	w.Drain(s)
	w.Rest(s)
	expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
	expect.Equal(t, "w.ByHand(w.Service(nil))", w.ByHand(w.Service(nil)), 2)
	w.Balanced()
}

// TestAQuestionThatFailsDecidesNothing: neither before a movement is sent, where nothing is sent then, nor after it.
func TestAQuestionThatFailsDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"entries", "balance"} {
		for kind, code := range map[domain.Kind]domain.Code{domain.KindUnknown: domain.CodeUpstreamUnavailable,
			domain.KindUnavailable: domain.CodeUpstreamUnavailable, domain.KindAuth: domain.CodeUpstreamUnavailable} {
			t.Run(fmt.Sprintf("%s is %s", act, kind), func(t *testing.T) {
				t.Parallel()
				w := byAmount(t)
				w.Out.Refuse[act] = &domain.UpstreamError{Kind: kind, Upstream: "pos", Act: act}
				_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1"))
				refusedWith(t, err, code)
				expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 0)
				delete(w.Out.Refuse, act)

				w = byAmount(t)
				d := &deaf{Outside: w.Out, booked: []bool{true}}
				d.after = func() {
					w.Out.Refuse[act] = &domain.UpstreamError{Kind: kind, Upstream: "pos", Act: act}
				}
				p := w.Whole()
				p.Ledger = d
				s := w.Service(&p)
				if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
					t.Fatal(err)
				}
				w.Drain(s)
				for range 10 {
					_ = s.Advance(t.Context(), 1)
					w.Clock.Advance(31 * time.Second)
				}
				expect.Equal(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0)
				expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Pending)
				delete(w.Out.Refuse, act)
				w.Rest(s)
				isSettled(t, w)
			})
		}
	}
}
