package decisions

import "slices"

// seenDays is how many days back an app sees orders without the scope for all of them.
const seenDays = 60

// Scopes are the rights at Shopify that the rules need to be checked, at a checkout or once an order is there.
func (p Policy) Scopes() []string {
	var list []string
	add := func(scopes ...string) {
		for _, s := range scopes {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	for _, c := range p.Conditions {
		switch c.Need {
		case NeedTagsAny, NeedTagsNone, NeedSegment, NeedMetafield, NeedOrdersAtLeast, NeedOrdersAtMost:
			add("read_customers")
		case NeedNotBought:
			add("read_customers", "read_orders", "read_products")
			if c.Number >= seenDays {
				add("read_all_orders")
			}
		case NeedProducts, NeedCollections, NeedCompanion:
			add("read_orders", "read_products")
		case NeedAccount, NeedMinimum, NeedMarkets, NeedAttribute:
			add("read_orders")
		}
	}
	if p.NewCustomersOnly {
		add("read_customers")
	}
	return list
}
