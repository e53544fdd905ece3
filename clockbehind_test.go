package main

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store/storetest"
)

// TestAShopWhoseClockIsBehind takes the code at once: the customer who was just shown it is not told that it is not started.
func TestAShopWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	w := newWalkWorld(t, storetest.SQLite(t), true)
	for _, behind := range []time.Duration{2 * time.Second, 10 * time.Minute} {
		w.behind = behind
		member := w.member()
		s := w.service(couponstest.Ports{Store: w.db, Ledger: w.ledger, Shop: w.admin})
		got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:till", Role: domain.RolePOS}, CustomerID: member,
			Points: 500, Key: member})
		if err != nil || !got.Done {
			t.Fatalf("%s behind: done %v, %v", behind, got.Done, err)
		}
		if _, err := w.shop.Checkout(got.Coupon.ShopifyCustomerGID, []string{got.Coupon.Code}, "3000"); err != nil {
			t.Errorf("%s behind: %v", behind, err)
		}
	}
}
