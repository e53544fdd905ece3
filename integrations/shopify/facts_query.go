package shopify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pointbridge/domain/decisions"
)

// The parts of a question about facts; each can be left out where the app has no right to it.
const (
	askedCustomer = "customer"
	askedSegments = "segments"
	askedOrder    = "order"
	askedApp      = "app"
	askedProducts = "products" // all roots p0, p1 …
)

// Of an order's lines, and of a customer's orders in a look-back, so many are read. With connections priced as Shopify
// does, 2 + 2·ln(n) times a node, everything together with 100 products costs about 300 points, of which one question
// may cost 1,000.
const (
	mostLines    = 100
	mostBought   = 50
	mostBoughtOf = 50
)

// ScopeAllOrders is the scope without which an app sees the orders of the last 60 days alone.
const ScopeAllOrders = "read_all_orders"

// ordersSeen is how far back an app sees orders without the scope read_all_orders.
const ordersSeen = 60 * 24 * time.Hour

// factsQuery is a query that is put together from what has to be known. Everything that comes from outside is a
// variable; the text has aliases and numbers alone.
type factsQuery struct {
	text      strings.Builder
	declared  []string
	variables map[string]any
	roots     []string
}

func (b *factsQuery) variable(name, kind string, value any) string {
	b.declared = append(b.declared, "$"+name+": "+kind)
	b.variables[name] = value
	return "$" + name
}

func (b *factsQuery) root(alias, text string) {
	b.roots = append(b.roots, alias)
	b.text.WriteString("  " + alias + ": " + text + "\n")
}

// factsFor builds the query, without the parts that were refused. It is empty where nothing is left to ask.
func factsFor(q decisions.ShopQuestion, now time.Time, without map[string]bool) *factsQuery {
	b := &factsQuery{variables: map[string]any{}}
	if q.Customer != "" && !without[askedCustomer] {
		b.customer(q, !without[askedProducts])
	}
	if q.Customer != "" && len(q.Segments) > 0 && !without[askedSegments] {
		b.root(askedSegments, fmt.Sprintf(`customerSegmentMembership(customerId: %s, segmentIds: %s) {
    memberships { segmentId isMember }
  }`, b.variable("member", "ID!", q.Customer), b.variable("segments", "[ID!]!", q.Segments)))
	}
	products := !without[askedProducts]
	inCollections := ""
	if products && len(q.Collections) > 0 && (q.Order != "" || len(q.Products) > 0) {
		for i, c := range q.Collections {
			inCollections += fmt.Sprintf(" c%d: inCollection(id: %s)", i, b.variable(fmt.Sprint("c", i), "ID!", c))
		}
	}
	switch {
	case q.Order != "" && !without[askedOrder]:
		b.order(q, products, inCollections)
	case q.Order == "" && inCollections != "":
		for i, p := range q.Products {
			name := fmt.Sprint("p", i)
			b.root(name, fmt.Sprintf("product(id: %s) {%s }", b.variable(name, "ID!", p), inCollections))
		}
	}
	if len(b.roots) > 0 && !q.Bought.IsZero() && q.Bought.Before(now.Add(-ordersSeen)) && !without[askedApp] {
		b.root(askedApp, "currentAppInstallation { accessScopes { handle } }")
	}
	return b
}

func (b *factsQuery) customer(q decisions.ShopQuestion, products bool) {
	var fields []string
	if q.Tags {
		fields = append(fields, "tags")
	}
	if q.Orders {
		fields = append(fields, "numberOfOrders")
	}
	if q.Orders && !q.Before.IsZero() {
		fields = append(fields, fmt.Sprintf("later: orders(first: %d, query: %s, sortKey: CREATED_AT) "+
			"{ nodes { id } pageInfo { hasNextPage } }", mostLines,
			b.variable("later", "String!", "created_at:>='"+stamp(q.Before)+"'")))
	}
	if !q.Bought.IsZero() && products {
		since := "created_at:>='" + stamp(q.Bought) + "'"
		if !q.Before.IsZero() {
			since += " created_at:<='" + stamp(q.Before) + "'"
		}
		fields = append(fields, fmt.Sprintf("bought: orders(first: %d, query: %s, sortKey: CREATED_AT, reverse: true) "+
			"{ nodes { id createdAt cancelledAt lineItems(first: %d) { nodes { product { id } } pageInfo { hasNextPage } } } "+
			"pageInfo { hasNextPage } }", mostBought, b.variable("bought", "String!", since), mostBoughtOf))
	}
	for i, name := range q.Metafields {
		at := strings.LastIndexByte(name, '.')
		fields = append(fields, fmt.Sprintf("m%d: metafield(namespace: %s, key: %s) { type value }", i,
			b.variable(fmt.Sprint("mn", i), "String!", name[:max(at, 0)]),
			b.variable(fmt.Sprint("mk", i), "String!", name[at+1:])))
	}
	if len(fields) > 0 {
		b.root(askedCustomer, "customer(id: "+b.variable("customer", "ID!", q.Customer)+") {\n    "+
			strings.Join(fields, "\n    ")+"\n  }")
	}
}

func (b *factsQuery) order(q decisions.ShopQuestion, products bool, inCollections string) {
	product := ""
	if products {
		product = " product { id" + inCollections + " }"
	}
	b.root(askedOrder, fmt.Sprintf(`order(id: %s) {
    subtotalPriceSet { shopMoney { amount currencyCode } }
    totalDiscountsSet { shopMoney { amount currencyCode } }
    shippingAddress { countryCodeV2 }
    billingAddress { countryCodeV2 }
    customAttributes { key value }
    lineItems(first: %d) { nodes { quantity%s } pageInfo { hasNextPage } }
  }`, b.variable("order", "ID!", q.Order), mostLines, product))
}

// String is the query as it is sent.
func (b *factsQuery) String() string {
	slices.Sort(b.declared)
	return "query shopFacts(" + strings.Join(b.declared, ", ") + ") {\n" + b.text.String() + "}"
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
