package story

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestLifeOfACode follows codes to the checkout and to their end, in the simulated store, on both databases.
// covers: 002-01, 002-02, 002-03, 002-04, 002-09, 002-11, 002-18, 002-24, 002-25, 002-46, 004-03, 004-04, H-30
func TestLifeOfACode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		s := w.Service(w.Whole())
		member := w.Member()
		convert := func(key string) domain.Coupon {
			t.Helper()
			got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
				CustomerID: member, Points: 100, Key: key})
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "got.Done", got.Done, true)
			return got.Coupon
		}
		spent, kept := convert("a"), convert("b")
		t.Run("the end is set when the code is made", func(t *testing.T) {
			d, ok := w.Shopify.DiscountByCode(kept.Code)
			expect.MustEqual(t, "ok", ok, true)
			expect.MustThat(t, "d.EndsAt != nil", d.EndsAt != nil)
			expect.MustThat(t, "d.EndsAt to equal w.Clock.Now().Truncate(…).Add(…)",
				d.EndsAt.Equal(w.Clock.Now().Truncate(time.Second).Add(w.Policy.Validity)), d.EndsAt)
		})
		t.Run("the store itself takes the code once, counts it, and refuses it the second time", func(t *testing.T) {
			if _, err := w.Shopify.Checkout(spent.ShopifyCustomerGID, []string{spent.Code}, "1000"); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Shopify.Checkout(spent.ShopifyCustomerGID, []string{spent.Code}, "1000"); err == nil {
				t.Fatal("the code was taken twice")
			}
			if d, _ := w.Shopify.DiscountByCode(spent.Code); len(d.Uses) != 1 {
				t.Fatalf("used %d times", len(d.Uses))
			}
		})
		t.Run("another customer cannot use it", func(t *testing.T) {
			w.Member()
			if _, err := w.Shopify.Checkout("gid://shopify/Customer/2", []string{kept.Code}, "1000"); err == nil {
				t.Fatal("somebody else used the code")
			}
		})
		t.Run("after the end the store is clean and our totals are what they were", func(t *testing.T) {
			w.Clock.Advance(w.Policy.Validity + w.Policy.Retention + time.Hour)
			if err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			before, err := w.Store.Backlog.Totals(t.Context())
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "before[domain.Expired]", before[domain.Expired], 200, before)
			w.Clock.Advance(lateOrders) // the order of the one that was used never comes
			for _, c := range []domain.Coupon{spent, kept} {
				if err := s.RemoveDiscount(t.Context(), c.ID); err != nil {
					t.Fatal(err)
				}
			}
			after, err := w.Store.Backlog.Totals(t.Context())
			if n := len(w.Shopify.Discounts()); err != nil || n != 0 || after[domain.Expired] != 200 {
				t.Fatalf("%d codes, %v, %v", n, after, err)
			}
		})
	})
}

// TestPointsNotYen: what comes back is what was taken, whatever a point is worth by then.
// covers: 004-34
func TestPointsNotYen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		w.Policy.Rate = domain.MustRate("1.5")
		w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Internal})
		member := w.Member()
		first := w.Service(w.Whole())
		if _, err := first.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
			CustomerID: member, Points: 500, Key: "k"}); err != nil {
			t.Fatal(err)
		}
		w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Refuse, Reason: "INVALID", Count: -1})
		w.Policy.Rate = domain.MustRate("3")
		w.Rest(w.Service(w.Whole()))
		states := w.Balanced(member)
		if balance, _ := w.POS.Balance(member); len(states) != 1 || states[0] != domain.Failed || balance != 1250 {
			t.Fatalf("ended as %v with %d points", states, balance)
		}
	})
}
