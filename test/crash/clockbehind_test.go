package crash

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestAShopWhoseClockIsBehind takes the code at once: the customer who was just shown it is not told that it is not
// started.
func TestAShopWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		for _, behind := range []time.Duration{2 * time.Second, 10 * time.Minute} {
			w.Behind = behind
			member := w.Member()
			s := w.Service(couponstest.Ports{Store: w.Store.Coupons, Ledger: w.Ledger, Shop: w.Admin})
			got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
				Role: domain.RolePOS}, CustomerID: member,
				Points: 500, Key: member})
			if err != nil || !got.Done {
				t.Fatalf("%s behind: done %v, %v", behind, got.Done, err)
			}
			if _, err := w.Shopify.Checkout(got.Coupon.ShopifyCustomerGID, []string{got.Coupon.Code}, "3000"); err != nil {
				t.Errorf("%s behind: %v", behind, err)
			}
		}
	})
}
