package shopify_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	sim "pointbridge/integrations/sim/shopify"
)

// TestBuyersOfTheControlSurface: a script can place an order that shows whatever it wants, and look at what became of it.
func TestBuyersOfTheControlSurface(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(c *sim.Config) { c.Scopes = manyScopes })
	buyer := map[string]any{"email": "typed@example.com", "client_ip": "2001:db8::7", "source": "web",
		"shipping":   map[string]any{"name": "A", "address1": "1-2-3", "zip": "150-0041", "country": "JP"},
		"attributes": []any{map[string]any{"key": "_pointbridge_device", "value": "d-1"}}}
	answer := s.ask("POST", "/_sim/checkout", map[string]any{"customer": "7001", "subtotal": "3000", "buyer": buyer},
		http.StatusCreated)
	id, _ := answer["order_id"].(string)
	shown := s.shown(id)
	equal(t, "email", shown.at("order", "email"), any("typed@example.com"))
	equal(t, "address in the network", shown.at("order", "clientIp"), any("2001:db8::7"))
	equal(t, "street", shown.at("order", "shippingAddress", "address1"), any("1-2-3"))
	equal(t, "nothing is billed", shown.at("order", "billingAddress"), any(nil))
	equal(t, "device", shown.at("order", "customAttributes", 0, "value"), any("d-1"))
	for name, bad := range map[string]map[string]any{
		"ip": {"client_ip": "somewhere"}, "country": {"shipping": map[string]any{"country": "Japan"}},
	} {
		refused := s.ask("POST", "/_sim/checkout", map[string]any{"subtotal": "1", "buyer": bad},
			http.StatusUnprocessableEntity)
		equal(t, name, refused["error"], any(sim.ErrBadBuyer.Error()))
	}
	acts := func(want int, body map[string]any) {
		t.Helper()
		s.ask("POST", "/_sim/acts", body, want)
	}
	acts(http.StatusNoContent, map[string]any{"act": "split_fulfilment", "order": id})
	acts(http.StatusNoContent, map[string]any{"act": "hold_by_hand", "order": id, "note": "stock"})
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "fulfil", "order": id})
	acts(http.StatusNoContent, map[string]any{"act": "release_by_hand", "order": id})
	acts(http.StatusNoContent, map[string]any{"act": "fulfil", "order": id})
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "split_fulfilment", "order": id})
	acts(http.StatusNoContent, map[string]any{"act": "withhold", "how": "errors", "parts": []string{"email"}})
	equal(t, "withheld", s.shown(id).code(), "ACCESS_DENIED")
	acts(http.StatusUnprocessableEntity, map[string]any{"act": "withhold", "how": "errors", "parts": []string{"shoe"}})
	acts(http.StatusNoContent, map[string]any{"act": "withhold", "how": "errors"})
	equal(t, "given back", s.shown(id).code(), "")
}

// TestAnAnswerHasRoomForSoManyErrors: what is refused stays null, and the errors beyond the bound are one without a code.
func TestAnAnswerHasRoomForSoManyErrors(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for range 51 {
		s.buy(taro)
	}
	s.must(s.Withhold(sim.ByErrors, sim.WithholdEmail))
	answer := s.run("{ orders(first: 100) { nodes { id email } } }", nil)
	equal(t, "errors", len(answer.Errors), 51)
	last := answer.Errors[50]
	if len(last.Extensions) != 0 || len(last.Path) != 0 || !strings.HasPrefix(last.Message, "Too many execution errors") {
		t.Errorf("the last error is %+v", last)
	}
	equal(t, "the orders are there", answer.at("orders", "nodes", 50, "email"), any(nil))
}

// TestHoldsAndAssessmentsOutliveARestart, as what buyers typed does.
func TestHoldsAndAssessmentsOutliveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.jsonl")
	with := func(c *sim.Config) { c.Path, c.Scopes = path, manyScopes }
	s := newStore(t, with)
	order := s.placed()
	s.hold(s.part(order), ourHandle)
	s.run(goldenRisk, map[string]any{"a": map[string]any{"orderId": order, "riskLevel": "HIGH",
		"facts": []any{map[string]any{"description": "Seen before", "sentiment": "NEGATIVE"}}}})
	before, _ := s.Order(order)
	s.must(s.Close())
	s = newStore(t, with)
	after, ok := s.Order(order)
	if !ok || len(after.Parts()) != 1 || len(after.Parts()[0].Holds) != 1 || len(after.Assessments) != 1 {
		t.Fatalf("kept: %v, %v, %v", ok, after.Parts(), after.Assessments)
	}
	equal(t, "hold", after.Parts()[0].Holds[0], before.Parts()[0].Holds[0])
	equal(t, "email", after.Buyer.Email, "taro.typed@example.com")
	equal(t, "address", *after.Buyer.Shipping, *before.Buyer.Shipping)
	if !slices.Equal(after.Assessments[0].Facts, before.Assessments[0].Facts) {
		t.Errorf("the facts are %v", after.Assessments[0].Facts)
	}
	next := s.hold(s.part(order), "another").at("fulfillmentOrderHold", "fulfillmentHold", "id")
	if next == any(nil) {
		t.Error("there is no second hold")
	}
}

// TestOnlyHoldsThatAreNamedAreReleased, and an app releases none of others by name; without names all go.
func TestOnlyHoldsThatAreNamedAreReleased(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(c *sim.Config) { c.Scopes = manyScopes })
	order := s.buy(taro)
	part := s.part(order)
	first := s.hold(part, "one").at("fulfillmentOrderHold", "fulfillmentHold", "id")
	s.hold(part, "two")
	s.must(s.HoldByHand(order, "stock"))
	holds := func() []sim.Hold {
		o, _ := s.Order(order)
		return o.Parts()[0].Holds
	}
	s.run(goldenRelease, map[string]any{"id": part, "holds": []any{first}})
	equal(t, "left", len(holds()), 2)
	staff := "gid://shopify/FulfillmentHold/" + strconv.FormatInt(holds()[1].ID, 10)
	refused := s.run(goldenRelease, map[string]any{"id": part, "holds": []any{staff}})
	equal(t, "the staff's", strings.Join(refused.userErrors("fulfillmentOrderReleaseHold"), ","),
		"INVALID_ACCESS holdIds")
	equal(t, "still left", len(holds()), 2)
	s.run(goldenRelease, map[string]any{"id": part})
	equal(t, "without names", len(holds()), 0)
}

// TestAShopperSaysWhereToSendIt: what is typed beside paying is shown by the order, and all of it may be left out.
func TestAShopperSaysWhereToSendIt(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	b := browse(s)
	b.open("/store/")
	b.press(`value="cup"`)
	b.press(`action="/store/pay"`, "email", "typed@example.com", "phone", "090-1234-5678", "name", "Yamada Taro",
		"address1", "Jinnan 1-2-3", "zip", "150-0041", "device", "d-1", "ip", "203.0.113.9")
	b.open("/store/")
	b.press(`value="cup"`)
	b.press(`action="/store/pay"`)
	b.open("/store/")
	b.press(`value="cup"`)
	b.press(`action="/store/pay"`, "ip", "somewhere")
	if !strings.Contains(b.page, "the IP is no address") {
		t.Error("an IP that is none is not told of")
	}
	orders := s.Orders()
	equal(t, "orders", len(orders), 2)
	typed, none := orders[0].Buyer, orders[1].Buyer
	equal(t, "email", typed.Email, "typed@example.com")
	equal(t, "address", *typed.Shipping, sim.Address{Name: "Yamada Taro", Address1: "Jinnan 1-2-3", Zip: "150-0041",
		Country: "JP", Phone: "090-1234-5678"})
	equal(t, "device", typed.Attributes[0], sim.Attribute{Key: "_pointbridge_device", Value: "d-1"})
	equal(t, "typed address in the network", typed.ClientIP, "203.0.113.9")
	equal(t, "the browser's", none.ClientIP, "127.0.0.1")
	equal(t, "nothing typed", none.Shipping == nil && none.Email == "" && none.Attributes == nil, true)
}

// TestTheShopsStaffSeeWhatHoldsAnOrder, and what was said of its risk; they send it or take the holds off.
func TestTheShopsStaffSeeWhatHoldsAnOrder(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(c *sim.Config) { c.Scopes = manyScopes })
	order := s.buy(taro)
	s.run(goldenHold, map[string]any{"id": s.part(order), "hold": map[string]any{"reason": "OTHER", "handle": ourHandle,
		"reasonNotes": "Somebody <looks> at it"}})
	s.run(goldenRisk, map[string]any{"a": map[string]any{"orderId": order, "riskLevel": "MEDIUM",
		"facts": []any{map[string]any{"description": "Seen with order #1000", "sentiment": "NEGATIVE"}}}})
	b := browse(s)
	b.open("/store/orders")
	b.shows("On hold", "Somebody <looks> at it", "medium", "Seen with order #1000")
	if strings.Contains(b.page, "<looks>") || strings.Contains(b.page, "Send everything") {
		t.Error("a note is markup, or what is held can be sent")
	}
	b.press("Take every hold off", "act", "release_by_hand")
	b.shows("Every hold is off.")
	b.press("Send everything", "act", "fulfil")
	b.shows("The order is sent.", "Sent")
}
