package world

import (
	"errors"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// WatchReissues is asked before anybody can see a change in the store: a code that nobody paid for becomes usable only
// as the successor of one that is deactivated.
// covers: 000-11
func (w *Endings) WatchReissues() func(simshopify.Change) {
	usable := map[string]bool{}
	return func(c simshopify.Change) {
		usable[c.Discount.Code] = c.Usable
		if !c.Usable {
			return
		}
		st, err := w.Store.Coupons.ByCode(w.T.Context(), c.Discount.Code)
		if err == nil && st.Coupon.ReissuedFrom == "" {
			w.NeverFree(c)
			return
		}
		if err != nil || usable[st.Coupon.ReissuedFrom] {
			w.T.Errorf("%s becomes usable: %v, beside %s", c.Discount.Code, err, st.Coupon.ReissuedFrom)
		}
	}
}

// MakeGood has an order cancelled, decides in a process that is cut off, lets another one finish, and asks again.
func (w *Endings) MakeGood(outcome reviews.Outcome, dieAt, loseAt int) (places int) {
	w.T.Helper()
	w.Faults.Clear()
	member, code := w.Issued()
	gid := w.GID()
	order, err := w.Shopify.Checkout(gid, []string{code}, "3000")
	if err != nil {
		w.T.Fatal(err)
	}
	s := w.Process(w.Watched())
	see := func() {
		w.T.Helper()
		if err := w.Orders(s).RefreshOrder(w.T.Context(), order, domain.HintNone); err != nil {
			w.T.Fatal(err)
		}
	}
	see()
	if err := w.Shopify.CancelOrder(order, "DECLINED"); err != nil {
		w.T.Fatal(err)
	}
	see()
	see()
	id := w.ReviewOf(code, reviews.OrderCancelled)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Watched()}
	first := w.Process(m.Ports())
	d := coupons.Decision{Caller: TheManager(), ReviewID: id, Outcome: outcome, Note: "declined", Key: "g1" + code}
	_, _, _ = first.Decide(w.T.Context(), d)
	if err := first.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	places, _ = m.Walked()
	if dieAt > 0 {
		m.Kill()
	}
	s = w.Process(w.Watched())
	w.FinishAll(s)
	d.Key = "g2" + code
	_, _, _ = s.Decide(w.T.Context(), d)
	see()
	w.FinishAll(s)
	w.madeGood(member, gid, code, outcome)
	return places
}

// covers: 000-01, 000-02, 000-10, 004-07, 004-31
func (w *Endings) madeGood(member, gid, code string, outcome reviews.Outcome) {
	w.T.Helper()
	list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: member, Limit: 10})
	if err != nil {
		w.T.Fatal(err)
	}
	found, err := w.Store.Reviews.Reviews(w.T.Context(), reviews.Filter{Limit: 500})
	found = slices.DeleteFunc(found, func(r reviews.Review) bool { return r.Code != code })
	if err != nil || len(found) != 1 || found[0].Open || found[0].Outcome != outcome ||
		found[0].Reason != "declined" {
		w.T.Errorf("the reviews are %+v, %v", found, err)
	}
	old := list[len(list)-1]
	if old.Code != code || old.Status != domain.Used || w.Shopify.Usable(code) {
		w.T.Errorf("the old coupon is %+v", old)
	}
	balance, _ := w.POS.Balance(member)
	grants := w.Count(code, domain.GrantReference(""))
	if outcome == reviews.OutcomeGrant {
		if len(list) != 1 || grants != 1 || balance != 1250 {
			w.T.Errorf("%d coupons, %d grants, balance %d", len(list), grants, balance)
		}
		for _, e := range w.POS.AllEntries() {
			if e.Reference == domain.GrantReference(code) && (e.RelatedReference != domain.TakeReference(code) ||
				e.Reason != "Refund due to order cancellation" || e.Amount != 500) {
				w.T.Errorf("the grant is booked as %+v", e)
			}
		}
	} else {
		w.spendable(list, gid, code)
		if grants != 0 || balance != 750 {
			w.T.Errorf("%d grants, balance %d", grants, balance)
		}
	}
	checker := &books.Checker{Ours: w.Store.Books, Runs: w.Store.Books, POS: w.Ledger, Shop: w.Admin, Fields: w.Admin,
		Uses: w.Process(w.Watched()), Clock: InstantClock{w.Clock}, Timing: books.DefaultTiming()}
	sum, err := checker.Run(w.T.Context(), books.Options{CustomerID: member},
		books.Sink{Difference: func(d books.Difference) { w.T.Errorf("the books: %+v", d) }})
	expect.MustEqual(w.T, "err", err, nil)
	expect.Equal(w.T, "sum.Incomplete()", sum.Incomplete(), false)
	expect.That(w.T, "sum.Moving <= 0", sum.Moving <= 0, sum.Moving)
}

// spendable checks the new code as buyers meet it: good for its customer, once, and for nobody else.
// covers: 000-02, 000-03, 000-04, 000-05
func (w *Endings) spendable(list []domain.Coupon, gid, code string) {
	w.T.Helper()
	if len(list) != 2 || list[0].Status != domain.Active || list[0].ReissuedFrom != code ||
		list[1].SupersededBy != list[0].Code {
		w.T.Fatalf("the chain is %+v", list)
	}
	next := list[0].Code
	if got := w.Shown(gid, next); got != "active" {
		w.T.Errorf("the metafield shows %q", got)
	}
	stranger := "gid://shopify/Customer/900000"
	_, _ = w.Shopify.AddCustomer(stranger, "s@example.com", "Stranger", "ja")
	if _, err := w.Shopify.OpenCheckout(stranger, []string{next}, "3000"); !errors.Is(err, simshopify.ErrOtherCustomer) {
		w.T.Errorf("somebody else: %v", err)
	}
	if d, ok := w.Shopify.DiscountByCode(next); !ok || d.UsageLimit == nil || *d.UsageLimit != 1 || d.EndsAt == nil ||
		!d.EndsAt.After(w.Clock.Now()) {
		w.T.Errorf("the new discount is %+v", d)
	}
	if _, err := w.Shopify.OpenCheckout(gid, []string{next}, "3000"); err != nil {
		w.T.Errorf("its own customer: %v", err)
	}
}
