package coupons_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
)

// covers: 000-02, 004-07
func remedies() []couponstest.Remedy {
	nothing := func(*world) {}
	unsafe := func(w *world) { w.Out.Keys, w.POS.Replay = false, false }
	byAmount := func(w *world) { w.Promise(coupons.Capabilities{Lookup: coupons.LookupAmount}) }
	blind := func(w *world) { w.POS.Lookup = coupons.LookupNone }
	wiped := func(w *world) { w.Out.Codes, w.Out.Wiped = map[string]*coupons.FoundDiscount{}, true }
	return []couponstest.Remedy{
		{Name: "reissue", Set: nothing, Outcome: reviews.OutcomeReissue},
		{Name: "reissue, somebody deleted the old code", Set: wiped, Outcome: reviews.OutcomeReissue},
		{Name: "grant", Set: nothing, Outcome: reviews.OutcomeGrant},
		{Name: "grant, keys are not safe to replay", Set: unsafe, Outcome: reviews.OutcomeGrant},
		{Name: "grant, references cannot be looked up", Set: blind, Outcome: reviews.OutcomeGrant},
		{Name: "grant, entries bear no references", Set: byAmount, Outcome: reviews.OutcomeGrant},
		{Name: "grant, somebody deleted the code", Set: wiped, Outcome: reviews.OutcomeGrant},
	}
}

// liveRemedy decides in a process that is cut off at a place, then starts a new one on what is left, in which everybody
// decides again and the order is told of again.
func liveRemedy(t *testing.T, r couponstest.Remedy, dieAt, loseAt int) *couponstest.Mortal {
	t.Helper()
	w, _ := couponstest.WithVoidedOrder(t, r.Set)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
	p := m.Ports()
	first := w.Service(&p)
	_, _, _ = first.Decide(t.Context(), couponstest.Decision(r.Outcome, "d1"))
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		w.Rest(first)
	} else {
		m.Kill()
	}
	w.Rest(w.Service(nil))
	w.SettledByHand(r.Outcome)
	w.Balanced()
	w.Again(r)
	w.MadeGood(r.Outcome)
	return m
}

// TestRemedyCrashWalk dies at every place of every remedy, and loses every answer there is.
// covers: T-05
func TestRemedyCrashWalk(t *testing.T) {
	t.Parallel()
	for _, r := range remedies() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			walked{places: 8, acts: 2}.everywhere(t, func(t *testing.T, dieAt, loseAt int) *couponstest.Mortal {
				t.Helper()
				return liveRemedy(t, r, dieAt, loseAt)
			})
		})
	}
}

// TestRacingRemedies lets two processes finish, at the same time, what a dead one left, while people decide again and
// the order is told of again.
// covers: T-05
func TestRacingRemedies(t *testing.T) {
	t.Parallel()
	for _, r := range remedies() {
		places, _ := liveRemedy(t, r, 0, 0).Walked()
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", r.Name, n), func(t *testing.T) {
				t.Parallel()
				w, _ := couponstest.WithVoidedOrder(t, r.Set)
				m := &couponstest.Mortal{DieAt: n, Inner: w.Whole()}
				p := m.Ports()
				dead := w.Service(&p)
				_, _, _ = dead.Decide(t.Context(), couponstest.Decision(r.Outcome, "d1"))
				w.Buried(m, dead)
				a, b := w.Service(nil), w.Service(nil)
				for round := range 20 {
					w.Clock.Advance(11 * time.Second)
					ids, _ := w.DB.Stuck(t.Context(), w.Clock.Now(), 10)
					var wg sync.WaitGroup
					for i, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
						wg.Go(func() {
							_, _, _ = s.Decide(t.Context(), couponstest.Decision(r.Outcome, fmt.Sprint("r", round, i)))
							_ = w.Orders(s).SeeOrder(t.Context(), w.Out.Orders[0])
						})
					}
					wg.Wait()
					w.Drain(a, b)
				}
				w.Rest(a)
				w.SettledByHand(r.Outcome)
				w.Again(r)
				w.MadeGood(r.Outcome)
			})
		}
	}
}
