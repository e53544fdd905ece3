package world

import (
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// Checkout is how the store treats an order that comes while its code is cancelled.
type Checkout struct {
	Name             string
	UnsafeKeys, Held bool // held: a checkout that was open before the end still uses the code
	Lag              bool // the usage count comes late
}

// Overtaken cancels a coupon while an order with it is placed before the n-th place, or after everything.
func (w *Endings) Overtaken(c Checkout, n int, known, dies bool) (places int, end domain.Status) {
	w.T.Helper()
	member, code := w.Issued()
	gid := w.GID()
	var cart int64
	if c.Held {
		var err error
		if cart, err = w.Shopify.OpenCheckout(gid, []string{code}, "1000"); err != nil {
			w.T.Fatal(err)
		}
	}
	ordered := false
	order := func() {
		var err error
		if c.Held {
			_, err = w.Shopify.CompleteCheckout(cart)
		} else {
			_, err = w.Shopify.Checkout(gid, []string{code}, "1000")
		}
		ordered = err == nil
		if ordered && known {
			w.tellOf(code)
		}
	}
	gate := &couponstest.Gate{At: n, Do: order, Dies: dies, Inner: w.Watched()}
	s := w.Process(gate.Ports())
	_, err := s.Cancel(w.T.Context(), Ending(code, "c"))
	if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeCouponUsed}) &&
		!errors.Is(err, couponstest.ErrDied) {
		w.T.Error(err)
	}
	if err := s.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	places = gate.Reached()
	if places < n {
		order() // after everything
	}
	if dies && known { // nobody is at it any more when the order is heard of
		w.Clock.Advance(time.Minute)
		w.tellOf(code)
	}
	return places, w.reconciled(member, code, ordered)
}

// tellOf lets another process hear of the orders so far, and remembers whether it wrote the coupon's down.
func (w *Endings) tellOf(code string) {
	_ = w.Orders(w.Process(w.Watched())).SweepOrders(w.T.Context())
	st, err := w.Store.Coupons.ByCode(w.T.Context(), code)
	if err != nil {
		w.T.Error(err)
		return
	}
	w.Watch.Lock()
	defer w.Watch.Unlock()
	w.told[code] = w.told[code] || st.Coupon.UsedAt != nil
}

// reconciled lets a new process finish what is left and read the store's orders, and checks the books.
func (w *Endings) reconciled(member, code string, ordered bool) domain.Status {
	w.T.Helper()
	last := w.Process(w.Watched())
	w.Clock.Advance(time.Minute)
	w.FinishAll(last)
	for range 2 { // a second look changes nothing
		if err := w.Orders(last).SweepOrders(w.T.Context()); err != nil {
			w.T.Error(err)
		}
		w.FinishAll(last)
	}
	list := w.BalancedBooks(w.View(), member, 1250)
	if len(list) != 1 {
		w.T.Fatalf("%d coupons", len(list))
	}
	end := list[0]
	if (end.UsedAt != nil) != ordered || (end.UsedOrder != "") != ordered {
		w.T.Errorf("%s %s: ordered %v, known as %q", end.Status, code, ordered, end.UsedOrder)
	}
	if refund, err := last.FindRefund(w.T.Context(), domain.GiveBackReference(code)); end.Status == domain.Cancelled &&
		(err != nil || refund.Status != coupons.RefundDone) {
		w.T.Errorf("%s: refund %+v, %v", code, refund, err)
	}
	return end.Status
}
