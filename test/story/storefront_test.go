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
	"pointbridge/test/expect"
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
		got := shop.As(yamada, "GET", "/v1/customers/me/points", "", "")
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
		expect.MustEqual(t, `got.Body["balance"]`, got.Body["balance"], 1250.0, got.Raw)
		expect.MustEqual(t, `got.Body["customer_id"]`, got.Body["customer_id"], "8812370934", got.Raw)
		quote := shop.As(yamada, "GET", "/v1/customers/me/quote?points=500", "", "")
		made := shop.As(yamada, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		code, _ := made.Body["code"].(string)
		expect.MustEqual(t, "quote.Status", quote.Status, 200, quote.Raw, made.Header, made.Raw)
		expect.MustEqual(t, "made.Status", made.Status, 201, quote.Raw, made.Header, made.Raw)
		expect.MustEqual(t, `made.Body["amount"]`, made.Body["amount"], quote.Body["amount"], quote.Raw, made.Header,
			made.Raw)
		expect.MustThat(t, `code to end with "-500"`, strings.HasSuffix(code, "-500"), code, quote.Raw, made.Header,
			made.Raw)
		expect.MustEqual(t, `made.Header.Get("Location")`, made.Header.Get("Location"),
			world.Prefix+"/v1/customers/me/conversions/mine", quote.Raw, made.Header, made.Raw)
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
		got = shop.As(yamada, "GET", "/v1/customers/me/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
	})
	t.Run("an extension's token is the same customer, and repeats the same request", func(t *testing.T) {
		token := shop.Store.SessionToken(yamada)
		got := shop.ByToken(token, "POST", "/v1/customers/me/conversions", "mine", `{"points":500}`)
		expect.Equal(t, "got.Status", got.Status, 201, got.Header, got.Raw)
		expect.Equal(t, `got.Header.Get("Idempotent-Replayed")`, got.Header.Get("Idempotent-Replayed"), "true",
			got.Header, got.Raw)
		expect.That(t, `got.Header.Get("Access-Control-Allow-Origin") != ""`,
			got.Header.Get("Access-Control-Allow-Origin") != "", got.Header, got.Raw)
		got = shop.ByToken(token, "GET", "/v1/customers/me/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
		if got := shop.ByToken(token, "GET", "/v1/coupons", "", ""); got.Status != 403 {
			t.Errorf("a customer's token at staff's address: %d %s", got.Status, got.Raw)
		}
		if got := shop.ByToken(shop.Store.AdminToken(7001000001), "GET", "/v1/customers/me/points", "",
			""); got.Status != 401 {
			t.Errorf("a token of staff: %d %s", got.Status, got.Raw)
		}
	})
	t.Run("nobody signed in, no signature, another site", func(t *testing.T) {
		got := shop.As("", "GET", "/v1/customers/me/points?locale=en", "", "")
		expect.Equal(t, "got.Status", got.Status, 401, got.Raw)
		expect.Equal(t, `got.Body["code"]`, got.Body["code"], "not_signed_in", got.Raw)
		got = shop.Send("GET", file.API+"/proxy/v1/customers/me/points?shop="+demo.DemoShop+
			"&logged_in_customer_id="+yamada, "", nil)
		expect.Equal(t, "got.Status", got.Status, 401, got.Raw)
		forged := shop.Send("POST", shop.URL+world.Prefix+"/v1/customers/me/conversions", `{"points":100}`,
			map[string]string{"X-Test-Customer": yamada, "Idempotency-Key": "forged", "Sec-Fetch-Site": "cross-site",
				"Origin": "https://evil.example"})
		expect.Equal(t, "forged.Status", forged.Status, 403, forged.Raw)
		if got := shop.As(yamada, "GET", "/v1/customers/12345/points", "", ""); got.Status != 403 {
			t.Errorf("another customer's points: %d %s", got.Status, got.Raw)
		}
	})
	t.Run("a first visit links the member whom the shop names, once", func(t *testing.T) {
		admin := world.Caller{T: t, Base: file.API, Key: file.Keys[string(domain.RoleSystemAdmin)]}
		got := admin.Do("PUT", "/v1/customers/20002", "", `{"shopify_customer_id":""}`)
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
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
		got = shop.As(yamada, "GET", "/v1/customers/me/points", "", "")
		expect.Equal(t, `got.Body["customer_id"]`, got.Body["customer_id"], "8812370934", got.Raw)
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
	raw, err := io.ReadAll(res.Body)
	expect.MustEqual(t, "err", err, nil, raw)
	expect.MustThat(t, "string(raw) to contain `\"userErrors\":[]`", strings.Contains(string(raw), `"userErrors":[]`),
		raw, string(raw))
}
