package shopify_test

import (
	"errors"
	"strings"
	"testing"

	shop "pointbridge/integrations/sim/shopify"
)

// TestOrdersByHand: a code that somebody writes into an order is listed as the vendor lists it, and counted by nobody.
func TestOrdersByHand(t *testing.T) {
	t.Parallel()
	s := goldenStore(t)
	id := s.create(goldenCode, nil)
	const ask = `query($id: ID!, $discount: ID!) { discountNode(id: $discount) { discount { ... on DiscountCodeBasic { asyncUsageCount } } }
		order(id: $id) { displayFinancialStatus cancelledAt discountCodes customer { id } discountApplications(first: 5) { nodes { __typename
		... on DiscountCodeApplication { code } ... on ManualDiscountApplication { title } } } } }`
	read := func(order string) string {
		return strings.Join(strings.Fields(s.run(ask, map[string]any{"id": order, "discount": id}).Body), "")
	}
	for how, says := range map[string]string{
		shop.ByCode: `"discountCodes":["` + goldenCode + `"]|{"__typename":"DiscountCodeApplication","code":"` +
			goldenCode + `"}`, shop.ByText: `"discountCodes":["` + goldenCode +
			`"]|{"__typename":"ManualDiscountApplication","title":"` + goldenCode + `"}`,
		shop.ByTitle: `"discountCodes":[]|{"__typename":"ManualDiscountApplication","title":"` + goldenCode + `"}`,
	} {
		order, err := s.PlaceByHand(taro, how, goldenCode, "500", "3000")
		if err != nil {
			t.Fatal(err)
		}
		got := read(order)
		for _, part := range append(strings.Split(says, "|"), `"asyncUsageCount":0`, `"id":"`+taro+`"`,
			`"displayFinancialStatus":"PAID"`) {
			if !strings.Contains(got, part) {
				t.Errorf("%s: the store says %s, not %s", how, got, part)
			}
		}
		if err := errors.Join(s.SetPayment(order, "expired"), s.SetOrderCustomer(order, ""), s.CancelOrderOnly(order,
			"staff")); err != nil {
			t.Fatal(err)
		}
		if got := read(order); !strings.Contains(got, `"EXPIRED"`) || !strings.Contains(got, `"customer":null`) ||
			strings.Contains(got, `"cancelledAt":null`) {
			t.Errorf("%s: the store says %s", how, got)
		}
	}
	if _, err := s.PlaceByHand(taro, "spell", goldenCode, "500", "3000"); !errors.Is(err, shop.ErrBadKind) {
		t.Error(err)
	}
	if _, err := s.PlaceByHand("404", shop.ByText, goldenCode, "500", "3000"); !errors.Is(err,
		shop.ErrUnknownCustomer) {
		t.Error(err)
	}
	if err := s.SetPayment("gid://shopify/Order/404", "PAID"); !errors.Is(err, shop.ErrUnknownOrder) {
		t.Error(err)
	}
	if err := s.SetPayment("gid://shopify/Order/404", "GIVEN"); !errors.Is(err, shop.ErrBadPayment) {
		t.Error(err)
	}
}
