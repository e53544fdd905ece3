package main

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store/storetest"
)

// finale is one way in which a coupon ends, and what may have come of it: the first when everybody asked again.
type finale struct {
	name       string
	unsafeKeys bool
	wiped      bool // somebody has deleted the code in the store
	run        func(*endWorld, *coupons.Service, string)
	must       []domain.Status
}

func finales() []finale {
	ended := []domain.Status{domain.Cancelled, domain.Active}
	decided := []domain.Status{domain.Cancelled, domain.Active, domain.Suspended}
	return []finale{
		{"cancel", false, false, endByCancel, ended},
		{"cancel, keys not safe", true, false, endByCancel, ended},
		{"cancel, somebody deleted the code", false, true, endByCancel, ended},
		{"refund", false, false, endByRefund, ended},
		{"refund, keys not safe", true, false, endByRefund, ended},
		{"suspend, then return points", false, false, endBySuspension(coupons.OutcomeReturnPoints), decided},
		{"suspend, then return points, keys not safe", true, false, endBySuspension(coupons.OutcomeReturnPoints), decided},
		{"suspend, then forfeit", false, false, endBySuspension(coupons.OutcomeForfeit), []domain.Status{domain.Forfeited, domain.Active, domain.Suspended}},
	}
}

func theManager() domain.Caller {
	return domain.Caller{ID: "staff:1", Name: "Sato", Role: domain.RoleStoreManager}
}

func ending(code, key string) coupons.Cancellation {
	return coupons.Cancellation{Caller: theManager(), Code: code, Reason: domain.ReasonCustomerRequest, Note: "bought twice", Key: key + code}
}

func endByCancel(w *endWorld, s *coupons.Service, code string) {
	_, _ = s.Cancel(w.t.Context(), ending(code, "c"))
}

func endByRefund(w *endWorld, s *coupons.Service, code string) {
	_, _ = s.Refund(w.t.Context(), coupons.RefundRequest{Cancellation: ending(code, "r"), Reference: "TILL-" + code})
}

func endBySuspension(outcome coupons.Outcome) func(*endWorld, *coupons.Service, string) {
	return func(w *endWorld, s *coupons.Service, code string) {
		_, _ = s.Suspend(w.t.Context(), coupons.Suspension(ending(code, "s")))
		if id := w.caseOf(code, coupons.ReviewSuspectedFraud); id != 0 {
			_, _, _ = s.Decide(w.t.Context(), coupons.Decision{Caller: theManager(), ReviewID: id, Outcome: outcome, Key: "d" + code})
		}
	}
}

// caseOf is the number of a coupon's case, or 0.
func (w *endWorld) caseOf(code string, kind coupons.ReviewKind) int64 {
	list, err := w.db.Reviews(w.t.Context(), coupons.ReviewFilter{Limit: 50})
	if err != nil {
		w.t.Error(err)
	}
	for _, r := range list {
		if r.Code == code && r.Kind == kind {
			return r.ID
		}
	}
	return 0
}

// begin makes a coupon for an ending.
func (w *endWorld) begin(f finale) (member, code string) {
	w.t.Helper()
	w.faults.Clear()
	member, code = w.issued()
	if f.wiped {
		d, _ := w.shop.DiscountByCode(code)
		if err := w.admin.DeleteDiscount(w.t.Context(), fmt.Sprintf("gid://shopify/DiscountCodeNode/%d", d.ID)); err != nil {
			w.t.Fatal(err)
		}
		w.deleted[code] = true
	}
	return member, code
}

// endedAs checks a member's books, and that the one coupon ended as it may.
func (w *endWorld) endedAs(member, code string, must []domain.Status) {
	w.t.Helper()
	list := w.balancedBooks(w.view(), member, 1250)
	if len(list) != 1 || !slices.Contains(must, list[0].Status) {
		w.t.Fatalf("%s ended in %+v, not in %v", code, list, must)
	}
	if got := w.shown(list[0].ShopifyCustomerGID, code); got != string(list[0].Status.Public()) {
		w.t.Errorf("%s %s: the metafield shows %q", list[0].Status, code, got)
	}
}

// cutOff runs one ending in a process that is cut off, then a new process on what it left, then everybody asks again.
func (w *endWorld) cutOff(f finale, dieAt, loseAt int) (places, acts int) {
	w.t.Helper()
	member, code := w.begin(f)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.watched()}
	first := w.process(m.Ports())
	f.run(w, first, code)
	if err := first.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	places, acts = m.Walked()
	if dieAt == 0 {
		w.settle(first)
	}
	m.Kill()
	second := w.process(w.watched())
	w.settle(second)
	w.endedAs(member, code, f.must)
	f.run(w, second, code)
	w.settle(second)
	w.endedAs(member, code, f.must[:1])
	return places, acts
}

// TestEndingsCrashWalkForReal dies at every commit and act of every ending, and loses every answer, on both databases,
// against the simulators over HTTP.
// covers: 004-25, 004-57
func TestEndingsCrashWalkForReal(t *testing.T) {
	t.Parallel()
	for _, f := range finales() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newEndWorld(t, db, !f.unsafeKeys)
				places, acts := w.cutOff(f, 0, 0)
				if places < 8 || acts < 2 {
					t.Fatalf("only %d places and %d acts were found", places, acts)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { w.onEnd(t).cutOff(f, n, 0) })
				}
				for n := 1; n <= acts; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { w.onEnd(t).cutOff(f, 0, n) })
				}
				t.Run("the last answer is lost, then it dies", func(t *testing.T) {
					for n := places - 3; n <= places+4; n++ {
						w.onEnd(t).cutOff(f, n, acts)
					}
				})
			})
		})
	}
}

// TestEndingsRacedForReal lets two processes finish, at the same time, what a dead one left of an ending, while everybody
// asks again, on both databases.
// covers: 004-29, 004-57
func TestEndingsRacedForReal(t *testing.T) {
	t.Parallel()
	for _, f := range finales() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newEndWorld(t, db, !f.unsafeKeys)
				places, _ := w.cutOff(f, 0, 0)
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("died at place %d", n), func(t *testing.T) { w.onEnd(t).raced(f, n) })
				}
			})
		})
	}
}

func (w *endWorld) raced(f finale, diedAt int) {
	w.t.Helper()
	member, code := w.begin(f)
	m := &couponstest.Mortal{DieAt: diedAt, Inner: w.watched()}
	dead := w.process(m.Ports())
	f.run(w, dead, code)
	if err := dead.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	m.Kill()
	workers := []*coupons.Service{w.process(w.watched()), w.process(w.watched())}
	for range 8 {
		w.clock.Advance(11 * time.Second)
		ids, err := w.db.Stuck(w.t.Context(), w.clock.Now(), 10)
		if err != nil {
			w.t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 4 {
			for _, id := range ids {
				wg.Go(func() { _ = workers[i%2].Advance(w.t.Context(), id) })
			}
			wg.Go(func() { f.run(w, workers[i%2], code) })
		}
		wg.Wait()
		for _, s := range workers { // what is under way has arrived before the clock goes on
			if err := s.Drain(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.settle(workers[0])
	w.endedAs(member, code, f.must[:1])
}
