package story

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/test/world"
)

// TestStorefront converts points as a customer of the shop does: through Shopify's proxy, and by an extension's token.
// covers: 002-46, 004-04, H-01, H-02, H-16, H-26, H-27, H-28, H-30
func TestStorefront(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	shop := world.OpenShop(t, file)
	const yamada, noah = "7001000001", "7001000004"

	t.Run("a customer converts points on the storefront, and the discount is theirs alone", func(t *testing.T) {
		if got := shop.As(yamada, "GET", "/v1/customers/me/points", "", ""); got.Status != 200 ||
			got.Body["balance"] != 1250.0 || got.Body["customer_id"] != "8812370934" {
			t.Fatalf("%d %s", got.Status, got.Raw)
		}
		quote := shop.As(yamada, "GET", "/v1/customers/me/quote?points=500", "", "")
		made := shop.As(yamada, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		code, _ := made.Body["code"].(string)
		if quote.Status != 200 || made.Status != 201 || made.Body["amount"] != quote.Body["amount"] ||
			!strings.HasSuffix(code, "-500") ||
			made.Header.Get("Location") != world.Prefix+"/v1/customers/me/conversions/mine" {
			t.Fatalf("%d %s, %d %v %s", quote.Status, quote.Raw, made.Status, made.Header, made.Raw)
		}
		if d := shopifyDiscount(t, file, code); fmt.Sprint(d["customer_ids"]) != "[gid://shopify/Customer/"+yamada+"]" {
			t.Errorf("the discount is for %v", d["customer_ids"])
		}
		again := shop.As(yamada, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		if again.Body["code"] != code || again.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %d %s", again.Status, again.Raw)
		}
		if polled := shop.As(yamada, "GET", strings.TrimPrefix(made.Header.Get("Location"), world.Prefix), "",
			""); polled.Body["code"] != code {
			t.Errorf("polled: %d %s", polled.Status, polled.Raw)
		}
		if list := shop.As(yamada, "GET", "/v1/customers/me/coupons?limit=1", "",
			""); !strings.Contains(string(list.Raw), code) {
			t.Errorf("the list: %d %s", list.Status, list.Raw)
		}
		if got := shop.As(yamada, "GET", "/v1/customers/me/points", "", ""); got.Body["balance"] != 750.0 {
			t.Errorf("%s", got.Raw)
		}
	})
	t.Run("an extension's token is the same customer, and repeats the same request", func(t *testing.T) {
		token := shop.Store.SessionToken(yamada)
		got := shop.ByToken(token, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		if got.Status != 201 || got.Header.Get("Idempotent-Replayed") != "true" ||
			got.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%d %v %s", got.Status, got.Header, got.Raw)
		}
		if got := shop.ByToken(token, "GET", "/v1/customers/me/points", "", ""); got.Body["balance"] != 750.0 {
			t.Errorf("%s", got.Raw)
		}
		if got := shop.ByToken(token, "GET", "/v1/coupons", "", ""); got.Status != 403 {
			t.Errorf("a customer's token at staff's address: %d %s", got.Status, got.Raw)
		}
		if got := shop.ByToken(shop.Store.AdminToken(7001000001), "GET", "/v1/customers/me/points", "",
			""); got.Status != 401 {
			t.Errorf("a token of staff: %d %s", got.Status, got.Raw)
		}
	})
	t.Run("nobody signed in, no signature, another site", func(t *testing.T) {
		if got := shop.As("", "GET", "/v1/customers/me/points?locale=en", "", ""); got.Status != 401 ||
			got.Body["code"] != "not_signed_in" {
			t.Errorf("%d %s", got.Status, got.Raw)
		}
		if got := shop.Send("GET", file.API+"/proxy/v1/customers/me/points?shop="+demo.DemoShop+
			"&logged_in_customer_id="+yamada, "", nil); got.Status != 401 {
			t.Errorf("%d %s", got.Status, got.Raw)
		}
		forged := shop.Send("POST", shop.URL+world.Prefix+"/v1/customers/me/conversions", `{"points":100}`,
			map[string]string{"X-Test-Customer": yamada, "Idempotency-Key": "forged", "Sec-Fetch-Site": "cross-site",
				"Origin": "https://evil.example"})
		if forged.Status != 403 {
			t.Errorf("%d %s", forged.Status, forged.Raw)
		}
		if got := shop.As(yamada, "GET", "/v1/customers/12345/points", "", ""); got.Status != 403 {
			t.Errorf("another customer's points: %d %s", got.Status, got.Raw)
		}
	})
	t.Run("a first visit links the member whom the shop names, once", func(t *testing.T) {
		admin := world.Caller{T: t, Base: file.API, Key: file.Keys[string(domain.RoleSystemAdmin)]}
		if got := admin.Do("PUT", "/v1/customers/20002", "", `{"shopify_customer_id":""}`); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Raw)
		}
		if got := shop.As(noah, "GET", "/v1/customers/me/points", "", ""); got.Status != 409 ||
			got.Body["code"] != "customer_not_linked" {
			t.Fatalf("not linked: %d %s", got.Status, got.Raw)
		}
		// The shop names a member who is Yamada's: nothing changes hands.
		setMember(t, file, noah, "8812370934")
		if got := shop.As(noah, "GET", "/v1/customers/me/points", "", ""); got.Status != 409 {
			t.Fatalf("somebody else's member: %d %s", got.Status, got.Raw)
		}
		setMember(t, file, noah, "20002")
		var linked world.Answer
		world.Eventually(t, "the store has told of the change", func() bool {
			linked = shop.As(noah, "GET", "/v1/customers/me/points", "", "")
			return linked.Status == 200
		})
		if linked.Body["customer_id"] != "20002" || linked.Body["balance"] != 90.0 {
			t.Fatalf("linked: %d %s", linked.Status, linked.Raw)
		}
		if got := shop.As(yamada, "GET", "/v1/customers/me/points", "", ""); got.Body["customer_id"] != "8812370934" {
			t.Errorf("%s", got.Raw)
		}
		record := admin.Do("GET", "/v1/audit?action=customer.linked&actor=member:20002", "", "")
		items, _ := record.Body["items"].([]any)
		if len(items) != 1 || !strings.Contains(string(record.Raw), "metafield") {
			t.Errorf("the audit: %d %s", record.Status, record.Raw)
		}
	})
}

// setMember writes, as the shop's people do, which member a customer is.
func setMember(t *testing.T, file demo.File, customer, member string) {
	t.Helper()
	query, err := json.Marshal(map[string]string{"query": `mutation { metafieldsSet(metafields: [{ownerId: "gid://shopify/Customer/` + customer +
		`", namespace: "loyalty", key: "member_id", type: "single_line_text_field", value: "` + member +
		`"}]) { userErrors { message } } }`})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.Shopify.URL+"/admin/api/"+
		demo.DemoAPIVersion+"/graphql.json", strings.NewReader(string(query)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := world.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if raw, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(raw), `"userErrors":[]`) {
		t.Fatalf("%s %v", raw, err)
	}
}
