package coupons_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// remedy is one way in which a voided order is made good.
type remedy struct {
	name    string
	set     func(*world)
	outcome coupons.Outcome
}

// covers: 000-02, 004-07
func remedies() []remedy {
	nothing := func(*world) {}
	unsafe := func(w *world) { w.out.keys, w.pos.Replay = false, false }
	blind := func(w *world) { w.pos.Lookup = false }
	wiped := func(w *world) { w.out.codes, w.out.wiped = map[string]*coupons.FoundDiscount{}, true }
	return []remedy{
		{"reissue", nothing, coupons.OutcomeReissue},
		{"reissue, somebody deleted the old code", wiped, coupons.OutcomeReissue},
		{"grant", nothing, coupons.OutcomeGrant},
		{"grant, keys are not safe to replay", unsafe, coupons.OutcomeGrant},
		{"grant, references cannot be looked up", blind, coupons.OutcomeGrant},
		{"grant, somebody deleted the code", wiped, coupons.OutcomeGrant},
	}
}

// liveRemedy decides in a process that is cut off at a place, then starts a new one on what is left, in which everybody
// decides again and the order is told of again.
func liveRemedy(t *testing.T, r remedy, dieAt, loseAt int) (reached, acts int) {
	t.Helper()
	w, _ := withVoidedOrder(t, r.set)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: ports{Store: w.db, Ledger: w.out, Shop: w.out}}
	p := m.Ports()
	first := w.service(&p)
	_, _, _ = first.Decide(t.Context(), decision(r.outcome, "d1"))
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		w.rest(first)
	} else {
		m.Kill()
	}
	w.rest(w.service(nil))
	w.settledByHand(r.outcome)
	w.balanced()
	w.again(r)
	w.madeGood(r.outcome)
	return m.Walked()
}

// again decides under a fresh key, and tells of the order.
func (w *world) again(r remedy) {
	w.t.Helper()
	s := w.service(nil)
	_, _, _ = s.Decide(w.t.Context(), decision(r.outcome, "d2"))
	w.told(s, w.out.orders...)
	w.pass(s)
}

// settledByHand is the person who looks into the POS's own records when the service cannot.
func (w *world) settledByHand(of coupons.Outcome) {
	w.t.Helper()
	if w.db.coupons[0].ParkedAt == nil {
		return
	}
	outcome := coupons.OutcomeNotApplied
	if w.out.count(domain.GrantReference(w.db.coupons[0].Code)) > 0 {
		outcome = coupons.OutcomeApplied
	}
	s := w.service(nil)
	d := coupons.Decision{Caller: manager(), ReviewID: 2, Outcome: outcome, Key: "p-" + string(of)}
	if _, _, err := s.Decide(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
	w.pass(s)
}

// madeGood checks that exactly one thing was done, whole, and that its mail was sent.
func (w *world) madeGood(outcome coupons.Outcome) {
	w.t.Helper()
	w.balanced()
	old := w.db.coupons[0]
	granted := w.out.count(domain.GrantReference(old.Code))
	good, mail := 0, domain.MailGranted
	for _, c := range w.db.coupons[1:] {
		if c.Status == domain.Active && c.ReissuedFrom == old.Code {
			good++
		}
	}
	if outcome == coupons.OutcomeReissue {
		mail = domain.MailReissued
	}
	if old.Status != domain.Used || outcome == coupons.OutcomeReissue && (good != 1 || granted != 0) ||
		outcome == coupons.OutcomeGrant && (good != 0 || granted != 1) {
		w.t.Errorf("%s: %d new codes, %d grants, %+v", outcome, good, granted, old)
	}
	if w.db.reviews[0].Open || w.db.reviews[0].Outcome != outcome {
		w.t.Errorf("%+v", w.db.reviews)
	}
	mailed := 0
	for _, m := range w.out.mails {
		if m.Kind == mail {
			mailed++
		}
	}
	if mailed != 1 {
		w.t.Errorf("%d mails of %s", mailed, mail)
	}
}

// TestRemedyCrashWalk dies at every place of every remedy, and loses every answer there is.
// covers: T-05
func TestRemedyCrashWalk(t *testing.T) {
	t.Parallel()
	for _, r := range remedies() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			places, acts := liveRemedy(t, r, 0, 0)
			if places < 8 || acts < 2 {
				t.Fatalf("only %d places and %d acts were found: the walk walks past something", places, acts)
			}
			for n := 1; n <= places; n++ {
				t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) {
					t.Parallel()
					liveRemedy(t, r, n, 0)
				})
			}
			for n := 1; n <= acts+2; n++ {
				for d := 0; d <= places+4; d++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost, dies at place %d", n, d), func(t *testing.T) {
						t.Parallel()
						liveRemedy(t, r, d, n)
					})
				}
			}
		})
	}
}

// TestRacingRemedies lets two processes finish, at the same time, what a dead one left, while people decide again and
// the order is told of again.
// covers: T-05
func TestRacingRemedies(t *testing.T) {
	t.Parallel()
	for _, r := range remedies() {
		places, _ := liveRemedy(t, r, 0, 0)
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", r.name, n), func(t *testing.T) {
				t.Parallel()
				w, _ := withVoidedOrder(t, r.set)
				m := &couponstest.Mortal{DieAt: n, Inner: ports{Store: w.db, Ledger: w.out, Shop: w.out}}
				p := m.Ports()
				dead := w.service(&p)
				_, _, _ = dead.Decide(t.Context(), decision(r.outcome, "d1"))
				w.buried(m, dead)
				a, b := w.service(nil), w.service(nil)
				for round := range 20 {
					w.clock.Advance(11 * time.Second)
					ids, _ := w.db.Stuck(t.Context(), w.clock.Now(), 10)
					var wg sync.WaitGroup
					for i, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
						wg.Go(func() {
							_, _, _ = s.Decide(t.Context(), decision(r.outcome, fmt.Sprint("r", round, i)))
							_ = s.SeeOrder(t.Context(), w.out.orders[0])
						})
					}
					wg.Wait()
					w.drain(a, b)
				}
				w.rest(a)
				w.settledByHand(r.outcome)
				w.again(r)
				w.madeGood(r.outcome)
			})
		}
	}
}
