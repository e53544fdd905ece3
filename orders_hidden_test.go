package main

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store/storetest"
)

// TestHiddenOrders: the simulated store hides orders of more than sixty days ago, as Shopify does from an app without
// read_all_orders. A refund of one is a case for a person; that it can be read after all is seen at the next telling.
// covers: 000-01, 000-09, 000-13, 004-07
func TestHiddenOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newEndWorld(t, db, true)
		w.policy.Auto = coupons.Auto{ReissueBelow: 1 << 40, Reviews: 100} // whatever could be decided alone would be
		member, code := w.issued()
		order, err := w.shop.Checkout(w.gid(), []string{code}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		told := func(hints ...domain.OrderHint) {
			t.Helper()
			s := w.process(w.watched())
			for _, hint := range hints {
				if err := s.RefreshOrder(t.Context(), order, hint); err != nil {
					t.Fatal(err)
				}
				if err := s.SweepOrders(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.settle(s)
		}
		told(domain.HintNone)
		w.clock.Advance(70 * 24 * time.Hour)
		if err := w.shop.RefundOrder(order, "", "sent it back"); err != nil {
			t.Fatal(err)
		}

		told(domain.HintNone, domain.HintNone)
		w.stands(member, code)
		if r := w.casesOf(code); len(r) != 0 {
			t.Errorf("a plain change of an order that cannot be read: %+v", r)
		}
		told(domain.HintRefunded, domain.HintRefunded, domain.HintNone)
		w.stands(member, code)
		if r := w.casesOf(code); len(r) != 1 || r[0].Kind != coupons.ReviewOrderRefunded || r[0].Reason != coupons.ReasonUnreadable || !r[0].Open {
			t.Errorf("after a refund the reviews are %+v", r)
		}
		told(domain.HintDeleted, domain.HintDeleted)
		w.stands(member, code)
		if r := w.casesOf(code); len(r) != 1 || r[0].Kind != coupons.ReviewOrderCancelled || r[0].Reason != coupons.ReasonUnreadable || !r[0].Open {
			t.Errorf("after a deletion the reviews are %+v", r)
		}

		id := w.caseOf(code, coupons.ReviewOrderCancelled)
		s := w.process(w.watched())
		d := coupons.Decision{Caller: theManager(), ReviewID: id, Outcome: coupons.OutcomeGrant, Note: "refunded in Shopify", Key: "g" + code}
		if _, _, err := s.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.shop.GrantAllOrders(true)
		told(domain.HintRefunded, domain.HintDeleted, domain.HintNone)
		if r := w.casesOf(code); len(r) != 1 || r[0].Open || r[0].Outcome != coupons.OutcomeGrant {
			t.Errorf("once the order could be read: %+v", r)
		}
		if balance, _ := w.till.Balance(member); balance != 1250 || w.count(code, domain.GrantReference("")) != 1 {
			t.Errorf("balance %d, %d grants", balance, w.count(code, domain.GrantReference("")))
		}
	})
}

// TestHiddenOrderIsReadWithTheScope: with read_all_orders the order tells how things are, and the rules decide as ever.
// covers: 000-09
func TestHiddenOrderIsReadWithTheScope(t *testing.T) {
	t.Parallel()
	w := newEndWorld(t, storetest.SQLite(t), true)
	w.shop.GrantAllOrders(true)
	_, code := w.issued()
	order, err := w.shop.Checkout(w.gid(), []string{code}, "3000")
	if err != nil {
		t.Fatal(err)
	}
	s := w.process(w.watched())
	for _, step := range []func() error{
		func() error { return nil },
		func() error {
			w.clock.Advance(70 * 24 * time.Hour)
			return w.shop.RefundOrder(order, "", "sent it back")
		},
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		if err := s.RefreshOrder(t.Context(), order, domain.HintRefunded); err != nil {
			t.Fatal(err)
		}
	}
	if r := w.casesOf(code); len(r) != 1 || r[0].Kind != coupons.ReviewOrderRefunded || r[0].Reason != coupons.ReasonRefunded {
		t.Errorf("%+v", r)
	}
}

// stands holds that a coupon is used as before: nothing was moved, nothing is said to be deleted, and the books agree.
func (w *endWorld) stands(member, code string) {
	w.t.Helper()
	st, err := w.db.ByCode(w.t.Context(), code)
	if err != nil || st.Coupon.Status != domain.Used || st.Coupon.SupersededBy != "" || len(st.Movements) != 1 {
		w.t.Errorf("%+v, %v", st, err)
	}
	history, err := w.db.History(w.t.Context(), st.Coupon.ID)
	for _, e := range history {
		if e.Action == "order.deleted" {
			w.t.Errorf("it is on record as deleted: %+v", e)
		}
	}
	if balance, _ := w.till.Balance(member); balance != 750 || err != nil {
		w.t.Errorf("balance %d, %v", balance, err)
	}
	checker := &books.Checker{Ours: w.db.Books, Runs: w.db.Books, Till: w.ledger, Shop: w.admin, Fields: w.admin, Uses: w.process(w.watched()), Clock: instantClock{w.clock},
		Timing: books.DefaultTiming()}
	sum, err := checker.Run(w.t.Context(), books.Options{CustomerID: member}, books.Sink{Difference: func(d books.Difference) { w.t.Errorf("the books: %+v", d) }})
	if err != nil || sum.Incomplete() {
		w.t.Error(fmt.Sprintf("%+v", sum), err)
	}
}

func (w *endWorld) casesOf(code string) (list []coupons.Review) {
	w.t.Helper()
	all, err := w.db.Reviews(w.t.Context(), coupons.ReviewFilter{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range all {
		if r.Code == code {
			list = append(list, r)
		}
	}
	return list
}
