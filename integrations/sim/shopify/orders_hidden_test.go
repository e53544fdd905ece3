package shopify_test

import (
	"net/http"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
)

const hiddenText = `query($o: ID!, $c: ID!) { order(id: $o) { id } orders(first: 10) { nodes { id } }
	customer(id: $c) { orders(first: 10) { nodes { id } } } }`

// TestOrdersOfLongAgo: an app sees orders of the last sixty days, by whatever way it asks, unless it was granted more.
// What happens to older ones is told of all the same.
func TestOrdersOfLongAgo(t *testing.T) {
	t.Parallel()
	s, r := listening(t)
	order := s.buy(taro)
	seen := func(what string, want int) {
		t.Helper()
		answer := s.run(hiddenText, map[string]any{"o": order, "c": taro})
		equal(t, what+": by its id", answer.at("order") != nil, want > 0)
		for name, list := range map[string]any{"of the store": answer.at("orders", "nodes"),
			"of the customer": answer.at("customer", "orders", "nodes")} {
			nodes, _ := list.([]any)
			equal(t, what+": "+name, len(nodes), want)
		}
	}
	s.clock.advance(60*24*time.Hour - time.Second) // orders are stamped with whole seconds
	seen("sixty days ago", 1)
	s.clock.advance(time.Second)
	seen("longer ago", 0)
	s.drain()
	r.hooks()
	s.must(s.RefundOrder(order, "", "sent it back"))
	s.drain()
	equal(t, "told of", r.topics(), "orders/updated refunds/create")
	seen("changed lately", 0)
	s.ask("POST", "/_sim/acts", map[string]any{"act": "grant_read_all_orders"}, http.StatusNoContent)
	seen("with read_all_orders", 1)
	s.GrantAllOrders(false)
	seen("without it again", 0)

	s, _ = listening(t, func(c *sim.Config) { c.Scopes = "read_all_orders,read_orders" })
	order = s.buy(taro)
	s.clock.advance(70 * 24 * time.Hour)
	seen("with read_all_orders from the beginning", 1)
}
