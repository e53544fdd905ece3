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

// covers: 001-27, 001-33, 001-37, 002-15, 002-16, 002-17, 004-01, 004-04, 004-10, 004-11, 004-12, 004-13, 004-14
// covers: 004-24, 004-37, 004-58, 004-59, H-02, H-03, H-04, H-07
func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := world.StartFreshDemo(t, data)
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	const conversions = "/v1/customers/8812370934/conversions"

	first := pos.Do("POST", conversions, "first", `{"points": 500}`)
	code, _ := first.Body["code"].(string)
	if first.Status != 201 || !strings.HasPrefix(code, "70934-") || !strings.HasSuffix(code, "-500") ||
		first.Body["amount"] != 500.0 {
		t.Fatalf("answered %d %s", first.Status, first.Raw)
	}
	t.Run("the balance falls from 1,250 to 750", func(t *testing.T) {
		got := pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.MustEqual(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
	})
	t.Run("one discount in Shopify: that customer, once, with an end, no minimum, no stacking", func(t *testing.T) {
		d := shopifyDiscount(t, file, code)
		expect.MustEqual(t, `d["usage_limit"]`, d["usage_limit"], 1.0, d)
		expect.MustThat(t, `d["ends_at"] != nil`, d["ends_at"] != nil, d)
		expect.MustEqual(t, `fmt.Sprint(d["customer_ids"])`, fmt.Sprint(d["customer_ids"]),
			"[gid://shopify/Customer/7001000001]", d)
		expect.MustEqual(t, `d["amount"]`, d["amount"], "500.0", d)
		expect.MustEqual(t, `d["minimum_subtotal"]`, d["minimum_subtotal"], nil, d)
		expect.MustEqual(t, `fmt.Sprint(d["combines"])`, fmt.Sprint(d["combines"]),
			"map[order:false product:false shipping:false]", d)
	})
	t.Run("the metafield lists it", func(t *testing.T) {
		world.Eventually(t, "the metafield lists the code",
			func() bool { return strings.Contains(world.MetafieldOf(t, file, "7001000001"), code) })
	})
	t.Run("one mail in the customer's language with code, steps and link", func(t *testing.T) {
		var mails []map[string]any
		world.Eventually(t, "a mail arrives", func() bool {
			got := pos.Do("GET", strings.TrimPrefix(file.Mailbox, file.API)+"/messages", "", "")
			return json.Unmarshal(got.Raw, &mails) == nil && len(mails) > 0
		})
		text, _ := mails[0]["text"].(string)
		expect.MustEqual(t, "len(mails)", len(mails), 1, mails)
		expect.MustEqual(t, `mails[0]["to"]`, mails[0]["to"], "yamada.taro@example.com")
		expect.MustThat(t, "text to contain code", strings.Contains(text, code), code, text)
		expect.MustThat(t, `text to contain "/discount/"+code`, strings.Contains(text, "/discount/"+code),
			"/discount/"+code, text)
		expect.MustThat(t, `text to contain "お使いいただく手順"`, strings.Contains(text, "お使いいただく手順"), text)
	})
	t.Run("the same request again gets the same answer", func(t *testing.T) {
		again := pos.Do("POST", conversions, "first", `{"points": 500}`)
		expect.MustEqual(t, "again.Status", again.Status, 201, again.Header, again.Raw)
		expect.MustEqual(t, `again.Header.Get("Idempotent-Replayed")`, again.Header.Get("Idempotent-Replayed"), "true",
			again.Header, again.Raw)
		expect.MustEqual[any](t, `again.Body["code"]`, again.Body["code"], code, again.Header, again.Raw)
	})
	t.Run("refusals have their own code and a sentence in the caller's language", func(t *testing.T) {
		poor := pos.Do("POST", conversions, "poor", `{"points": 900}`)
		if poor.Status != 422 || poor.Body["code"] != "insufficient_points" || poor.Body["balance"] != 750.0 ||
			poor.Body["required"] != 900.0 {
			t.Fatalf("too few points: %d %s", poor.Status, poor.Raw)
		}
		odd := pos.Do("POST", conversions, "odd", `{"points": 150}`)
		if odd.Status != 422 || odd.Body["code"] != "points_not_in_units" || odd.Body["unit"] != 100.0 {
			t.Fatalf("points that are not in units: %d %s", odd.Status, odd.Raw)
		}
	})
	t.Run("a customer's key reaches nobody else", func(t *testing.T) {
		customer := world.Caller{T: t, Base: file.API, Key: file.Keys["customer"]}
		got := customer.Do("GET", "/v1/customers/me/points", "", "")
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
		expect.MustEqual(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
		got = customer.Do("GET", "/v1/customers/12345/points", "", "")
		expect.MustEqual(t, "got.Status", got.Status, 403, got.Raw)
		expect.MustEqual(t, `got.Body["code"]`, got.Body["code"], "permission_denied", got.Raw)
	})
	t.Run("staff see the demo's coupons, expired ones too", func(t *testing.T) {
		staff := world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}
		for status, atLeast := range map[string]int{"active": 2, "expired": 2} {
			got := staff.Do("GET", "/v1/coupons?status="+status, "", "")
			items, _ := got.Body["items"].([]any)
			expect.MustEqual(t, "got.Status", got.Status, 200, status, got.Raw)
			expect.MustThat(t, "len(items) >= atLeast", len(items) >= atLeast, status, len(items), atLeast, got.Raw)
		}
	})
	t.Run("the list can be searched, and its filters add up to all", func(t *testing.T) {
		staff := world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}
		count := func(query string) int {
			got := staff.Do("GET", "/v1/coupons?limit=200"+query, "", "")
			items, _ := got.Body["items"].([]any)
			expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
			expect.MustEqual(t, `got.Body["next_cursor"]`, got.Body["next_cursor"], nil, got.Raw)
			return len(items)
		}
		sum := 0
		for _, status := range domain.Statuses() {
			sum += count("&status=" + string(status))
		}
		if all := count(""); all == 0 || sum != all {
			t.Errorf("the filters show %d of %d", sum, all)
		}
		part := strings.ToLower(strings.Split(code, "-")[1])
		if count("&code="+strings.ToLower(code)) != 1 || count("&code="+part) != 1 ||
			count("&customer_id=8812370934&status=active") != 1 {
			t.Error("the code is not found by its whole, its part and its owner")
		}
	})
	t.Run("the audit tells each step, is sealed, and verifies while the service runs",
		func(t *testing.T) { auditOfDemo(t, file, data, code) })
	t.Run("no page leads outside of the machine", func(t *testing.T) { demoLeadsNowhere(t, file) })
	t.Run("a restart keeps everything", func(t *testing.T) {
		stop()
		file, _ := world.StartDemo(t, data)
		pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
		got := pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.MustEqual(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
		got = pos.Do("POST", conversions, "first", `{"points": 500}`)
		expect.MustEqual[any](t, `got.Body["code"]`, got.Body["code"], code, got.Raw)
		if !strings.Contains(world.MetafieldOf(t, file, "7001000001"), code) {
			t.Fatal("the store has forgotten the metafield")
		}
	})
}

// fromShopify reads one of the simulated store's lists.
func fromShopify(t *testing.T, file demo.File, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, file.API+demo.ShopifyPath+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	res, err := world.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	expect.MustEqual(t, "err", err, nil, raw)
	expect.MustEqual(t, "res.StatusCode", res.StatusCode, 200, raw)
	return raw
}

func shopifyDiscount(t *testing.T, file demo.File, code string) map[string]any {
	t.Helper()
	raw := fromShopify(t, file, "/_sim/discounts")
	var list struct {
		Items []map[string]any `json:"items"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	for _, d := range list.Items {
		if d["code"] == code {
			return d
		}
	}
	t.Fatalf("Shopify does not have %s", code)
	return nil
}
