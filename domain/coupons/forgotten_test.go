package coupons

import (
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
)

// TestACodeOfWhoWasForgottenIsNoChange: of a customer whose number is gone only that the code is one customer's is
// compared.
func TestACodeOfWhoWasForgottenIsNoChange(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC)
	c := domain.Coupon{Code: "70934-AB72CD-500", ShopifyCustomerGID: domain.ErasedCustomer,
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, ExpiresAt: end}
	f := FoundDiscount{Codes: []string{c.Code}, CustomerGID: "gid://shopify/Customer/1", CustomerCount: 1,
		Amount: c.Amount, EndsAt: end, UsageLimit: 1, Status: statusActive}
	if list := Differs(c, f); len(list) != 0 {
		t.Errorf("differs in %v", list)
	}
	f.CustomerCount = 2
	if list := Differs(c, f); !slices.Contains(list, DiffersCustomer) {
		t.Errorf("a second customer is not told: %v", list)
	}
}
