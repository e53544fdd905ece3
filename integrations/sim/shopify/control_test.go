package shopify_test

import (
	"encoding/json"
	"net/http"
	"testing"

	sim "pointbridge/integrations/sim/shopify"
)

// ask uses the control surface and gives the answer's body.
func (s store) ask(method, path string, body any, want int) map[string]any {
	s.t.Helper()
	w := s.request(method, path, fixedToken, body)
	if w.Code != want {
		s.t.Fatalf("%s %s is answered %d: %s", method, path, w.Code, w.Body)
	}
	var answer map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			s.t.Fatal(err)
		}
	}
	return answer
}

func TestControl(t *testing.T) {
	t.Parallel()
	s, r := listening(t, func(c *sim.Config) { c.Webhooks.ComplianceURI = "http://127.0.0.1:1/" })
	acts := func(want int, body map[string]any) {
		t.Helper()
		s.ask("POST", "/_sim/acts", body, want)
	}
	s.ask("PUT", "/_sim/switches", map[string]any{"late": true, "reversed": true, "late_ms": 0}, http.StatusNoContent)
	equal(t, "late", s.ask("GET", "/_sim/switches", nil, http.StatusOK)["late"], any(true))
	s.create("ONE", nil)
	order := s.buy(taro, "ONE")
	acts(http.StatusNoContent, map[string]any{"act": "refund", "order": order, "amount": "100"})
	acts(http.StatusNoContent, map[string]any{"act": "remove_code", "order": order, "code": "one"})
	acts(http.StatusNoContent, map[string]any{"act": "mark_test", "order": order})
	acts(http.StatusNoContent, map[string]any{"act": "cancel", "order": order, "reason": "fraud"})
	acts(http.StatusNoContent, map[string]any{"act": "delete_order", "order": order})
	s.drain()
	equal(t, "held", r.topics(), "")
	s.ask("POST", "/_sim/deliveries/flush", nil, http.StatusNoContent)
	equal(t, "newest first", r.topics(), "orders/delete refunds/create orders/cancelled orders/updated orders/updated "+
		"orders/edited orders/updated refunds/create orders/updated orders/create")
	items, _ := s.ask("GET", "/_sim/deliveries", nil, http.StatusOK)["items"].([]any)
	equal(t, "log", len(items), 10)
	subscriptions, _ := s.ask("GET", "/_sim/subscriptions", nil, http.StatusOK)["items"].([]any)
	equal(t, "subscriptions", len(subscriptions), len(orderTopics))

	acts(http.StatusNoContent, map[string]any{"act": "update_customer", "customer": "7001", "email": "n@example.com",
		"name": "N", "locale": "ja"})
	for _, topic := range []string{"customers/data_request", "customers/redact", "shop/redact"} {
		acts(http.StatusNoContent, map[string]any{"act": topic, "customer": "7001"})
		equal(t, "the newest", s.Deliveries()[0].Topic, topic)
	}
	made := s.buy(hanako)
	acts(http.StatusNoContent, map[string]any{"act": "set_payment", "order": made, "payment": "expired"})
	acts(http.StatusNoContent, map[string]any{"act": "cancel_only", "order": made, "reason": "staff"})
	acts(http.StatusNoContent, map[string]any{"act": "set_order_customer", "order": made, "customer": "7001"})
	acts(http.StatusNoContent, map[string]any{"act": "place_by_hand", "customer": "7002", "how": "text", "code": "ONE",
		"amount": "500", "subtotal": "3000"})
	if o, ok := s.Order(made); !ok || o.FinancialStatus != "EXPIRED" || o.CancelledAt == nil || o.CustomerID != taro {
		t.Errorf("the order is %s of %s", o.FinancialStatus, o.CustomerID)
	}
	acts(http.StatusNoContent, map[string]any{"act": "merge_customers", "kept": "7002", "customer": "7001"})
	acts(http.StatusNoContent, map[string]any{"act": "delete_customer", "customer": "7002"})
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "close_shop", "status": 500})
	acts(http.StatusNoContent, map[string]any{"act": "close_shop", "status": 402})
	acts(http.StatusNoContent, map[string]any{"act": "open_shop"})
	acts(http.StatusNoContent, map[string]any{"act": "uninstall"})
	acts(http.StatusNoContent, map[string]any{"act": "install"})

	acts(http.StatusUnprocessableEntity, map[string]any{"act": "cancel", "order": order, "reason": "staff"})
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "explode"})
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "cancel", "odd": 1})
	s.ask("PUT", "/_sim/switches", map[string]any{"late_ms": -1}, http.StatusUnprocessableEntity)
	s.ask("DELETE", "/_sim/switches", nil, http.StatusNotFound)
	if w := s.request("GET", "/_sim/deliveries", "wrong", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("without the token it is answered %d", w.Code)
	}
}

func TestSubscribeAll(t *testing.T) {
	t.Parallel()
	s, r := listening(t)
	for range 2 {
		s.must(s.SubscribeAll(r.URL + "/all"))
	}
	equal(t, "subscriptions", len(s.Subscriptions()), len(orderTopics)+len(sim.Topics()))
}
