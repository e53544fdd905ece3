package shopify_test

import (
	"fmt"
	"testing"

	"pointbridge/domain"
)

// TestAddTag: a tag is put once, and what cannot be tagged is told apart from what failed.
// covers: 003-15, 003-16
func TestAddTag(t *testing.T) {
	t.Parallel()
	store, client := newStoreWith(t, "write_customers,write_discounts,write_orders")
	order, err := store.Checkout(member, nil, "3000")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, gid := range []string{order, member} {
			if err := client.AddTag(t.Context(), gid, "coupon-review"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if o, ok := store.Order(order); !ok || fmt.Sprint(o.Tags) != "[coupon-review]" {
		t.Errorf("the order has %v", o.Tags)
	}
	if got := store.Customers()[0].Tags; fmt.Sprint(got) != "[coupon-review]" {
		t.Errorf("the customer has %v", got)
	}
	if err := store.DeleteOrder(order); err != nil {
		t.Fatal(err)
	}
	wantReason(t, client.AddTag(t.Context(), order, "coupon-review"), domain.KindNotFound, "tag")
	_, poor := newStore(t)
	wantReason(t, poor.AddTag(t.Context(), order, "coupon-review"), domain.KindAuth, domain.ReasonAccessDenied)
	if err := poor.AddTag(t.Context(), member, "coupon-review"); err != nil {
		t.Errorf("a customer takes no write_orders: %v", err)
	}
	wantReason(t, client.AddTag(t.Context(), "gid://shopify/Shoe/1", "coupon-review"), domain.KindRefused,
		"resource_not_found")
}
