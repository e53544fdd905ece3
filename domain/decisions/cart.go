package decisions

import (
	"slices"
	"strings"

	"pointbridge/domain"
)

// Cart is what a code is to be used on, or what an order was. It stays in memory: of it only whether conditions hold is
// kept. What is nil or empty was not shown.
type Cart struct {
	// Subtotals are the goods' prices before the discount, in one or more currencies.
	Subtotals []domain.Money
	// Country is the buyer's, by ISO 3166-1.
	Country string
	Items   []CartItem
	// Cut tells that there are more items than these.
	Cut        bool
	Attributes []CartAttribute
}

// CartItem is a product of the shop, by its gid, and how many of it there are.
type CartItem struct {
	Product  string
	Quantity int
}

// CartAttribute is something that the storefront wrote on the cart.
type CartAttribute struct{ Key, Value string }

// Bounds of a cart. Shopify's draft orders have up to 499 line items since API version 2025-07, and its carts are no
// larger than what becomes an order: https://shopify.dev/changelog/posts/draft-order-line-item-limit.
const (
	MaxItems       = 500
	MaxQuantity    = 1_000_000
	MaxAttributes  = 100
	MaxCartAmount  = 1_000_000_000_000
	maxAttributeID = MaxConditionText
)

func (c Cart) faults(add func(wrong bool, field, rule string)) {
	for _, m := range c.Subtotals {
		add(m.Minor < 0 || m.Minor > MaxCartAmount, "cart.subtotal", RuleRange)
		add(!IsCurrency(m.Currency), "cart.currency", RuleNeeded)
	}
	add(c.Country != "" && !countryCode.MatchString(c.Country), "cart.country", RuleForm)
	add(len(c.Items) > MaxItems, "cart.items", RuleTooMany)
	for _, i := range c.Items {
		add(!productGID.MatchString(i.Product), "cart.items.product_id", RuleForm)
		add(i.Quantity < 1 || i.Quantity > MaxQuantity, "cart.items.quantity", RuleRange)
	}
	add(len(c.Attributes) > MaxAttributes, "cart.attributes", RuleTooMany)
	add(slices.ContainsFunc(c.Attributes, func(a CartAttribute) bool {
		return len(a.Key) > maxAttributeID || tooLong(a.Value)
	}), "cart.attributes", RuleTooLong)
}

// has tells whether a product is in the cart.
func (c Cart) has(product string) State {
	switch {
	case slices.ContainsFunc(c.Items, func(i CartItem) bool { return i.Product == product && i.Quantity > 0 }):
		return Yes
	case c.Items == nil || c.Cut:
		return Unknown
	default:
		return No
	}
}

// minimum compares in the condition's own currency; prices are never converted.
func (c Cart) minimum(least domain.Money) State {
	for _, m := range c.Subtotals {
		if m.Currency == least.Currency {
			return of(m.Minor >= least.Minor)
		}
	}
	return Unknown
}

// attribute tells whether the cart has one of the values under a key.
func (c Cart) attribute(key string, values []string) State {
	if c.Attributes == nil {
		return Unknown
	}
	return of(slices.ContainsFunc(c.Attributes, func(a CartAttribute) bool {
		return a.Key == key && slices.Contains(values, strings.TrimSpace(a.Value))
	}))
}

func of(yes bool) State {
	if yes {
		return Yes
	}
	return No
}

// anyOf is yes where one is, no where all are.
func anyOf(states ...State) State {
	switch {
	case slices.Contains(states, Yes):
		return Yes
	case slices.Contains(states, Unknown):
		return Unknown
	default:
		return No
	}
}

// allOf is no where one is, yes where all are.
func allOf(states ...State) State {
	switch {
	case slices.Contains(states, No):
		return No
	case slices.Contains(states, Unknown):
		return Unknown
	default:
		return Yes
	}
}
