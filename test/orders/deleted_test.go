package orders

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestDeletedOrders: an order that is deleted leaves its coupon used. Of one that was deleted before anybody read it
// only the store's count tells: the comparison of the books finds it, and a cancellation gives nothing back.
// covers: 000-01
func TestDeletedOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		known, unknown := w.buyer(), w.buyer()
		order := w.buy(known.gid, known.code)
		w.delivered()
		w.must(w.shop.DeleteOrder(order))
		w.must(w.shop.Switch(simshopify.Switches{Late: true, Reversed: true}))
		w.must(w.shop.DeleteOrder(w.buy(unknown.gid, unknown.code)))
		w.delivered()
		w.must(w.App.Orders.SweepOrders(t.Context()))
		expect.Equal(t, "w.state(known.code).Coupon.Status", w.state(known.code).Coupon.Status, domain.Used)
		expect.Equal(t, "len(w.reviews(known.code))", len(w.reviews(known.code)), 0)
		checker := *w.App.Books
		checker.Timing, checker.Runs = books.Timing{Pause: 100 * time.Millisecond}, nil
		var found []books.Difference
		if _, err := checker.Run(t.Context(), books.Options{Repair: true}, books.Sink{
			Difference: func(d books.Difference) { found = append(found, d) }, Gap: func(g books.Gap) { t.Errorf("%+v", g) }}); err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[0].Kind != books.UsedButActive || found[0].Code != unknown.code {
			t.Errorf("the books: %+v", found)
		}
		expect.Equal(t, "w.state(unknown.code).Coupon.Status", w.state(unknown.code).Coupon.Status, domain.Used)
		expect.Equal(t, "w.Booked(domain.GiveBackReference(unknown.code))",
			w.Booked(domain.GiveBackReference(unknown.code)), 0)
		w.idle()
		w.agrees()
	})
}
