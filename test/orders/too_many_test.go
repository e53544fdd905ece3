package orders

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestMoreCouponsInAnOrderThanMay: Shopify takes two codes of different discounts in one order; with one that may stand
// there the second is before a person, once, however often the order is told of. The first one is not, nor is one that
// stands in an order by itself, nor what was voided when it is first heard of. What the person gives back is given back
// once.
// covers: 001-29
func TestMoreCouponsInAnOrderThanMay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "COUPONS_PER_ORDER=1", "REVIEW_ORDER_TAG=look")
		b, alone, gone := w.buyer(), w.buyer(), w.buyer()
		second, other := w.Coupon(b), w.Coupon(gone)
		order := w.buy(b.gid, second, b.code) // made last, entered first: what counts is how the order lists them
		w.buy(alone.gid, alone.code)
		w.must(w.shop.Switch(simshopify.Switches{Late: true}))
		w.must(w.shop.CancelOrder(w.buy(gone.gid, gone.code, other), "CUSTOMER"))
		w.must(w.shop.Switch(simshopify.Switches{}))
		w.delivered()
		for range 2 {
			w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
		}
		w.idle()
		expect.Equal(t, "reviews of the first code", len(w.reviewsOf(second))+len(w.reviewsOf(alone.code)), 0)
		for _, code := range []string{gone.code, other} {
			for _, r := range w.reviewsOf(code) {
				expect.Equal(t, "kind", r.Kind, string(reviews.OrderCancelled), code)
			}
		}
		list := w.reviewsOf(b.code)
		expect.MustEqual(t, "reviews of the code that is too many", len(list), 1)
		r := list[0]
		expect.Equal(t, "kind", r.Kind, string(reviews.TooManyInOrder))
		expect.Equal(t, "reason", r.Reason, reviews.LookTooMany)
		expect.Equal(t, "order", r.OrderID, order)
		expect.Equal(t, "outcomes", strings.Join(r.Outcomes, " "), "reissue grant_points refuse")
		expect.Equal(t, "coupon", w.state(b.code).Coupon.Status, domain.Used)
		expect.That(t, "the order is tagged", strings.Contains(w.tags(order, b), "look"), w.tags(order, b))
		page := w.console(fmt.Sprint("/admin/reviews/", r.ID))
		for _, said := range []string{"Too many coupons in an order", "this one is beyond the limit",
			"too many coupons in one order"} {
			expect.That(t, "the page says "+said, strings.Contains(page, said))
		}
		history, err := w.Store.Coupons.History(t.Context(), w.state(b.code).Coupon.ID)
		w.must(err)
		expect.Equal(t, "entries about it", len(slices.DeleteFunc(history, func(e domain.AuditEntry) bool {
			return e.Action != domain.ActionOrderTooMany
		})), 1)
		status, text := w.decide("Sato", r.ID, reviews.OutcomeGrant, "d-1")
		expect.MustEqual(t, "status", status, http.StatusOK, text)
		w.idle()
		w.must(w.shop.CancelOrder(order, "CUSTOMER"))
		w.delivered()
		list = w.reviewsOf(b.code)
		expect.MustEqual(t, "reviews after the order was cancelled", len(list), 2)
		expect.Equal(t, "what is left to decide", strings.Join(list[1].Outcomes, " "), "refuse")
		balance, _ := w.POS.Balance(b.member)
		expect.Equal(t, "balance", balance, int64(750))
		w.agrees()
	})
}
