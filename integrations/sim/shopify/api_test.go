package shopify_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

func (s store) token(secret string) (int, map[string]any) {
	s.t.Helper()
	form := url.Values{"client_id": {"client"}, "client_secret": {secret}, "grant_type": {"client_credentials"}}
	r := httptest.NewRequest("POST", "/admin/oauth/access_token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		s.t.Fatalf("token answer: %v: %s", err, w.Body)
	}
	return w.Code, body
}

// status asks for the shop with a token.
func (s store) status(token string) int {
	return s.request("POST", "/admin/api/2026-10/graphql.json", token,
		map[string]any{"query": "{ shop { name } }"}).Code
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(c *sim.Config) { c.TokenLife = time.Hour })
	code, body := s.token("secret")
	equal(t, "status", code, 200)
	equal(t, "life in seconds", body["expires_in"], any(3600.0))
	token, _ := body["access_token"].(string)
	equal(t, "granted token", s.status(token), 200)
	equal(t, "forged token", s.status(token+"0"), 401)
	equal(t, "no token", s.status(""), 401)
	s.clock.advance(time.Hour)
	equal(t, "token after its end", s.status(token), 401)
	equal(t, "fixed token", s.status(fixedToken), 200)
	code, body = s.token("wrong")
	equal(t, "wrong secret", code, 400)
	equal(t, "error", body["error"], any("invalid_client"))
	_, body = s.token("secret")
	token, _ = body["access_token"].(string)
	s.RevokeTokens()
	equal(t, "revoked token", s.status(token), 401)
	equal(t, "tokens asked for", s.Calls()["token"], 3)
}

// covers: T-01
func TestRoutes(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	t.Run("there are no REST discount routes, and calls to them are counted", func(t *testing.T) {
		equal(t, "before", s.RESTCalls(), 0)
		for i, path := range []string{"/admin/discount_codes/1",
			"/admin/api/2026-10/price_rules/1/discount_codes/2.json", "/admin/price_rules.json"} {
			equal(t, path, s.request("DELETE", path, fixedToken, nil).Code, 404)
			equal(t, "counted", s.RESTCalls(), i+1)
		}
	})
	for _, path := range []string{"/", "/admin/api/2025-01/graphql.json", "/admin/api/2026-10/orders.json"} {
		equal(t, path, s.request("POST", path, fixedToken, nil).Code, 404)
	}
	equal(t, "REST calls of other kinds", s.RESTCalls(), 3)
	equal(t, "no query", s.request("POST", "/admin/api/2026-10/graphql.json", fixedToken, map[string]any{}).Code, 400)
}

func TestInvalidQueries(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for text, want := range map[string]string{
		"{ shop { nonsense } }": "undefinedField",
		"{ shop {":              "PARSE_ERROR",
		"{ shop }":              "argumentLiteralsIncompatible",
		"query($c: String!) { codeDiscountNodeByCode(code: $c) { id } }":                       "INVALID_VARIABLE",
		"{ orders { nodes { id } } }":                                                          "BAD_REQUEST",
		`mutation { discountCodeDelete(id: "gid://shopify/Order/1") { userErrors { code } } }`: "RESOURCE_NOT_FOUND",
	} {
		answer := s.run(text, nil)
		equal(t, text+": status", answer.Status, 200)
		equal(t, text+": code", answer.code(), want)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	t.Run("the prices of the recordings", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("COST", nil)
		for text, want := range map[string]int{
			`{ shop { name } }`: 1,
			`{ codeDiscountNodeByCode(code: "COST") { id } }`: 1,
			`query($id: ID!) { discountNode(id: $id) { discount { ... on DiscountCodeBasic { customerGets { value {
				... on DiscountAmount { amount { amount } } } } } } } }`: 4,
			`mutation($id: ID!) { discountCodeDeactivate(id: $id) { codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic {
				codes(first: 1) { nodes { code } } context { ... on DiscountCustomers { customers { id } } } } } } userErrors { code } } }`: 16,
			`mutation($id: ID!) { discountCodeActivate(id: $id) { codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic {
				combinesWith { orderDiscounts } codes(first: 2) { nodes { id } pageInfo { hasNextPage } }
				context { __typename } customerGets { value { ... on DiscountAmount { amount { amount } } } items { __typename } }
				minimumRequirement { ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount } } } } } } userErrors { code } } }`: 20,
			`mutation($id: ID!) { discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { code } } }`: 10,
		} {
			variables := map[string]any{}
			if strings.Contains(text, "$id") {
				variables["id"] = id
			}
			if strings.Contains(text, "Delete") {
				variables["id"] = "gid://shopify/DiscountCodeNode/1"
			}
			answer := s.run(text, variables)
			equal(t, text, answer.Extensions.Cost.RequestedQueryCost, want)
		}
	})
	t.Run("an empty bucket throttles, and time fills it", func(t *testing.T) {
		t.Parallel()
		s := newStore(t, func(c *sim.Config) { c.Bucket = sim.Bucket{Maximum: 35, RestoreRate: 10} })
		gone := map[string]any{"id": "gid://shopify/DiscountCodeNode/1"}
		const text = `mutation($id: ID!) { discountCodeDelete(id: $id) { userErrors { code } } }`
		for range 3 {
			equal(t, "code while it lasts", s.run(text, gone).code(), "")
		}
		answer := s.run(text, gone)
		equal(t, "status", answer.Status, 200)
		equal(t, "code", answer.code(), "THROTTLED")
		equal(t, "available", answer.Extensions.Cost.ThrottleStatus.CurrentlyAvailable, 5)
		equal(t, "no actual cost", answer.Extensions.Cost.ActualQueryCost, nil)
		equal(t, "calls that got through", s.Calls()["discountCodeDelete"], 3)
		s.clock.advance(500 * time.Millisecond)
		equal(t, "code after the wait", s.run(text, gone).code(), "")
	})
	t.Run("a query above the limit is refused, a wide one gets back what it did not use", func(t *testing.T) {
		t.Parallel()
		s := newStore(t, func(c *sim.Config) { c.Bucket = sim.Bucket{Maximum: 1000, RestoreRate: 1, SingleQuery: 20} })
		const text = `query($n: Int) { orders(first: $n) { nodes { id customer { id } } } }`
		equal(t, "dear", s.run(text, map[string]any{"n": 250}).code(), "MAX_COST_EXCEEDED")
		answer := s.run(text, map[string]any{"n": 50})
		equal(t, "requested", answer.Extensions.Cost.RequestedQueryCost, 16)
		equal(t, "actual", *answer.Extensions.Cost.ActualQueryCost, 2)
		equal(t, "available", answer.Extensions.Cost.ThrottleStatus.CurrentlyAvailable, 998)
	})
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.create("ADMIN", nil)
	equal(t, "without a token", s.request("GET", "/_sim/discounts", "", nil).Code, http.StatusUnauthorized)
	for path, want := range map[string]string{"discounts": `"code":"ADMIN"`, "customers": `"email":"taro@example.com"`,
		"orders": `"items":[]`} {
		body := s.request("GET", "/_sim/"+path, fixedToken, nil).Body.String()
		expect.That(t, "body to contain want", strings.Contains(body, want), path, want, body)
	}
	buy := map[string]any{"customer": taro, "codes": []string{"admin"}, "subtotal": "800"}
	equal(t, "checkout", s.request("POST", "/_sim/checkout", fixedToken, buy).Code, http.StatusCreated)
	equal(t, "second checkout", s.request("POST", "/_sim/checkout", fixedToken, buy).Code,
		http.StatusUnprocessableEntity)
	equal(t, "unknown", s.request("GET", "/_sim/nothing", fixedToken, nil).Code, http.StatusNotFound)
}
