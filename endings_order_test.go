package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store/storetest"
)

// checkout is how the store treats an order that comes while its code is cancelled.
type checkout struct {
	name             string
	unsafeKeys, held bool // held: a checkout that was open before the end still uses the code
	lag              bool // the usage count comes late
}

func checkouts() []checkout {
	return []checkout{
		{"a dead code is refused", false, false, false},
		{"a dead code is refused, the count lags", false, false, true},
		{"an open checkout still uses the code", false, true, false},
		{"an open checkout still uses the code, the count lags", false, true, true},
		{"an open checkout still uses the code, the count lags, keys not safe", true, true, true},
	}
}

// TestCheckoutRaceForReal places an order between any two things that a cancellation does, told of or not, with the process
// dying there or not, on both databases, in the simulated store.
// covers: 004-17, T-02, T-11
func TestCheckoutRaceForReal(t *testing.T) {
	t.Parallel()
	for _, c := range checkouts() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newEndWorld(t, db, !c.unsafeKeys)
				w.shop.HeldCodesStayGood(c.held)
				if c.lag {
					w.shop.LagUsage(24 * time.Hour)
				}
				places, _ := w.overtaken(c, 0, false, false)
				if places < 8 {
					t.Fatalf("only %d places were found", places)
				}
				ends := map[domain.Status]int{}
				for n := 1; n <= places+1; n++ {
					for _, known := range []bool{false, true} {
						for _, dies := range []bool{false, true} {
							t.Run(fmt.Sprintf("order at place %d, told %v, dies %v", n, known, dies), func(t *testing.T) {
								_, end := w.onEnd(t).overtaken(c, n, known, dies)
								ends[end]++
							})
						}
					}
				}
				w.onEnd(t)
				if ends[domain.Used] == 0 || ends[domain.Cancelled] == 0 {
					t.Errorf("the order came first %d times, the credit %d times: one of them was never tried", ends[domain.Used], ends[domain.Cancelled])
				}
			})
		})
	}
}

// overtaken cancels a coupon while an order with it is placed before the n-th place, or after everything.
func (w *endWorld) overtaken(c checkout, n int, known, dies bool) (places int, end domain.Status) {
	w.t.Helper()
	member, code := w.issued()
	gid := w.gid()
	var cart int64
	if c.held {
		var err error
		if cart, err = w.shop.OpenCheckout(gid, []string{code}, "1000"); err != nil {
			w.t.Fatal(err)
		}
	}
	ordered := false
	order := func() {
		var err error
		if c.held {
			_, err = w.shop.CompleteCheckout(cart)
		} else {
			_, err = w.shop.Checkout(gid, []string{code}, "1000")
		}
		ordered = err == nil
		if ordered && known {
			w.tellOf(code)
		}
	}
	gate := &couponstest.Gate{At: n, Do: order, Dies: dies, Inner: w.watched()}
	s := w.process(gate.Ports())
	_, err := s.Cancel(w.t.Context(), ending(code, "c"))
	if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeCouponUsed}) && !errors.Is(err, couponstest.ErrDied) {
		w.t.Error(err)
	}
	if err := s.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	places = gate.Reached()
	if places < n {
		order() // after everything
	}
	if dies && known { // nobody is at it any more when the order is heard of
		w.clock.Advance(time.Minute)
		w.tellOf(code)
	}
	return places, w.reconciled(member, code, ordered)
}

// tellOf lets another process hear of the orders so far, and remembers whether it wrote the coupon's down.
func (w *endWorld) tellOf(code string) {
	_ = w.process(w.watched()).SweepOrders(w.t.Context())
	st, err := w.db.ByCode(w.t.Context(), code)
	if err != nil {
		w.t.Error(err)
		return
	}
	w.watch.Lock()
	defer w.watch.Unlock()
	w.told[code] = w.told[code] || st.Coupon.UsedAt != nil
}

// reconciled lets a new process finish what is left and read the store's orders, and checks the books.
func (w *endWorld) reconciled(member, code string, ordered bool) domain.Status {
	w.t.Helper()
	last := w.process(w.watched())
	w.clock.Advance(time.Minute)
	w.settle(last)
	for range 2 { // a second look changes nothing
		if err := last.SweepOrders(w.t.Context()); err != nil {
			w.t.Error(err)
		}
		w.settle(last)
	}
	list := w.balancedBooks(w.view(), member, 1250)
	if len(list) != 1 {
		w.t.Fatalf("%d coupons", len(list))
	}
	end := list[0]
	if (end.UsedAt != nil) != ordered || (end.UsedOrder != "") != ordered {
		w.t.Errorf("%s %s: ordered %v, known as %q", end.Status, code, ordered, end.UsedOrder)
	}
	if refund, err := last.FindRefund(w.t.Context(), domain.GiveBackReference(code)); end.Status == domain.Cancelled && (err != nil || refund.Status != coupons.RefundDone) {
		w.t.Errorf("%s: refund %+v, %v", code, refund, err)
	}
	return end.Status
}
