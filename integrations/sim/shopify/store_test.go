package shopify_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
)

const (
	fixedToken = "shpat_fixed"
	taro       = "gid://shopify/Customer/7001"
	hanako     = "gid://shopify/Customer/7002"
)

// clock is a hand-moved clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// store is a simulated store under test with two customers in it.
type store struct {
	*sim.Server
	t     *testing.T
	clock *clock
}

// patience bounds what has to happen: it ends a test that would never end.
const patience = 5 * time.Minute

func newStore(t *testing.T, change ...func(*sim.Config)) store {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 20, 3, 4, 5, 600_000_000, time.UTC)}
	cfg := sim.Config{
		Shop: "demo.myshopify.com", APIVersion: "2026-10", AccessToken: fixedToken,
		ClientID: "client", ClientSecret: "secret", Clock: c.now, History: true,
		Bucket:   sim.Bucket{Maximum: 1e9, RestoreRate: 1e9},
		Webhooks: sim.Webhooks{Timeout: patience},
	}
	for _, f := range change {
		f(&cfg)
	}
	server, err := sim.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { _ = server.Close() })
	s := store{server, t, c}
	s.customer(taro, "taro@example.com", "ja")
	s.customer(hanako, "hanako@example.com", "en")
	return s
}

func (s store) customer(id, email, locale string) {
	s.t.Helper()
	if _, err := s.AddCustomer(id, email, "Name of "+email, locale); err != nil {
		s.t.Fatalf("AddCustomer: %v", err)
	}
}

// reply is an answer of the API.
type reply struct {
	Status int
	Header http.Header
	Body   string
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
	Extensions struct {
		Cost struct {
			RequestedQueryCost int
			ActualQueryCost    *int
			ThrottleStatus     struct{ MaximumAvailable, CurrentlyAvailable, RestoreRate float64 }
		}
	}
}

// code is the code of the first top-level error.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	return code
}

// at follows a path of keys and indexes into the data.
func (r reply) at(path ...any) any {
	var value any = r.Data
	for _, step := range path {
		switch key := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[key]
		case int:
			list, _ := value.([]any)
			if key >= len(list) {
				return nil
			}
			value = list[key]
		}
	}
	return value
}

// userErrors are the codes in a root field's payload, each followed by its field.
func (r reply) userErrors(root string) []string {
	list, _ := r.at(root, "userErrors").([]any)
	texts := []string{}
	for _, e := range list {
		object, _ := e.(map[string]any)
		code, _ := object["code"].(string)
		fields, _ := object["field"].([]any)
		words := []string{code}
		for _, f := range fields {
			words = append(words, f.(string))
		}
		texts = append(texts, strings.Join(words, " "))
	}
	return texts
}

func (s store) request(method, path, token string, body any) *httptest.ResponseRecorder {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Access-Token", token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s store) run(query string, variables map[string]any) reply {
	s.t.Helper()
	w := s.request("POST", "/admin/api/2026-10/graphql.json", fixedToken, map[string]any{"query": query,
		"variables": variables})
	answer := reply{Status: w.Code, Header: w.Header(), Body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil && w.Code == http.StatusOK {
		s.t.Fatalf("answer is no JSON: %v: %s", err, w.Body)
	}
	return answer
}

const createText = `mutation Create($d: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $d) {
    codeDiscountNode { id codeDiscount { __typename ... on DiscountCodeBasic {
      title status startsAt endsAt usageLimit appliesOncePerCustomer asyncUsageCount tags discountClasses
      combinesWith { orderDiscounts productDiscounts shippingDiscounts }
      context { __typename ... on DiscountCustomers { customers { id } } }
      customerGets { value { __typename ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem } } items { __typename } }
      minimumRequirement { __typename ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount currencyCode } } }
      codes(first: 2) { nodes { id code asyncUsageCount } pageInfo { hasNextPage } }
    } } }
    userErrors { field code message extraInfo } } }`

// coupon is the input a coupon is made of; changes overwrite, nil removes.
func (s store) coupon(code string, changes map[string]any) map[string]any {
	now := s.clock.now()
	d := map[string]any{
		"title": "Coupon " + code, "code": code,
		"startsAt": now.Format(time.RFC3339), "endsAt": now.Add(24 * time.Hour).Format(time.RFC3339),
		"usageLimit": 1, "appliesOncePerCustomer": true,
		"context":      map[string]any{"customers": map[string]any{"add": []string{taro}}},
		"customerGets": map[string]any{"value": amount("500"), "items": map[string]any{"all": true}},
		"tags":         []string{"loyalty"},
	}
	for key, value := range changes {
		if d[key] = value; value == nil {
			delete(d, key)
		}
	}
	return map[string]any{"d": d}
}

func amount(text string) map[string]any {
	return map[string]any{"discountAmount": map[string]any{"amount": text, "appliesOnEachItem": false}}
}

// create makes a coupon and returns its gid.
func (s store) create(code string, changes map[string]any) string {
	s.t.Helper()
	answer := s.run(createText, s.coupon(code, changes))
	id, _ := answer.at("discountCodeBasicCreate", "codeDiscountNode", "id").(string)
	if id == "" {
		s.t.Fatalf("creating %s: %s", code, answer.Body)
	}
	return id
}

// byID runs a mutation that takes an id and returns its answer.
func (s store) byID(field, id string) reply {
	s.t.Helper()
	selection := "codeDiscountNode { codeDiscount { ... on DiscountCodeBasic { status startsAt endsAt } } }"
	if field == "discountCodeDelete" {
		selection = "deletedCodeDiscountId"
	}
	return s.run("mutation($id: ID!) { "+field+"(id: $id) { "+selection+" userErrors { field code message } } }",
		map[string]any{"id": id})
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
