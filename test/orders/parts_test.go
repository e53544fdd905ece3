package orders

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestEveryRefundIsSeen: a second, larger refund of a part is a review of its own after the first one was refused, and
// the whole order is one beside both.
// covers: 000-09
func TestEveryRefundIsSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "PARTIAL_REFUND=review")
		b := w.buyer()
		order := w.buy(b.gid, b.code)
		w.delivered()
		w.must(w.shop.RefundOrder(order, "300", "a scratch"))
		w.delivered()
		first := w.reviewsOf(b.code)
		if len(first) != 1 || first[0].Refund == nil || first[0].Refund.Amount != 300 ||
			first[0].Refund.Currency != "JPY" || first[0].Payment != "partially_refunded" {
			t.Fatalf("after the first refund: %+v", first)
		}
		status, text := w.decide("Sato", first[0].ID, reviews.OutcomeRefuse, "d-1")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		w.must(w.shop.RefundOrder(order, "1500", "half of it"))
		w.delivered()
		w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintRefunded))
		list := w.reviewsOf(b.code)
		if len(list) != 2 || list[0].Status != "closed" || list[0].Decision.Outcome != "refuse" ||
			list[1].Status != "open" ||
			list[1].Refund == nil || list[1].Refund.Amount != 1500 || list[1].Refund.ID == list[0].Refund.ID {
			t.Fatalf("after the second refund: %+v", list)
		}
		page := w.console(fmt.Sprint("/admin/reviews/", list[1].ID))
		for _, said := range []string{"1,500", "Refunded in part", "Give nothing"} {
			if !strings.Contains(page, said) {
				t.Errorf("the page of the second refund does not say %q", said)
			}
		}
		w.must(w.shop.CancelOrder(order, "CUSTOMER"))
		w.delivered()
		list = w.reviewsOf(b.code)
		if len(list) != 3 || list[1].Status != "open" || list[2].Kind != "order_cancelled" ||
			list[2].Payment != "refunded" || list[1].Payment != "refunded" {
			t.Fatalf("after the cancellation: %+v", list)
		}
		status, text = w.decide("Sato", list[2].ID, reviews.OutcomeGrant, "d-2")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		w.idle()
		if status, text := w.decide("Suzuki", list[1].ID, reviews.OutcomeGrant,
			"d-3"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "outcome_not_allowed") {
			t.Errorf("the value was given twice: %d %s", status, text)
		}
		w.agrees()
	})
}

// TestASecondOrderIsAReview: two orders that stand with one code are for a person, whichever of them was heard of
// first.
func TestASecondOrderIsAReview(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		for _, byHandFirst := range []bool{false, true} {
			b := w.buyer()
			bought, made := "", ""
			make := func() {
				var err error
				made, err = w.shop.PlaceByHand(b.gid, simshopify.ByTitle, b.code, "500", "3000")
				w.must(err)
				if byHandFirst {
					w.must(w.shop.Switch(simshopify.Switches{Late: true}))
				}
			}
			if byHandFirst {
				make()
				bought = w.buy(b.gid, b.code)
				w.must(w.shop.Switch(simshopify.Switches{}))
			} else {
				bought = w.buy(b.gid, b.code)
				w.delivered()
				make()
			}
			w.delivered()
			for _, order := range []string{bought, made, bought} {
				w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
			}
			w.idle()
			list, c := w.reviewsOf(b.code), w.state(b.code).Coupon
			if len(list) != 1 || list[0].Kind != "code_elsewhere" || list[0].Reason != "second_order" ||
				list[0].OrderID == c.UsedOrderID ||
				strings.Join(list[0].Outcomes, " ") != "refuse" || c.Status != domain.Used || w.shop.Usable(b.code) {
				t.Errorf("by hand first %v: %s, %+v", byHandFirst, c.Status, list)
			}
			if page := w.console(fmt.Sprint("/admin/reviews/", list[0].ID)); !strings.Contains(page,
				"Two orders stand with this coupon") {
				t.Error("the page does not say so")
			}
		}
		w.agrees()
	})
}

// TestATestOrderSpendsTheCodeOnly: where test orders are no orders, one that spent a code leaves the coupon to be
// cancelled with its points, and the books agree; where they are orders, the coupon is used.
func TestATestOrderSpendsTheCodeOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b := w.buyer()
		w.must(w.shop.Switch(simshopify.Switches{Late: true}))
		order := w.buy(b.gid, b.code)
		w.must(w.shop.MarkTest(order))
		w.must(w.shop.Switch(simshopify.Switches{}))
		w.delivered()
		w.must(w.App.Orders.SweepOrders(t.Context()))
		w.idle()
		if c := w.state(b.code).Coupon; c.Status != domain.Active || len(w.reviewsOf(b.code)) != 0 {
			t.Errorf("a test order left the coupon %s", c.Status)
		}
		w.agrees()
		w.cancelledAll(b)
		w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
		w.idle()
		history, err := w.Store.Coupons.History(t.Context(), w.state(b.code).Coupon.ID)
		w.must(err)
		noted := 0
		for _, e := range history {
			if e.Action == "order.test" {
				noted++
			}
		}
		if noted != 1 || len(w.reviewsOf(b.code)) != 0 {
			t.Errorf("the audit has the test order %d times", noted)
		}
		w.agrees()
	})
}

// TestACustomerWhoIsNotThere: an order whose customer was taken off it, or merged away, before anybody told of it stops
// the points of a coupon all the same, although the count lags and the code is not the order's first.
func TestACustomerWhoIsNotThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.shop.LagUsage(time.Hour)
		for name, part := range map[string]func(b, other buyer, order string) error{
			"taken off": func(_, _ buyer, order string) error { return w.shop.SetOrderCustomer(order, "") },
			"merged":    func(b, other buyer, _ string) error { return w.shop.MergeCustomers(other.gid, b.gid) },
			"deleted":   func(b, _ buyer, _ string) error { return w.shop.DeleteCustomer(b.gid) },
		} {
			b, other := w.buyer(), w.buyer()
			second := w.Coupon(b)
			w.delivered()
			w.must(w.shop.Switch(simshopify.Switches{Lost: true}))
			order := w.buy(b.gid, second, b.code)
			w.must(part(b, other, order))
			w.must(w.shop.Switch(simshopify.Switches{}))
			status, text := w.ask("Sato", http.MethodPost, "/v1/coupons/"+b.code+"/cancellation", "c-"+b.code,
				`{"reason": "customer_request"}`)
			w.idle()
			balance, _ := w.POS.Balance(b.member)
			if c := w.state(b.code).Coupon; c.Status != domain.Used || c.UsedOrderID != order || balance != 250 {
				t.Errorf("%s: %d %s: %s, balance %d", name, status, text, c.Status, balance)
			}
		}
	})
}

// TestAStrangersOrderIsLookedInto: where somebody else's order carries a member's code, a person can return the points
// from the review itself, and does it once.
func TestAStrangersOrderIsLookedInto(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b, other := w.buyer(), w.buyer()
		order, err := w.shop.PlaceByHand(other.gid, simshopify.ByText, b.code, "500", "3000")
		w.must(err)
		w.delivered()
		list := w.reviewsOf(b.code)
		if len(list) != 1 || list[0].Reason != "other_customer" || strings.Join(list[0].Outcomes,
			" ") != "return_points refuse" {
			t.Fatalf("the reviews are %+v", list)
		}
		page := w.console(fmt.Sprint("/admin/reviews/", list[0].ID))
		for _, said := range []string{"An order of somebody else carries this coupon", "Payment", "Paid"} {
			if !strings.Contains(page, said) {
				t.Errorf("the page does not say %q", said)
			}
		}
		if rows := w.console("/admin/reviews?kind=code_elsewhere"); !strings.Contains(rows, b.code) ||
			strings.Contains(rows, `value="return_points"`) {
			t.Error("the list offers to decide it without a look")
		}
		status, text := w.decide("Sato", list[0].ID, reviews.OutcomeReturnPoints, "d-1")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		w.idle()
		w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
		w.idle()
		balance, _ := w.POS.Balance(b.member)
		if c, after := w.state(b.code).Coupon, w.reviewsOf(b.code); c.Status != domain.Cancelled || balance != 1250 ||
			len(after) != 1 || after[0].Status != "closed" {
			t.Errorf("%s, balance %d, %+v", c.Status, balance, after)
		}
		w.agrees()
	})
}
