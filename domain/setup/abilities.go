package setup

import (
	"fmt"
	"slices"
	"strings"
)

// Needed is a scope that the rules of a campaign need.
type Needed struct{ Campaign, Scope string }

// Abilities says, for operators, what a shop can enforce of campaigns and what it lacks for the rules that are switched
// on.
func (s Shop) Abilities(needed []Needed) []string {
	list := []string{"The shop's plan is " + s.Plan + ". On every plan codes carry their limit, dates, minimum, customers " +
		"or segment; decisions are made when a code is issued and when the storefront asks; orders that broke a rule are flagged."}
	if s.Plus() {
		list = append(list, "On this plan a custom app may also refuse codes within the checkout, by a Function.")
	} else {
		list = append(list, "Within the checkout a custom app may refuse codes on Shopify Plus alone: here what Shopify itself "+
			"does not know of a code is refused before the checkout, or found after the order.")
	}
	if !s.granted(allOrders) {
		list = append(list, "The app sees orders of the last 60 days: nobody can tell what was bought before. The scope "+
			allOrders+" changes that; Shopify grants it on request.")
	}
	said := map[string][]string{}
	for _, n := range needed {
		if !s.granted(n.Scope) && !slices.Contains(said[n.Scope], n.Campaign) {
			said[n.Scope] = append(said[n.Scope], n.Campaign)
		}
	}
	for _, n := range needed {
		if campaigns := said[n.Scope]; len(campaigns) > 0 {
			list = append(list, fmt.Sprintf("The scope %s is not granted: rules of %s cannot be checked.", n.Scope,
				strings.Join(campaigns, ", ")))
			delete(said, n.Scope)
		}
	}
	return list
}

// allOrders is the scope without which an app sees the orders of the last 60 days alone.
const allOrders = "read_all_orders"

// Plus tells whether custom apps may have Functions: the plan's public name is all that the shop says of it.
func (s Shop) Plus() bool { return strings.Contains(strings.ToLower(s.Plan), "plus") }
