package orders_test

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
	"pointbridge/test/expect"
)

const (
	theMember = "gid://shopify/Customer/1"
	aStranger = "gid://shopify/Customer/2"
)

// TestCodeOfATextIsEnded lets the member's own order carry the code as a text, in processes that die at every place:
// whatever was cut off, the coupon is used, its code is deactivated, and nothing moves.
func TestCodeOfATextIsEnded(t *testing.T) {
	t.Parallel()
	live := func(dieAt, loseAt int) (places, acts int) {
		w, code := couponstest.WithCoupon(t, func(*world) {})
		m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
		p := m.Ports()
		first, made := w.Service(&p), w.Out.ByHand(code, theMember)
		_ = w.Orders(first).SeeOrder(t.Context(), made)
		_ = first.Advance(t.Context(), 1)
		if dieAt > 0 {
			m.Kill()
		}
		last := w.Service(nil)
		w.Told(last, made)
		w.Rest(last)
		w.Told(last, made, made)
		w.Rest(last)
		c := w.DB.Coupons[0]
		if c.Status != domain.Used || c.UsedOrder != made.Name || w.Out.Codes[code].Status == "ACTIVE" ||
			c.Unfinished || len(w.DB.Reviews) != 0 {
			t.Errorf("died at %d, lost %d: %s by %q, code %s, %d reviews", dieAt, loseAt, c.Status, c.UsedOrder,
				w.Out.Codes[code].Status, len(w.DB.Reviews))
		}
		w.Balanced()
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
			w, code := couponstest.WithCoupon(t, func(*world) {})
			s := w.Service(nil)
			made := w.Out.ByHand(code, customer)
			if heard == "before" {
				w.Told(s, made)
			}
			couponstest.Cancel(s, t, code)
			if heard == "during" {
				for w.Orders(s).SeeOrder(t.Context(), made) != nil {
					w.Clock.Advance(time.Second)
				}
			}
			w.Pass(s)
			w.Told(s, made, made)
			c := w.DB.Coupons[0]
			kinds := []reviews.Kind{}
			for _, r := range w.DB.Reviews {
				kinds = append(kinds, r.Kind)
			}
			if c.Status != domain.Cancelled ||
				!slices.Equal(kinds, []reviews.Kind{reviews.CodeElsewhere}) ||
				w.Out.Balances["8812370934"] != 1250 {
				t.Errorf("%q %s: %s, %v, balance %d", customer, heard, c.Status, kinds, w.Out.Balances["8812370934"])
			}
			w.Balanced()
		}
	}
}

// TestACountThatFailsDecidesNothing: where the shop does not say what it counts, nothing is concluded, and the order is
// read again.
func TestACountThatFailsDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, customer := range []string{theMember, aStranger} {
		w, code := couponstest.WithCoupon(t, func(*world) {})
		s := w.Service(nil)
		made := w.Out.ByHand(code, customer)
		w.Out.Refuse["count"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "count_uses"}
		err := w.Orders(s).SeeOrder(t.Context(), made)
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
		if c := w.DB.Coupons[0]; c.Status != domain.Active || len(w.DB.Reviews) != 0 ||
			w.Out.Codes[code].Status != "ACTIVE" {
			t.Errorf("%s, %d reviews", c.Status, len(w.DB.Reviews))
		}
	}
}

// TestACustomerWhoIsGoneHasNoOrders: a cancellation finds the order of a customer who was merged away among those that
// changed since the orders were last read, although the count lags.
func TestACustomerWhoIsGoneHasNoOrders(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{"", aStranger} {
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.PlaceOrder(code)
		w.Out.Change(0, func(o *orders.Order) { o.CustomerGID = owner })
		w.Out.Gone[theMember] = true
		w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.Usage = 0 })
		s := w.Service(nil)
		couponstest.Cancel(s, t, code)
		w.Pass(s)
		if c := w.DB.Coupons[0]; c.Status != domain.Used || c.UsedOrder != "#1001" ||
			w.Out.Balances["8812370934"] != 750 {
			t.Errorf("%q: %s, balance %d", owner, c.Status, w.Out.Balances["8812370934"])
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
	w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.PartialRefunds = true })
	w.Out.PlaceOrder(code)
	s := w.Service(nil)
	w.Told(s, w.Out.Orders[0])
	var snapshots []orders.Order
	for _, next := range states {
		snapshots = append(snapshots, w.Out.Change(0, next))
	}
	for n, o := range snapshots[:len(snapshots)-1] {
		if heard>>n&1 == 1 {
			w.Told(s, o)
		}
	}
	w.Told(s, snapshots[len(snapshots)-1], snapshots[0], snapshots[len(snapshots)-1])
	for _, r := range w.DB.Reviews {
		known += fmt.Sprintln(r.Kind, r.Reason, r.RefundID, r.Payment, r.Open)
	}
	w.Balanced()
	return known
}
