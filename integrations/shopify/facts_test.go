package shopify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/shopify"
	simulated "pointbridge/integrations/sim/shopify"
)

const (
	shoes, socks = "gid://shopify/Product/1", "gid://shopify/Product/2"
	sale         = "gid://shopify/Collection/5"
	vips, firsts = "gid://shopify/Segment/1", "gid://shopify/Segment/2"
	readRules    = allScopes + ",read_products"
)

func number(n int) *int { return &n }

// TestTheShopIsAskedOnceForEverything that rules need to know of a customer and a cart, and says all of it.
//
// covers: 001-07, 001-08, 001-09, 001-21, 001-23
func TestTheShopIsAskedOnceForEverything(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, readRules)
	must(t, store.SetTags(member, "VIP", "b2b"))
	store.SetSegment(vips, member)
	store.SetCollection(sale, shoes)
	must(t, store.SetMetafield(member, "custom", "rank", "single_line_text_field", "gold"))
	must(t, store.SetMetafield(member, "custom", "sizes", "list.single_line_text_field", `["S","M"]`))
	_, err := store.CheckoutOf(member, nil, "3000", simulated.Buyer{}, socks)
	must(t, err)
	cancelled, err := store.CheckoutOf(member, nil, "3000", simulated.Buyer{}, shoes)
	must(t, err)
	must(t, store.CancelOrder(cancelled, "CUSTOMER"))
	before := store.Calls()
	got, err := c.ShopFacts(t.Context(), decisions.ShopQuestion{Customer: member, Tags: true,
		Segments: []string{vips, firsts}, Metafields: []string{"custom.rank", "custom.sizes", "custom.none"}, Orders: true,
		Bought: time.Now().AddDate(0, 0, -30), Products: []string{shoes, socks},
		Collections: []string{sale, "gid://shopify/Collection/6"}})
	must(t, err)
	want := decisions.ShopAnswer{Tags: []string{"VIP", "b2b"}, Segments: map[string]bool{vips: true, firsts: false},
		Metafields: map[string][]string{"custom.rank": {"gold"}, "custom.sizes": {"S", "M"}, "custom.none": nil},
		Orders:     number(2), BoughtAll: true, Bought: []decisions.Purchase{{Product: socks}},
		InCollection: map[string]decisions.State{sale: decisions.Yes, "gid://shopify/Collection/6": decisions.No}}
	got.Bought[0].At = time.Time{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	after := store.Calls()
	for root, times := range map[string]int{"customer": 1, "customerSegmentMembership": 1, "product": 2} {
		if after[root]-before[root] != times {
			t.Errorf("%s was asked for %d times", root, after[root]-before[root])
		}
	}
}

// TestAnOrderShowsItsOwnCart, and how many orders the customer had before it, whatever came to light since.
//
// covers: 001-23, 001-30, 001-46
func TestAnOrderShowsItsOwnCart(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, readRules)
	store.SetCollection(sale, socks)
	order, err := store.CheckoutOf(member, nil, "3000", simulated.Buyer{
		Shipping:   &simulated.Address{Country: "JP", Address1: "1-1"},
		Attributes: []simulated.Attribute{{Key: "gift", Value: "yes"}}}, shoes, socks)
	must(t, err)
	_, err = store.CheckoutOf(member, nil, "3000", simulated.Buyer{}, shoes)
	must(t, err)
	q := decisions.ShopQuestion{Customer: member, Orders: true, Before: time.Now().Add(-time.Second), Not: order,
		Order: order, Collections: []string{sale}}
	got, err := c.ShopFacts(t.Context(), q)
	must(t, err)
	want := &decisions.Cart{Subtotals: []domain.Money{{Minor: 3000, Currency: "JPY"}}, Country: "JP",
		Items:      []decisions.CartItem{{Product: shoes, Quantity: 1}, {Product: socks, Quantity: 1}},
		Attributes: []decisions.CartAttribute{{Key: "gift", Value: "yes"}}}
	if diff := cmp.Diff(want, got.Cart); diff != "" {
		t.Error(diff)
	}
	if got.Orders == nil || *got.Orders != 0 || got.InCollection[sale] != decisions.Yes {
		t.Errorf("%v orders before, in the collection %s", got.Orders, got.InCollection[sale])
	}
}

// TestWhatTheShopDoesNotGrantIsNotTold: without the right to one thing the others are told, and what lies further back
// than the app sees is not taken for nothing.
//
// covers: 001-13, 001-31
func TestWhatTheShopDoesNotGrantIsNotTold(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes) // no products
	must(t, store.SetTags(member, "vip"))
	store.SetSegment(vips, member)
	order, err := store.CheckoutOf(member, nil, "3000", simulated.Buyer{}, shoes)
	must(t, err)
	q := decisions.ShopQuestion{Customer: member, Tags: true, Segments: []string{vips},
		Bought: time.Now().AddDate(0, 0, -30), Products: []string{shoes}, Collections: []string{sale}}
	got, err := c.ShopFacts(t.Context(), q)
	must(t, err)
	if !got.Segments[vips] || len(got.Tags) != 1 || got.BoughtAll || got.InCollection[sale] != decisions.Unknown {
		t.Errorf("without products: tags %v, segments %v, all bought %v, in the collection %s", got.Tags, got.Segments,
			got.BoughtAll, got.InCollection[sale])
	}
	got, err = c.ShopFacts(t.Context(), decisions.ShopQuestion{Order: order, Collections: []string{sale}})
	must(t, err)
	if got.Cart == nil || got.Cart.Items != nil || got.InCollection[sale] == decisions.No {
		t.Errorf("of an order without products: %v", got.Cart)
	}
	store.Grant("read_products,write_discounts") // no customers
	got, err = c.ShopFacts(t.Context(), q)
	must(t, err)
	if got.Tags == nil || len(got.Segments) != 0 {
		t.Errorf("without segments: tags %v, segments %v", got.Tags, got.Segments)
	}
	store.Grant(readRules)
	q.Bought = time.Now().AddDate(0, 0, -180)
	for granted, all := range map[string]bool{readRules: false, readRules + "," + shopify.ScopeAllOrders: true} {
		store.Grant(granted)
		got, err = c.ShopFacts(t.Context(), q)
		must(t, err)
		if got.BoughtAll != all || len(got.Bought) != 1 {
			t.Errorf("half a year with %s: %d bought, all told %v", granted, len(got.Bought), got.BoughtAll)
		}
	}
	must(t, store.Withhold(simulated.ByErrors, simulated.WithholdOrder))
	q.Order = order
	if got, err = c.ShopFacts(t.Context(), q); err != nil || got.Cart != nil || len(got.Tags) != 1 {
		t.Errorf("without orders: %v, a cart %v, tags %v", err, got.Cart, got.Tags)
	}
}

// TestTheDearestQuestionIsAffordable: with as much as rules can ask it stays below what one query may cost.
func TestTheDearestQuestionIsAffordable(t *testing.T) {
	t.Parallel()
	_, c := newStoreWith(t, readRules)
	q := decisions.ShopQuestion{Customer: member, Tags: true, Orders: true, Before: time.Now(),
		Bought: time.Now().AddDate(0, 0, -decisions.MaxLookBack)}
	for n := range decisions.MaxConditions {
		q.Segments = append(q.Segments, fmt.Sprint("gid://shopify/Segment/", n+1))
		q.Metafields = append(q.Metafields, fmt.Sprint("custom.k", n))
	}
	for n := range 100 {
		q.Products = append(q.Products, fmt.Sprint("gid://shopify/Product/", n+1))
	}
	for n := range 200 {
		q.Collections = append(q.Collections, fmt.Sprint("gid://shopify/Collection/", n+1))
	}
	if _, err := c.ShopFacts(t.Context(), q); err != nil {
		t.Error(err)
	}
}
