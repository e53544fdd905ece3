package shopify_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sim "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

const tagText = `mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }`

// TestTags: tags are kept once without regard to case, over a change of the customer as well, and told in the order's
// webhook.
func TestTags(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	s := newStore(t, func(c *sim.Config) { c.Scopes = "write_customers,write_orders" })
	s.subscribe(r.URL, "ORDERS_UPDATED")
	order := s.buy(taro)
	add := func(id string, tags ...string) int {
		t.Helper()
		return len(s.run(tagText, map[string]any{"id": id, "tags": tags}).userErrors("tagsAdd"))
	}
	for range 3 {
		if add(order, "check", "Check", "two, three") != 0 || add(taro, "check") != 0 {
			t.Error("refused")
		}
	}
	_, err := s.AddCustomer(taro, "other@example.com", "Taro", "ja")
	s.must(err)
	o, _ := s.Order(order)
	equal(t, "order", fmt.Sprint(o.Tags), "[check two three]")
	for _, c := range s.Customers() {
		if c.GID() == taro {
			equal(t, "customer", fmt.Sprint(c.Tags), "[check]")
		}
	}
	s.drain()
	told := 0
	for _, h := range r.hooks() {
		if h.Body["tags"] == "check, two, three" {
			told++
		}
	}
	equal(t, "told", told, 1)
	equal(t, "too long", add(order, strings.Repeat("x", 41)), 1)
	equal(t, "gone", add("gid://shopify/Order/1", "check"), 1)
	answer := s.run(tagText, map[string]any{"id": "gid://shopify/Shoe/1", "tags": []string{"check"}})
	expect.Equal(t, `answer.at("tagsAdd")`, answer.at("tagsAdd"), nil)
}

// TestTagsOnThePage: the shop's staff see the tags of an order and of its customer.
// covers: 003-15
func TestTagsOnThePage(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(c *sim.Config) { c.Scopes = "write_customers,write_orders" })
	order := s.buy(taro)
	for id, tag := range map[string]string{order: "check-order", taro: "check-customer"} {
		s.run(tagText, map[string]any{"id": id, "tags": []string{tag}})
	}
	res := httptest.NewRecorder()
	s.Storefront().ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/store/orders", nil))
	for _, want := range []string{"check-order", "check-customer", "Customer&#39;s tags"} {
		if !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s is not on the page", want)
		}
	}
}
