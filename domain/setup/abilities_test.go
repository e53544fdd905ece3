package setup_test

import (
	"strings"
	"testing"

	"pointbridge/domain/setup"
)

// TestWhatAShopCanEnforce depends on its plan, and on the scopes that the rules which are switched on need: each that is
// missing is named once, with the campaigns.
//
// covers: 001-13
func TestWhatAShopCanEnforce(t *testing.T) {
	t.Parallel()
	needed := []setup.Needed{{"vip", "read_customers"}, {"sale", "read_products"}, {"vip", "read_products"},
		{"vip", "read_products"}}
	for _, c := range []struct {
		shop      setup.Shop
		has, lack []string
	}{
		{setup.Shop{Plan: "Basic", Scopes: []string{"write_customers"}},
			[]string{"on Shopify Plus alone", "read_products is not granted: rules of sale, vip cannot", "last 60 days"},
			[]string{"read_customers", "by a Function"}},
		{setup.Shop{Plan: "Shopify Plus", Scopes: []string{"read_customers", "read_products", "read_all_orders"}},
			[]string{"by a Function"}, []string{"on Shopify Plus alone", "is not granted", "last 60 days"}},
	} {
		said := strings.Join(c.shop.Abilities(needed), "\n")
		for _, text := range c.has {
			if strings.Count(said, text) != 1 {
				t.Errorf("on %s %q is missing in\n%s", c.shop.Plan, text, said)
			}
		}
		for _, text := range c.lack {
			if strings.Contains(said, text) {
				t.Errorf("on %s it says %q:\n%s", c.shop.Plan, text, said)
			}
		}
	}
}
