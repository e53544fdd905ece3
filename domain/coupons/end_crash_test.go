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

// ending is one way in which a coupon ends, and what must have come of it.
type ending struct {
	name string
	set  func(*world)
	run  func(*coupons.Service, *testing.T, string)
	must []domain.Status
}

func manager() domain.Caller {
	return domain.Caller{ID: "staff:1", Name: "Sato", Role: domain.RoleStoreManager}
}

func cancellation(code, key string) coupons.Cancellation {
	return coupons.Cancellation{Caller: manager(), Code: code, Reason: domain.ReasonCustomerRequest, Note: "mistake",
		Key: key}
}

func cancel(s *coupons.Service, t *testing.T, code string) {
	_, _ = s.Cancel(t.Context(), cancellation(code, "c1"))
}

func suspendAnd(outcome coupons.Outcome) func(*coupons.Service, *testing.T, string) {
	return func(s *coupons.Service, t *testing.T, code string) {
		_, _ = s.Suspend(t.Context(), coupons.Suspension(cancellation(code, "s1")))
		_, _, _ = s.Decide(t.Context(), coupons.Decision{Caller: manager(), ReviewID: 1, Outcome: outcome, Key: "d1"})
	}
}

func refund(s *coupons.Service, t *testing.T, code string) {
	_, _ = s.Refund(t.Context(), coupons.RefundRequest{Cancellation: cancellation(code, "r1"), Reference: "POS-1"})
}

func endings() []ending {
	nothing := func(*world) {}
	unsafe := func(w *world) { w.out.keys, w.pos.Replay = false, false }
	blind := func(w *world) { w.pos.Lookup = false }
	ended := []domain.Status{domain.Cancelled, domain.Active}
	decided := []domain.Status{domain.Cancelled, domain.Active, domain.Suspended}
	return []ending{
		{"cancel", nothing, cancel, ended},
		{"cancel, keys are not safe to replay", unsafe, cancel, ended},
		{"cancel, references cannot be looked up", blind, cancel, ended},
		{"cancel, somebody deleted the code", func(w *world) { w.out.codes, w.out.wiped = map[string]*coupons.FoundDiscount{}, true }, cancel, ended},
		{"cancel, somebody switches the code on again", switchOnOnce, cancel, ended},
		{"refund", nothing, refund, ended},
		{"suspend, then return points", nothing, suspendAnd(coupons.OutcomeReturnPoints), decided},
		{"suspend, then return points, keys are not safe to replay", unsafe, suspendAnd(coupons.OutcomeReturnPoints),
			decided},
		{"suspend, then forfeit", nothing, suspendAnd(coupons.OutcomeForfeit), []domain.Status{domain.Forfeited,
			domain.Active, domain.Suspended}},
	}
}

// switchOnOnce lets somebody switch the deactivated code on again before it is asked whether it was used.
func switchOnOnce(w *world) {
	var once sync.Once
	w.out.onAct = func(act string) {
		if act != "usage" {
			return
		}
		w.out.mu.Lock()
		defer w.out.mu.Unlock()
		for _, d := range w.out.codes {
			if d.Status == "EXPIRED" {
				once.Do(func() { switchedOn(d) })
			}
		}
	}
}

// withCoupon is a world with one active coupon that has been told of.
func withCoupon(t *testing.T, set func(*world)) (*world, string) {
	t.Helper()
	w := newWorld(t)
	s := w.service(nil)
	got, err := s.Convert(t.Context(), conversion(500, "k1"))
	if err != nil {
		t.Fatal(err)
	}
	w.rest(s)
	set(w)
	return w, got.Coupon.Code
}

// liveEnding runs one ending in a process that is cut off at a place, then starts a new one on what is left, in which
// everybody asks again.
func liveEnding(t *testing.T, e ending, dieAt, loseAt int) (reached, acts int) {
	t.Helper()
	w, code := withCoupon(t, e.set)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: ports{Store: w.db, Ledger: w.out, Shop: w.out}}
	p := m.Ports()
	first := w.service(&p)
	e.run(first, t, code)
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		w.rest(first)
	} else {
		m.Kill()
	}
	w.rest(w.service(nil))
	w.balancedAs(e.must)
	last := w.service(nil)
	e.run(last, t, code)
	w.pass(last)
	w.balancedAs(e.must[:1])
	return m.Walked()
}

func (w *world) balancedAs(must []domain.Status) {
	w.t.Helper()
	w.balanced()
	for _, c := range w.db.coupons {
		ok := false
		for _, s := range must {
			ok = ok || c.Status == s
		}
		if !ok {
			w.t.Errorf("%s ended in %s, not in %v", c.Code, c.Status, must)
		}
	}
}

// TestEndingCrashWalk dies at every place of every ending, and loses every answer there is.
// covers: 004-25, 004-57
func TestEndingCrashWalk(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			places, acts := liveEnding(t, e, 0, 0)
			if places < 8 || acts < 2 {
				t.Fatalf("only %d places and %d acts were found: the walk walks past something", places, acts)
			}
			for n := 1; n <= places; n++ {
				t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) {
					t.Parallel()
					liveEnding(t, e, n, 0)
				})
			}
			for n := 1; n <= acts+2; n++ {
				for d := 0; d <= places+4; d++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost, dies at place %d", n, d), func(t *testing.T) {
						t.Parallel()
						liveEnding(t, e, d, n)
					})
				}
			}
		})
	}
}

// buried is a dead process of which nothing can arrive any more. Settle is how long after a lease something can; a test
// whose clock leaps must not hold back an act of the dead for longer, or a POS without safe keys books it twice,
// rightly.
func (w *world) buried(m *couponstest.Mortal, dead *coupons.Service) {
	w.t.Helper()
	w.drain(dead)
	m.Kill()
}

// TestRacingEndings lets two processes finish, at the same time, what a dead one left of an ending.
// covers: 004-29
func TestRacingEndings(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		places, _ := liveEnding(t, e, 0, 0)
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", e.name, n), func(t *testing.T) {
				t.Parallel()
				w, code := withCoupon(t, e.set)
				m := &couponstest.Mortal{DieAt: n, Inner: ports{Store: w.db, Ledger: w.out, Shop: w.out}}
				p := m.Ports()
				dead := w.service(&p)
				e.run(dead, t, code)
				w.buried(m, dead)
				a, b := w.service(nil), w.service(nil)
				for range 20 {
					w.clock.Advance(11 * time.Second)
					ids, _ := w.db.Stuck(t.Context(), w.clock.Now(), 10)
					var wg sync.WaitGroup
					for _, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
						wg.Go(func() { e.run(s, t, code) })
					}
					wg.Wait()
					w.drain(a, b)
				}
				w.rest(a)
				w.balancedAs(e.must[:1])
			})
		}
	}
}
