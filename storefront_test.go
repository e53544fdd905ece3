package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	simshopify "pointbridge/integrations/sim/shopify"
)

// theShop is Shopify in front of a demo: its app proxy and its session tokens, for customers who sign in by a header.
type theShop struct {
	t     *testing.T
	url   string
	api   string
	store *simshopify.Server
}

const prefix = "/apps/pointbridge"

func openShop(t *testing.T, file demoFile) theShop {
	t.Helper()
	store, err := simshopify.New(simshopify.Config{Shop: demoShop, APIVersion: demoAPIVersion, ClientID: file.Shopify.ClientID, ClientSecret: file.Shopify.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Customers {
		if _, err := store.AddCustomer(c.Shopify, "", c.Name, "ja"); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(store.AppProxy(file.API+"/proxy", func(r *http.Request) string { return r.Header.Get("X-Test-Customer") }))
	t.Cleanup(server.Close)
	return theShop{t, server.URL, file.API, store}
}

// as asks for something on the storefront, or with a token directly, as a customer with this number.
func (s theShop) as(customer, method, path, key, body string) answer {
	s.t.Helper()
	return s.send(method, s.url+prefix+path, body, map[string]string{"X-Test-Customer": customer, "Idempotency-Key": key, "Sec-Fetch-Site": "same-origin"})
}

func (s theShop) byToken(token, method, path, key, body string) answer {
	s.t.Helper()
	return s.send(method, s.api+path, body, map[string]string{"Authorization": "Bearer " + token, "Idempotency-Key": key, "Origin": "https://extensions.shopifycdn.com"})
}

func (s theShop) send(method, address, body string, headers map[string]string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range headers {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := httpClient().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		s.t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

// TestStorefront converts points as a customer of the shop does: through Shopify's proxy, and by an extension's token.
// covers: 002-46, 004-04, H-01, H-02, H-16, H-26, H-27, H-28, H-30
func TestStorefront(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	shop := openShop(t, file)
	const yamada, noah = "7001000001", "7001000004"

	t.Run("a customer converts points on the storefront, and the discount is theirs alone", func(t *testing.T) {
		if got := shop.as(yamada, "GET", "/v1/customers/me/points", "", ""); got.status != 200 || got.body["balance"] != 1250.0 || got.body["customer_id"] != "8812370934" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		quote := shop.as(yamada, "GET", "/v1/customers/me/quote?points=500", "", "")
		made := shop.as(yamada, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		code, _ := made.body["code"].(string)
		if quote.status != 200 || made.status != 201 || made.body["amount"] != quote.body["amount"] || !strings.HasSuffix(code, "-500") ||
			made.header.Get("Location") != prefix+"/v1/customers/me/conversions/mine" {
			t.Fatalf("%d %s, %d %v %s", quote.status, quote.raw, made.status, made.header, made.raw)
		}
		if d := shopifyDiscount(t, file, code); fmt.Sprint(d["customer_ids"]) != "[gid://shopify/Customer/"+yamada+"]" {
			t.Errorf("the discount is for %v", d["customer_ids"])
		}
		again := shop.as(yamada, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		if again.body["code"] != code || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %d %s", again.status, again.raw)
		}
		if polled := shop.as(yamada, "GET", strings.TrimPrefix(made.header.Get("Location"), prefix), "", ""); polled.body["code"] != code {
			t.Errorf("polled: %d %s", polled.status, polled.raw)
		}
		if list := shop.as(yamada, "GET", "/v1/customers/me/coupons?limit=1", "", ""); !strings.Contains(string(list.raw), code) {
			t.Errorf("the list: %d %s", list.status, list.raw)
		}
		if got := shop.as(yamada, "GET", "/v1/customers/me/points", "", ""); got.body["balance"] != 750.0 {
			t.Errorf("%s", got.raw)
		}
	})
	t.Run("an extension's token is the same customer, and repeats the same request", func(t *testing.T) {
		token := shop.store.SessionToken(yamada)
		got := shop.byToken(token, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		if got.status != 201 || got.header.Get("Idempotent-Replayed") != "true" || got.header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%d %v %s", got.status, got.header, got.raw)
		}
		if got := shop.byToken(token, "GET", "/v1/customers/me/points", "", ""); got.body["balance"] != 750.0 {
			t.Errorf("%s", got.raw)
		}
		if got := shop.byToken(token, "GET", "/v1/coupons", "", ""); got.status != 403 {
			t.Errorf("a customer's token at staff's address: %d %s", got.status, got.raw)
		}
		if got := shop.byToken(shop.store.AdminToken(7001000001), "GET", "/v1/customers/me/points", "", ""); got.status != 401 {
			t.Errorf("a token of staff: %d %s", got.status, got.raw)
		}
	})
	t.Run("nobody signed in, no signature, another site", func(t *testing.T) {
		if got := shop.as("", "GET", "/v1/customers/me/points?locale=en", "", ""); got.status != 401 || got.body["code"] != "not_signed_in" {
			t.Errorf("%d %s", got.status, got.raw)
		}
		if got := shop.send("GET", file.API+"/proxy/v1/customers/me/points?shop="+demoShop+"&logged_in_customer_id="+yamada, "", nil); got.status != 401 {
			t.Errorf("%d %s", got.status, got.raw)
		}
		forged := shop.send("POST", shop.url+prefix+"/v1/customers/me/conversions", `{"points":100}`,
			map[string]string{"X-Test-Customer": yamada, "Idempotency-Key": "forged", "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
		if forged.status != 403 {
			t.Errorf("%d %s", forged.status, forged.raw)
		}
		if got := shop.as(yamada, "GET", "/v1/customers/12345/points", "", ""); got.status != 403 {
			t.Errorf("another customer's points: %d %s", got.status, got.raw)
		}
	})
	t.Run("a first visit links the member whom the shop names, once", func(t *testing.T) {
		admin := caller{t, file.API, file.Keys[string(domain.RoleSystemAdmin)]}
		if got := admin.do("PUT", "/v1/customers/20002", "", `{"shopify_customer_id":""}`); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		if got := shop.as(noah, "GET", "/v1/customers/me/points", "", ""); got.status != 409 || got.body["code"] != "customer_not_linked" {
			t.Fatalf("not linked: %d %s", got.status, got.raw)
		}
		// The shop names a member who is Yamada's: nothing changes hands.
		setMember(t, file, noah, "8812370934")
		if got := shop.as(noah, "GET", "/v1/customers/me/points", "", ""); got.status != 409 {
			t.Fatalf("somebody else's member: %d %s", got.status, got.raw)
		}
		setMember(t, file, noah, "20002")
		var linked answer
		eventually(t, "the store has told of the change", func() bool {
			linked = shop.as(noah, "GET", "/v1/customers/me/points", "", "")
			return linked.status == 200
		})
		if linked.body["customer_id"] != "20002" || linked.body["balance"] != 90.0 {
			t.Fatalf("linked: %d %s", linked.status, linked.raw)
		}
		if got := shop.as(yamada, "GET", "/v1/customers/me/points", "", ""); got.body["customer_id"] != "8812370934" {
			t.Errorf("%s", got.raw)
		}
		record := admin.do("GET", "/v1/audit?action=customer.linked&actor=member:20002", "", "")
		items, _ := record.body["items"].([]any)
		if len(items) != 1 || !strings.Contains(string(record.raw), "metafield") {
			t.Errorf("the record: %d %s", record.status, record.raw)
		}
	})
}

// setMember writes, as the shop's people do, which member a customer is.
func setMember(t *testing.T, file demoFile, customer, member string) {
	t.Helper()
	query, err := json.Marshal(map[string]string{"query": `mutation { metafieldsSet(metafields: [{ownerId: "gid://shopify/Customer/` + customer +
		`", namespace: "loyalty", key: "member_id", type: "single_line_text_field", value: "` + member + `"}]) { userErrors { message } } }`})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.Shopify.URL+"/admin/api/"+demoAPIVersion+"/graphql.json", strings.NewReader(string(query)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if raw, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(raw), `"userErrors":[]`) {
		t.Fatalf("%s %v", raw, err)
	}
}
