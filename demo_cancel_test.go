package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// couponAt reads a coupon as staff see it.
func couponAt(t *testing.T, staff caller, code string) map[string]any {
	t.Helper()
	got := staff.do("GET", "/v1/coupons/"+code, "", "")
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	return got.body
}

// mailsTo reads the mails of the demo's mailbox, newest first.
func mailsTo(t *testing.T, file demoFile, to string) (mails []map[string]any) {
	t.Helper()
	var all []map[string]any
	got := caller{t, file.API, ""}.do("GET", strings.TrimPrefix(file.Mailbox, file.API)+"/messages", "", "")
	if err := json.Unmarshal(got.raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m["to"] == to {
			mails = append(mails, m)
		}
	}
	return mails
}

// TestDemoCancel is the article's story, over HTTP: 1,250 points, a coupon of 500, cancelled by a store manager.
// covers: 004-05, 004-18, 004-19, 004-20, 004-21, 004-22, 004-23, 004-24, 004-26, 004-29, 004-35, 004-36, 004-38
// covers: 004-43, 004-44, 004-46, 004-47, 004-53, 004-54, T-01
func TestDemoCancel(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	till := caller{t, file.API, file.Keys["pos"]}
	manager, _ := signIn(t, file, "store_manager")
	staff, _ := signIn(t, file, "staff")
	const because = `{"reason":"customer_request","note":"買い間違い"}`

	code, _ := till.do("POST", "/v1/customers/8812370934/conversions", "k1", `{"points": 500}`).body["code"].(string)
	kept, _ := till.do("POST", "/v1/customers/8812370934/conversions", "k2", `{"points": 300}`).body["code"].(string)
	cancellation := "/v1/coupons/" + code + "/cancellation"

	t.Run("general staff may not", func(t *testing.T) {
		if got := staff.do("POST", cancellation, "c0", because); got.status != 403 || got.body["code"] != "permission_denied" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	})
	t.Run("the store manager cancels: on its way, then done", func(t *testing.T) {
		got := manager.do("POST", cancellation, "c1", because)
		if got.status != 202 || got.body["status"] != "cancelling" || got.header.Get("Location") != "/v1/coupons/"+code {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		eventually(t, "the coupon is cancelled", func() bool { return couponAt(t, staff, code)["status"] == "cancelled" })
		c := couponAt(t, staff, code)
		if c["cancelled_by"] == nil || c["cancelled_at"] == nil || c["reason"] != "customer_request" || c["note"] != "買い間違い" {
			t.Errorf("who, when, why or the note is missing: %v", c)
		}
	})
	t.Run("the code is dead in Shopify and was not deleted", func(t *testing.T) {
		if d := shopifyDiscount(t, file, code); d["status"] != "EXPIRED" {
			t.Errorf("%v", d)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+shopifyPath+"/_sim/checkout",
			strings.NewReader(fmt.Sprintf(`{"customer":"7001000001","codes":[%q],"subtotal":"3000"}`, code)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
		res, err := httpClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a checkout with it is answered %d", res.StatusCode)
		}
	})
	t.Run("the points are back, and the two entries name one another", func(t *testing.T) {
		c := couponAt(t, staff, code)
		moves, _ := c["movements"].([]any)
		if len(moves) != 2 {
			t.Fatalf("%v", moves)
		}
		take, back := moves[0].(map[string]any), moves[1].(map[string]any)
		if take["balance_before"] != 1250.0 || take["balance_after"] != 750.0 || back["reference"] != "CANCEL-"+code ||
			back["related_reference"] != take["reference"] || back["points"] != 500.0 {
			t.Errorf("%v", moves)
		}
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 950.0 {
			t.Errorf("%s", got.raw)
		}
		pos := caller{t, file.POS.URL, file.POS.Token}.do("GET", "/customers/8812370934/points/history?reference=CANCEL-"+code, "", "")
		if text := string(pos.raw); !strings.Contains(text, "COUPON-"+code) || !strings.Contains(text, "Refund due to coupon cancellation") {
			t.Errorf("%s", text)
		}
	})
	t.Run("the metafield says so, and the other entry is as it was", func(t *testing.T) {
		eventually(t, "the metafield follows", func() bool { return entryIn(t, file, code)["cancelled_at"] != nil })
		if entryIn(t, file, code)["status"] != "cancelled" {
			t.Errorf("%v", entryIn(t, file, code))
		}
		entry, c := entryIn(t, file, code), couponAt(t, staff, code)
		if !strings.HasPrefix(fmt.Sprint(c["cancelled_at"]), strings.TrimSuffix(fmt.Sprint(entry["cancelled_at"]), "Z")) {
			t.Errorf("%v and %v", entry["cancelled_at"], c["cancelled_at"])
		}
		if other := entryIn(t, file, kept); other["status"] != "active" || other["cancelled_at"] != nil {
			t.Errorf("%v", other)
		}
	})
	t.Run("one mail tells it", func(t *testing.T) {
		told := func() (n int, text string) {
			for _, m := range mailsTo(t, file, "yamada.taro@example.com") {
				if m["subject"] == "クーポンがキャンセルされました" {
					n, text = n+1, fmt.Sprint(m["text"])
				}
			}
			return n, text
		}
		eventually(t, "the mail arrives", func() bool { n, _ := told(); return n > 0 })
		if n, text := told(); n != 1 || !strings.Contains(text, code) || !strings.Contains(text, "500ポイント") || !strings.Contains(text, "950ポイント") {
			t.Errorf("%d %s", n, text)
		}
	})
	t.Run("each step is in the history, and a second click changes nothing", func(t *testing.T) {
		history := fmt.Sprint(couponAt(t, staff, code)["history"])
		for _, action := range []string{"cancellation.started", "discount.deactivated", "refund.started", "points.given_back"} {
			if !strings.Contains(history, action) {
				t.Errorf("%s is missing in %s", action, history)
			}
		}
		if got := manager.do("POST", cancellation, "c2", because); got.status != 409 || got.body["code"] != "coupon_already_cancelled" {
			t.Errorf("%d %s", got.status, got.raw)
		}
		if got := manager.do("POST", cancellation, "c1", because); got.status != 202 || got.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%d %s", got.status, got.raw)
		}
	})
	t.Run("the till asks for a refund, and asks again", func(t *testing.T) {
		ask := func(key, reference string) answer {
			return till.do("POST", "/v1/refunds", key, fmt.Sprintf(`{"coupon_code":%q,"reference":%q,"reason":"order_cancelled"}`, kept, reference))
		}
		first := ask("r1", "TILL-1")
		if first.status != 202 || first.body["status"] != "accepted" {
			t.Fatalf("%d %s", first.status, first.raw)
		}
		eventually(t, "the refund is done", func() bool { return till.do("GET", "/v1/refunds/TILL-1", "", "").body["status"] == "done" })
		if again := ask("r2", "TILL-2"); again.status != 202 || again.header.Get("Idempotent-Replayed") != "true" || again.body["reference"] != "TILL-1" {
			t.Errorf("%d %s", again.status, again.raw)
		}
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 1250.0 {
			t.Errorf("%s", got.raw)
		}
	})
}

// entryIn is a code's entry in the metafield of Yamada Taro.
func entryIn(t *testing.T, file demoFile, code string) map[string]any {
	t.Helper()
	var answer struct {
		Data struct {
			Customer struct{ Metafield struct{ Value string } }
		}
	}
	var entries []map[string]any
	if err := json.Unmarshal([]byte(metafieldOf(t, file, "7001000001")), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Data.Customer.Metafield.Value == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(answer.Data.Customer.Metafield.Value), &entries); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e["code"] == code {
			return e
		}
	}
	return nil
}

// TestDemoUsedAndSuspected shows the two other ends: an order that came first, and suspected fraud.
// covers: 000-13, 004-08, 004-17, T-02
func TestDemoUsedAndSuspected(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	till := caller{t, file.API, file.Keys["pos"]}
	manager, _ := signIn(t, file, "ec_admin")
	made := func(points string) string {
		code, _ := till.do("POST", "/v1/customers/8812370934/conversions", "k"+points, `{"points": `+points+`}`).body["code"].(string)
		return code
	}
	t.Run("the shop has an order with the code, and nobody told us", func(t *testing.T) {
		code := made("500")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+shopifyPath+"/_sim/checkout",
			strings.NewReader(fmt.Sprintf(`{"customer":"7001000001","codes":[%q],"subtotal":"3000"}`, strings.ToLower(code))))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
		res, err := httpClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("the checkout was answered %d", res.StatusCode)
		}
		got := manager.do("POST", "/v1/coupons/"+code+"/cancellation", "c1", `{"reason":"other"}`)
		if got.status != 409 || got.body["code"] != "coupon_already_used" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		if c := couponAt(t, manager, code); c["status"] != "used" || c["used_order"] == nil || len(c["movements"].([]any)) != 1 {
			t.Errorf("%v", c)
		}
	})
	t.Run("suspected fraud: the code is dead, no points move, a person decides", func(t *testing.T) {
		code := made("300")
		if got := manager.do("POST", "/v1/coupons/"+code+"/suspension", "s1", `{"reason":"other","note":"odd"}`); got.status != 202 || got.body["status"] != "suspended" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		eventually(t, "the code is dead", func() bool { return shopifyDiscount(t, file, code)["status"] == "EXPIRED" })
		list := manager.do("GET", "/v1/reviews?status=open", "", "")
		items, _ := list.body["items"].([]any)
		if len(items) != 1 || items[0].(map[string]any)["kind"] != "suspected_fraud" || items[0].(map[string]any)["coupon_code"] != code {
			t.Fatalf("%s", list.raw)
		}
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 450.0 {
			t.Errorf("%s", got.raw)
		}
		decision := fmt.Sprintf("/v1/reviews/%v/decision", items[0].(map[string]any)["id"])
		if got := manager.do("POST", decision, "d1", `{"outcome":"return_points","note":"cleared"}`); got.status != 200 || got.body["status"] != "closed" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		eventually(t, "the points are back", func() bool { return couponAt(t, manager, code)["status"] == "cancelled" })
		if got := manager.do("POST", decision, "d2", `{"outcome":"forfeit"}`); got.status != 409 || got.body["code"] != "review_already_decided" {
			t.Errorf("%d %s", got.status, got.raw)
		}
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 750.0 {
			t.Errorf("%s", got.raw)
		}
	})
}
