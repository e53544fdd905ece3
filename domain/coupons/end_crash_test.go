package coupons_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
)

// ending is one way in which a coupon ends, and what must have come of it.
type ending struct {
	name string
	set  func(*world)
	run  func(*coupons.Service, *testing.T, string)
	must []domain.Status
}

func suspendAnd(outcome reviews.Outcome) func(*coupons.Service, *testing.T, string) {
	return func(s *coupons.Service, t *testing.T, code string) {
		_, _ = s.Suspend(t.Context(), coupons.Suspension(couponstest.Cancellation(code, "s1")))
		_, _, _ = s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1, Outcome: outcome, Note: "seen",
			Key: "d1"})
	}
}

func refund(s *coupons.Service, t *testing.T, code string) {
	_, _ = s.Refund(t.Context(), coupons.RefundRequest{Cancellation: couponstest.Cancellation(code, "r1"),
		Reference: "POS-1"})
}

func endings() []ending {
	nothing := func(*world) {}
	unsafe := func(w *world) { w.Out.Keys, w.POS.Replay = false, false }
	byAmount := func(w *world) { w.Promise(coupons.Capabilities{Lookup: coupons.LookupAmount}) }
	mute := func(w *world) { w.Promise(coupons.Capabilities{Lookup: coupons.LookupNone}) }
	blind := func(w *world) { w.POS.Lookup = coupons.LookupNone }
	ended := []domain.Status{domain.Cancelled, domain.Active}
	decided := []domain.Status{domain.Cancelled, domain.Active, domain.Suspended}
	return []ending{
		{"cancel", nothing, couponstest.Cancel, ended},
		{"cancel, keys are not safe to replay", unsafe, couponstest.Cancel, ended},
		{"cancel, references cannot be looked up", blind, couponstest.Cancel, ended},
		{"cancel, entries bear no references", byAmount, couponstest.Cancel, ended},
		{"cancel, nothing can be asked", mute, couponstest.Cancel, ended},
		{"suspend, then return points, entries bear no references", byAmount, suspendAnd(reviews.OutcomeReturnPoints),
			decided},
		{"cancel, somebody deleted the code", func(w *world) {
			w.Out.Codes, w.Out.Wiped = map[string]*coupons.FoundDiscount{}, true
		}, couponstest.Cancel, ended},
		{"cancel, somebody switches the code on again", switchOnOnce, couponstest.Cancel, ended},
		{"refund", nothing, refund, ended},
		{"suspend, then return points", nothing, suspendAnd(reviews.OutcomeReturnPoints), decided},
		{"suspend, then return points, keys are not safe to replay", unsafe, suspendAnd(reviews.OutcomeReturnPoints),
			decided},
		{"suspend, then forfeit", nothing, suspendAnd(reviews.OutcomeForfeit), []domain.Status{domain.Forfeited,
			domain.Active, domain.Suspended}},
	}
}

// switchOnOnce lets somebody switch the deactivated code on again before it is asked whether it was used.
func switchOnOnce(w *world) {
	var once sync.Once
	w.Out.OnAct = func(act string) {
		if act != "usage" {
			return
		}
		w.Out.Mu.Lock()
		defer w.Out.Mu.Unlock()
		for _, d := range w.Out.Codes {
			if d.Status == "EXPIRED" {
				once.Do(func() { switchedOn(d) })
			}
		}
	}
}

// liveEnding runs one ending in a process that is cut off at a place, then starts a new one on what is left, in which
// everybody asks again.
func liveEnding(t *testing.T, e ending, dieAt, loseAt int) *couponstest.Mortal {
	t.Helper()
	w, code := couponstest.WithCoupon(t, e.set)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
	p := m.Ports()
	first := w.Service(&p)
	e.run(first, t, code)
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		w.Rest(first)
	} else {
		m.Kill()
	}
	w.Rest(w.Service(nil))
	asked := w.POS.Replay || w.POS.Lookup != coupons.LookupNone
	if n := w.ByHand(w.Service(nil)); n > 0 && asked {
		t.Errorf("%d times a person was asked for what the POS says", n)
	}
	w.BalancedAs(e.must)
	last := w.Service(nil)
	e.run(last, t, code)
	w.Pass(last)
	w.ByHand(w.Service(nil))
	w.BalancedAs(e.must[:1])
	return m
}

// TestEndingCrashWalk dies at every place of every ending, and loses every answer there is.
// covers: 004-25, 004-57
func TestEndingCrashWalk(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			// The steps of a suspension go on beside the decision about it.
			beside := slices.Contains(e.must, domain.Suspended)
			walked{places: 8, acts: 2, beside: beside}.everywhere(t, func(t *testing.T, dieAt, loseAt int) *couponstest.Mortal {
				t.Helper()
				return liveEnding(t, e, dieAt, loseAt)
			})
		})
	}
}

// TestRacingEndings lets two processes finish, at the same time, what a dead one left of an ending.
// covers: 004-29
func TestRacingEndings(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		places, _ := liveEnding(t, e, 0, 0).Walked()
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", e.name, n), func(t *testing.T) {
				t.Parallel()
				w, code := couponstest.WithCoupon(t, e.set)
				m := &couponstest.Mortal{DieAt: n, Inner: w.Whole()}
				p := m.Ports()
				dead := w.Service(&p)
				e.run(dead, t, code)
				w.Buried(m, dead)
				a, b := w.Service(nil), w.Service(nil)
				for range 20 {
					w.Clock.Advance(11 * time.Second)
					ids, _ := w.DB.Stuck(t.Context(), w.Clock.Now(), 10)
					var wg sync.WaitGroup
					for _, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
						wg.Go(func() { e.run(s, t, code) })
					}
					wg.Wait()
					w.Drain(a, b)
				}
				w.Rest(a)
				w.ByHand(a)
				w.BalancedAs(e.must[:1])
			})
		}
	}
}
