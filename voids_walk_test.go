package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

// TestMadeGoodForReal lets orders come to nothing in the simulated store and makes them good, in processes that die at every
// commit and act, on both databases.
// covers: 000-02, 000-03, 000-04, 004-07, 004-30, T-05
func TestMadeGoodForReal(t *testing.T) {
	t.Parallel()
	for _, outcome := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newEndWorld(t, db, true)
				w.shop.OnDiscountChange(w.watchReissues())
				places := w.makeGood(outcome, 0, 0)
				if places < 7 {
					t.Fatalf("only %d places were found", places)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) {
						w.onEnd(t).makeGood(outcome, n, 0)
					})
				}
				for n := 1; n <= 4; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) {
						w.onEnd(t).makeGood(outcome, 0, n)
					})
				}
			})
		})
	}
}

// watchReissues is asked before anybody can see a change in the store: a code that nobody paid for becomes usable only as
// the successor of one that is dead.
// covers: 000-11
func (w *endWorld) watchReissues() func(simshopify.Change) {
	usable := map[string]bool{}
	return func(c simshopify.Change) {
		usable[c.Discount.Code] = c.Usable
		if !c.Usable {
			return
		}
		st, err := w.db.ByCode(w.t.Context(), c.Discount.Code)
		if err == nil && st.Coupon.ReissuedFrom == "" {
			w.neverFree(c)
			return
		}
		if err != nil || usable[st.Coupon.ReissuedFrom] {
			w.t.Errorf("%s becomes usable: %v, beside %s", c.Discount.Code, err, st.Coupon.ReissuedFrom)
		}
	}
}

// makeGood has an order cancelled, decides in a process that is cut off, lets another one finish, and asks again.
func (w *endWorld) makeGood(outcome coupons.Outcome, dieAt, loseAt int) (places int) {
	w.t.Helper()
	w.faults.Clear()
	member, code := w.issued()
	gid := w.gid()
	order, err := w.shop.Checkout(gid, []string{code}, "3000")
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.process(w.watched())
	see := func() {
		w.t.Helper()
		if err := s.RefreshOrder(w.t.Context(), order, domain.HintNone); err != nil {
			w.t.Fatal(err)
		}
	}
	see()
	if err := w.shop.CancelOrder(order, "DECLINED"); err != nil {
		w.t.Fatal(err)
	}
	see()
	see()
	id := w.caseOf(code, coupons.ReviewOrderCancelled)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.watched()}
	first := w.process(m.Ports())
	d := coupons.Decision{Caller: theManager(), ReviewID: id, Outcome: outcome, Note: "declined", Key: "g1" + code}
	_, _, _ = first.Decide(w.t.Context(), d)
	if err := first.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	places, _ = m.Walked()
	if dieAt > 0 {
		m.Kill()
	}
	s = w.process(w.watched())
	w.settle(s)
	d.Key = "g2" + code
	_, _, _ = s.Decide(w.t.Context(), d)
	see()
	w.settle(s)
	w.madeGood(member, gid, code, outcome)
	return places
}

// covers: 000-01, 000-02, 000-10, 004-07, 004-31
func (w *endWorld) madeGood(member, gid, code string, outcome coupons.Outcome) {
	w.t.Helper()
	list, err := w.db.Listing.List(w.t.Context(), listing.Filter{CustomerID: member, Limit: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	cases, err := w.db.Reviews(w.t.Context(), coupons.ReviewFilter{Limit: 500})
	cases = slices.DeleteFunc(cases, func(r coupons.Review) bool { return r.Code != code })
	if err != nil || len(cases) != 1 || cases[0].Open || cases[0].Outcome != outcome || cases[0].Reason != "declined" {
		w.t.Errorf("the reviews are %+v, %v", cases, err)
	}
	old := list[len(list)-1]
	if old.Code != code || old.Status != domain.Used || w.shop.Usable(code) {
		w.t.Errorf("the old coupon is %+v", old)
	}
	balance, _ := w.till.Balance(member)
	grants := w.count(code, domain.GrantReference(""))
	if outcome == coupons.OutcomeGrant {
		if len(list) != 1 || grants != 1 || balance != 1250 {
			w.t.Errorf("%d coupons, %d grants, balance %d", len(list), grants, balance)
		}
		for _, e := range w.till.AllEntries() {
			if e.Reference == domain.GrantReference(code) && (e.RelatedReference != domain.TakeReference(code) || e.Reason != "Refund due to order cancellation" || e.Amount != 500) {
				w.t.Errorf("the grant is booked as %+v", e)
			}
		}
	} else {
		w.spendable(list, gid, code)
		if grants != 0 || balance != 750 {
			w.t.Errorf("%d grants, balance %d", grants, balance)
		}
	}
	checker := &books.Checker{Ours: w.db.Books, Runs: w.db.Books, Till: w.ledger, Shop: w.admin, Fields: w.admin, Uses: w.process(w.watched()), Clock: instantClock{w.clock},
		Timing: books.DefaultTiming()}
	sum, err := checker.Run(w.t.Context(), books.Options{CustomerID: member}, books.Sink{Difference: func(d books.Difference) { w.t.Errorf("the books: %+v", d) }})
	if err != nil || sum.Incomplete() || sum.Moving > 0 {
		w.t.Errorf("%+v, %v", sum, err)
	}
}

// spendable checks the new code as buyers meet it: good for its customer, once, and for nobody else.
// covers: 000-02, 000-03, 000-04, 000-05
func (w *endWorld) spendable(list []domain.Coupon, gid, code string) {
	w.t.Helper()
	if len(list) != 2 || list[0].Status != domain.Active || list[0].ReissuedFrom != code || list[1].SupersededBy != list[0].Code {
		w.t.Fatalf("the chain is %+v", list)
	}
	next := list[0].Code
	if got := w.shown(gid, next); got != "active" {
		w.t.Errorf("the metafield shows %q", got)
	}
	stranger := "gid://shopify/Customer/900000"
	_, _ = w.shop.AddCustomer(stranger, "s@example.com", "Stranger", "ja")
	if _, err := w.shop.OpenCheckout(stranger, []string{next}, "3000"); !errors.Is(err, simshopify.ErrOtherCustomer) {
		w.t.Errorf("somebody else: %v", err)
	}
	if d, ok := w.shop.DiscountByCode(next); !ok || d.UsageLimit == nil || *d.UsageLimit != 1 || d.EndsAt == nil || !d.EndsAt.After(w.clock.Now()) {
		w.t.Errorf("the new discount is %+v", d)
	}
	if _, err := w.shop.OpenCheckout(gid, []string{next}, "3000"); err != nil {
		w.t.Errorf("its own customer: %v", err)
	}
}
