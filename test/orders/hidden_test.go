package orders

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestHiddenOrders: the simulated store hides orders of more than sixty days ago, as Shopify does from an app without
// read_all_orders. A refund of one is a review for a person; that it can be read after all is seen at the next telling.
// covers: 000-01, 000-09, 000-13, 004-07
func TestHiddenOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewEndings(t, db, true)
		w.Policy.Auto = reviews.Auto{ReissueBelow: 1 << 40, Reviews: 100} // whatever could be decided alone would be
		member, code := w.Issued()
		order, err := w.Shopify.Checkout(w.GID(), []string{code}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		told := func(hints ...domain.OrderHint) {
			t.Helper()
			s := w.Process(w.Watched())
			for _, hint := range hints {
				if err := w.Orders(s).RefreshOrder(t.Context(), order, hint); err != nil {
					t.Fatal(err)
				}
				if err := w.Orders(s).SweepOrders(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.FinishAll(s)
		}
		told(domain.HintNone)
		w.Clock.Advance(70 * 24 * time.Hour)
		if err := w.Shopify.RefundOrder(order, "", "sent it back"); err != nil {
			t.Fatal(err)
		}

		told(domain.HintNone, domain.HintNone)
		w.Stands(member, code)
		if r := w.ReviewsOf(code); len(r) != 0 {
			t.Errorf("a plain change of an order that cannot be read: %+v", r)
		}
		told(domain.HintRefunded, domain.HintRefunded, domain.HintNone)
		w.Stands(member, code)
		if r := w.ReviewsOf(code); len(r) != 1 || r[0].Kind != reviews.OrderRefunded ||
			r[0].Reason != reviews.ReasonUnreadable || !r[0].Open {
			t.Errorf("after a refund the reviews are %+v", r)
		}
		told(domain.HintDeleted, domain.HintDeleted)
		w.Stands(member, code)
		if r := w.ReviewsOf(code); len(r) != 1 || r[0].Kind != reviews.OrderCancelled ||
			r[0].Reason != reviews.ReasonUnreadable || !r[0].Open {
			t.Errorf("after a deletion the reviews are %+v", r)
		}

		id := w.ReviewOf(code, reviews.OrderCancelled)
		s := w.Process(w.Watched())
		d := coupons.Decision{Caller: world.TheManager(), ReviewID: id, Outcome: reviews.OutcomeGrant,
			Note: "refunded in Shopify", Key: "g" + code}
		if _, _, err := s.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		w.FinishAll(s)
		w.Shopify.GrantAllOrders(true)
		told(domain.HintRefunded, domain.HintDeleted, domain.HintNone)
		if r := w.ReviewsOf(code); len(r) != 1 || r[0].Open || r[0].Outcome != reviews.OutcomeGrant {
			t.Errorf("once the order could be read: %+v", r)
		}
		if balance, _ := w.POS.Balance(member); balance != 1250 || w.Count(code, domain.GrantReference("")) != 1 {
			t.Errorf("balance %d, %d grants", balance, w.Count(code, domain.GrantReference("")))
		}
	})
}

// TestHiddenOrderIsReadWithTheScope: with read_all_orders the order tells how things are, and the rules decide as ever.
// covers: 000-09
func TestHiddenOrderIsReadWithTheScope(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.NewEndings(t, db, true)
		w.Shopify.GrantAllOrders(true)
		_, code := w.Issued()
		order, err := w.Shopify.Checkout(w.GID(), []string{code}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		s := w.Process(w.Watched())
		for _, step := range []func() error{
			func() error { return nil },
			func() error {
				w.Clock.Advance(70 * 24 * time.Hour)
				return w.Shopify.RefundOrder(order, "", "sent it back")
			},
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
			if err := w.Orders(s).RefreshOrder(t.Context(), order, domain.HintRefunded); err != nil {
				t.Fatal(err)
			}
		}
		r := w.ReviewsOf(code)
		expect.MustEqual(t, "len(r)", len(r), 1, r)
		expect.MustEqual(t, "r[0].Kind", r[0].Kind, reviews.OrderRefunded)
		expect.Equal(t, "r[0].Reason", r[0].Reason, reviews.ReasonRefunded)
	})
}
