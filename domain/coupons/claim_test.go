package coupons_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// byHand puts an order into the shop in which somebody wrote a code as a discount of their own.
func (o *outside) byHand(code, customer string) orders.Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.orders = append(o.orders, orders.Order{ID: fmt.Sprintf("gid://shopify/Order/%d", len(o.orders)+1),
		Name: fmt.Sprintf("#%d", 1001+len(o.orders)), CustomerGID: customer, Codes: []string{code},
		Named: []string{code}, Payment: domain.PaymentPaid, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()})
	return o.orders[len(o.orders)-1]
}

const (
	theMember = "gid://shopify/Customer/1"
	aStranger = "gid://shopify/Customer/2"
)

// TestCodeOfATextIsEnded lets the member's own order carry the code as a text, in processes that die at every place:
// whatever was cut off, the coupon is used, its code is deactivated, and nothing moves.
func TestCodeOfATextIsEnded(t *testing.T) {
	t.Parallel()
	live := func(dieAt, loseAt int) (places, acts int) {
		w, code := withCoupon(t, func(*world) {})
		m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: couponstest.Ports{Store: w.db, Ledger: w.out, Shop: w.out}}
		p := m.Ports()
		first, made := w.service(&p), w.out.byHand(code, theMember)
		_ = w.orders(first).SeeOrder(t.Context(), made)
		_ = first.Advance(t.Context(), 1)
		if dieAt > 0 {
			m.Kill()
		}
		last := w.service(nil)
		w.told(last, made)
		w.rest(last)
		w.told(last, made, made)
		w.rest(last)
		c := w.db.coupons[0]
		if c.Status != domain.Used || c.UsedOrder != made.Name || w.out.codes[code].Status == "ACTIVE" ||
			c.Unfinished || len(w.db.reviews) != 0 {
			t.Errorf("died at %d, lost %d: %s by %q, code %s, %d reviews", dieAt, loseAt, c.Status, c.UsedOrder,
				w.out.codes[code].Status, len(w.db.reviews))
		}
		w.balanced()
		return m.Walked()
	}
	places, acts := live(0, 0)
	if places < 6 || acts < 2 {
		t.Fatalf("%d places, %d acts", places, acts)
	}
	for n := 1; n <= places; n++ {
		live(n, 0)
	}
	for n := 1; n <= acts; n++ {
		live(0, n)
	}
}

// TestNobodyElseTakesACoupon: whatever an order of somebody else says, and whenever it is heard of, the member can
// cancel the coupon and gets its points once.
func TestNobodyElseTakesACoupon(t *testing.T) {
	t.Parallel()
	for _, customer := range []string{"", aStranger} {
		for _, heard := range []string{"before", "during", "after"} {
			w, code := withCoupon(t, func(*world) {})
			s := w.service(nil)
			made := w.out.byHand(code, customer)
			if heard == "before" {
				w.told(s, made)
			}
			cancel(s, t, code)
			if heard == "during" {
				for w.orders(s).SeeOrder(t.Context(), made) != nil {
					w.clock.Advance(time.Second)
				}
			}
			w.pass(s)
			w.told(s, made, made)
			c := w.db.coupons[0]
			kinds := []reviews.Kind{}
			for _, r := range w.db.reviews {
				kinds = append(kinds, r.Kind)
			}
			if c.Status != domain.Cancelled ||
				!slices.Equal(kinds, []reviews.Kind{reviews.CodeElsewhere}) ||
				w.out.balances["8812370934"] != 1250 {
				t.Errorf("%q %s: %s, %v, balance %d", customer, heard, c.Status, kinds, w.out.balances["8812370934"])
			}
			w.balanced()
		}
	}
}

// TestACountThatFailsDecidesNothing: where the shop does not say what it counts, nothing is concluded, and the order is
// read again.
func TestACountThatFailsDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, customer := range []string{theMember, aStranger} {
		w, code := withCoupon(t, func(*world) {})
		s := w.service(nil)
		made := w.out.byHand(code, customer)
		w.out.refuse["count"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "count_uses"}
		if err := w.orders(s).SeeOrder(t.Context(), made); domain.KindOf(err) != domain.KindUnknown {
			t.Errorf("%v", err)
		}
		if c := w.db.coupons[0]; c.Status != domain.Active || len(w.db.reviews) != 0 ||
			w.out.codes[code].Status != "ACTIVE" {
			t.Errorf("%s, %d reviews", c.Status, len(w.db.reviews))
		}
	}
}

// TestACustomerWhoIsGoneHasNoOrders: a cancellation finds the order of a customer who was merged away among those that
// changed since the orders were last read, although the count lags.
func TestACustomerWhoIsGoneHasNoOrders(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{"", aStranger} {
		w, code := withCoupon(t, func(*world) {})
		w.out.order(code)
		w.out.change(0, func(o *orders.Order) { o.CustomerGID = owner })
		w.out.gone[theMember] = true
		w.out.edit(code, func(d *coupons.FoundDiscount) { d.Usage = 0 })
		s := w.service(nil)
		cancel(s, t, code)
		w.pass(s)
		if c := w.db.coupons[0]; c.Status != domain.Used || c.UsedOrder != "#1001" ||
			w.out.balances["8812370934"] != 750 {
			t.Errorf("%q: %s, balance %d", owner, c.Status, w.out.balances["8812370934"])
		}
	}
}

// TestPaymentsInAnySequence lets an order's money go from one state to the next while only some of the states, or older
// ones in between, are heard of: what is known in the end is what the last state alone tells.
func TestPaymentsInAnySequence(t *testing.T) {
	t.Parallel()
	refund := func(n, points int64) domain.OrderRefund {
		return domain.OrderRefund{ID: fmt.Sprintf("gid://shopify/Refund/%d", n), Amount: domain.Money{Minor: points,
			Currency: "JPY"},
			At: time.Date(2026, 12, 2, int(n), 0, 0, 0, time.UTC)}
	}
	paid := func(p domain.Payment, refunds ...domain.OrderRefund) func(*orders.Order) {
		return func(o *orders.Order) { o.Payment, o.Refunds = p, append(slices.Clone(o.Refunds), refunds...) }
	}
	cancelled := func(o *orders.Order) {
		o.CancelledAt, o.CancelReason = time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC), "staff"
	}
	for _, states := range [][]func(*orders.Order){
		{paid(domain.PaymentExpired), paid(domain.PaymentVoided), cancelled},
		{paid(domain.PaymentPartiallyRefunded, refund(1, 100)), paid(domain.PaymentPartiallyRefunded, refund(2, 300)),
			paid(domain.PaymentRefunded, refund(3, 2600)), cancelled},
		{paid(domain.PaymentPartiallyRefunded, refund(1, 100)), cancelled, paid(domain.PaymentRefunded,
			refund(50, 2900))},
	} {
		for last := range states {
			want := heardOf(t, states[:last+1], 0)
			for heard := 1; heard < 1<<last; heard++ {
				if got := heardOf(t, states[:last+1], heard); got != want {
					t.Fatalf("up to state %d, heard of %b:\n%swant\n%s", last, heard, got, want)
				}
			}
		}
	}
}

// heardOf tells of the last state of an order, and before it of those that have a bit in heard; it gives the reviews.
func heardOf(t *testing.T, states []func(*orders.Order), heard int) (known string) {
	t.Helper()
	w, code := withCoupon(t, func(w *world) { w.policy.PartialRefunds = true })
	w.out.order(code)
	s := w.service(nil)
	w.told(s, w.out.orders[0])
	var snapshots []orders.Order
	for _, next := range states {
		snapshots = append(snapshots, w.out.change(0, next))
	}
	for n, o := range snapshots[:len(snapshots)-1] {
		if heard>>n&1 == 1 {
			w.told(s, o)
		}
	}
	w.told(s, snapshots[len(snapshots)-1], snapshots[0], snapshots[len(snapshots)-1])
	for _, r := range w.db.reviews {
		known += fmt.Sprintln(r.Kind, r.Reason, r.RefundID, r.Payment, r.Open)
	}
	w.balanced()
	return known
}
