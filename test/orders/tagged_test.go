package orders

import (
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func (w *orderWorld) tags(order string, b buyer) string {
	w.T.Helper()
	o, _ := w.shop.Order(order)
	for _, c := range w.shop.Customers() {
		if c.GID() == b.gid {
			return fmt.Sprint(o.Tags, c.Tags)
		}
	}
	return fmt.Sprint(o.Tags, "nobody")
}

// TestTaggedForReview: a review puts its tags on the order and the customer in the store, once, however often and in
// whatever way the store tells of the order; its own change is told by the store too, and ends there.
// covers: 003-15, 003-16
func TestTaggedForReview(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "REVIEW_ORDER_TAG=check-order", "REVIEW_CUSTOMER_TAG=check-customer")
		b := w.buyer()
		order, id := w.voided(b, "CUSTOMER")
		w.delivered()
		w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
		w.must(w.App.Orders.SweepOrders(t.Context()))
		w.must(w.shop.RefundOrder(w.buy(b.gid), "", ""))
		w.delivered()
		if got, calls := w.tags(order, b), w.shop.Calls()["tagsAdd"]; got != "[check-order] [check-customer]" ||
			calls != 2 {
			t.Errorf("%s after %d calls", got, calls)
		}
		t.Run("nothing that goes wrong with a tag holds the review up", func(t *testing.T) { w.On(t).untagged() })
		w.On(t)
		status, text := w.decide("Sato", id, reviews.OutcomeGrant, "d")
		expect.Equal(t, "status", status, 200, text)
		w.idle()
		w.agrees()
	})
}

// untagged is a store that refuses, throttles, or loses the answer.
func (w *orderWorld) untagged() {
	w.T.Helper()
	for _, tc := range []struct {
		rule  sim.Rule
		want  string
		calls int
	}{
		{sim.Rule{Mode: sim.Refuse, Reason: "ACCESS_DENIED", Count: 2}, "[] []", 2},
		{sim.Rule{Mode: sim.Refuse, Reason: "INVALID", Count: 2}, "[] []", 2},
		{sim.Rule{Mode: sim.InternalAfter, Count: 1}, "[check-order] [check-customer]", 3},
	} {
		b, before := w.buyer(), w.shop.Calls()["tagsAdd"]
		tc.rule.Act = "shopify.tagsAdd"
		w.Faults.Add(tc.rule)
		order, id := w.voided(b, "FRAUD")
		w.idle()
		if got, calls := w.tags(order, b), w.shop.Calls()["tagsAdd"]-before; got != tc.want || calls != tc.calls {
			w.T.Errorf("%s: %s after %d calls", tc.rule.Mode, got, calls)
		}
		status, text := w.decide("Suzuki", id, reviews.OutcomeReissue, fmt.Sprint("u-", id))
		expect.Equal(w.T, "status", status, 200)
		expect.That(w.T, `text to contain "closed"`, strings.Contains(text, "closed"), text)
		w.idle()
	}
}
