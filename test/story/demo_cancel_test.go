package story

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestDemoCancel is the article's story, over HTTP: 1,250 points, a coupon of 500, cancelled by a store manager.
// covers: 004-05, 004-18, 004-19, 004-20, 004-21, 004-22, 004-23, 004-24, 004-26, 004-29, 004-35, 004-36, 004-38
// covers: 004-43, 004-44, 004-46, 004-47, 004-53, 004-54, T-01
func TestDemoCancel(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	manager, _ := world.SignIn(t, file, "store_manager")
	staff, _ := world.SignIn(t, file, "staff")
	const because = `{"reason":"customer_request","note":"買い間違い"}`

	code, _ := pos.Do("POST", "/v1/customers/8812370934/conversions", "k1", `{"points": 500}`).Body["code"].(string)
	kept, _ := pos.Do("POST", "/v1/customers/8812370934/conversions", "k2", `{"points": 300}`).Body["code"].(string)
	cancellation := "/v1/coupons/" + code + "/cancellation"

	t.Run("general staff may not", func(t *testing.T) {
		got := staff.Do("POST", cancellation, "c0", because)
		expect.MustEqual(t, "got.Status", got.Status, 403, got.Raw)
		expect.MustEqual(t, `got.Body["code"]`, got.Body["code"], "permission_denied", got.Raw)
	})
	t.Run("the store manager cancels: on its way, then done", func(t *testing.T) {
		got := manager.Do("POST", cancellation, "c1", because)
		expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
		expect.MustEqual(t, `got.Body["status"]`, got.Body["status"], "cancelling", got.Raw)
		expect.MustEqual(t, `got.Header.Get("Location")`, got.Header.Get("Location"), "/v1/coupons/"+code, got.Raw)
		world.Eventually(t, "the coupon is cancelled", func() bool { return world.CouponAt(t, staff, code)["status"] == "cancelled" })
		c := world.CouponAt(t, staff, code)
		if c["cancelled_by"] == nil || c["cancelled_at"] == nil || c["reason"] != "customer_request" ||
			c["note"] != "買い間違い" {
			t.Errorf("who, when, why or the note is missing: %v", c)
		}
	})
	t.Run("the code is deactivated in Shopify and was not deleted", func(t *testing.T) {
		d := shopifyDiscount(t, file, code)
		expect.Equal(t, `d["status"]`, d["status"], "EXPIRED", d)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+demo.ShopifyPath+"/_sim/checkout",
			strings.NewReader(fmt.Sprintf(`{"customer":"7001000001","codes":[%q],"subtotal":"3000"}`, code)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
		res, err := world.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a checkout with it is answered %d", res.StatusCode)
		}
	})
	t.Run("the points are back, and the two entries name one another", func(t *testing.T) {
		c := world.CouponAt(t, staff, code)
		moves, _ := c["movements"].([]any)
		expect.MustEqual(t, "len(moves)", len(moves), 2, moves)
		take, back := moves[0].(map[string]any), moves[1].(map[string]any)
		expect.Equal(t, `take["balance_before"]`, take["balance_before"], 1250.0, moves)
		expect.Equal(t, `take["balance_after"]`, take["balance_after"], 750.0, moves)
		expect.Equal[any](t, `back["reference"]`, back["reference"], "CANCEL-"+code, moves)
		expect.Equal(t, `back["related_reference"]`, back["related_reference"], take["reference"], moves)
		expect.Equal(t, `back["points"]`, back["points"], 500.0, moves)
		got := pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 950.0, got.Raw)
		pos := world.Caller{T: t, Base: file.POS.URL, Key: file.POS.Token}.Do("GET",
			"/customers/8812370934/points/history?reference=CANCEL-"+code, "", "")
		text := string(pos.Raw)
		expect.That(t, `text to contain "COUPON-"+code`, strings.Contains(text, "COUPON-"+code), "COUPON-"+code, text)
		reason := domain.MovementReason(domain.GiveBack, "ja")
		expect.That(t, "the reason is in the shop's language", strings.Contains(text, reason), reason, text)
	})
	t.Run("the metafield says so, and the other entry is as it was", func(t *testing.T) {
		world.Eventually(t, "the metafield follows",
			func() bool { return entryIn(t, file, code)["cancelled_at"] != nil })
		if entryIn(t, file, code)["status"] != "cancelled" {
			t.Errorf("%v", entryIn(t, file, code))
		}
		entry, c := entryIn(t, file, code), world.CouponAt(t, staff, code)
		if !strings.HasPrefix(fmt.Sprint(c["cancelled_at"]), strings.TrimSuffix(fmt.Sprint(entry["cancelled_at"]),
			"Z")) {
			t.Errorf("%v and %v", entry["cancelled_at"], c["cancelled_at"])
		}
		other := entryIn(t, file, kept)
		expect.Equal(t, `other["status"]`, other["status"], "active", other)
		expect.Equal(t, `other["cancelled_at"]`, other["cancelled_at"], nil, other)
	})
	t.Run("one mail tells it", func(t *testing.T) {
		told := func() (n int, text string) {
			for _, m := range world.MailsTo(t, file, "yamada.taro@example.com") {
				if m["subject"] == "クーポンがキャンセルされました" {
					n, text = n+1, fmt.Sprint(m["text"])
				}
			}
			return n, text
		}
		world.Eventually(t, "the mail arrives", func() bool { n, _ := told(); return n > 0 })
		n, text := told()
		expect.Equal(t, "n", n, 1)
		expect.That(t, "text to contain code", strings.Contains(text, code), code, text)
		expect.That(t, `text to contain "500ポイント"`, strings.Contains(text, "500ポイント"), text)
		expect.That(t, `text to contain "950ポイント"`, strings.Contains(text, "950ポイント"), text)
	})
	t.Run("each step is in the history, and a second click changes nothing", func(t *testing.T) {
		history := fmt.Sprint(world.CouponAt(t, staff, code)["history"])
		for _, action := range []string{"cancellation.started", "discount.deactivated", "refund.started",
			"points.given_back"} {
			if !strings.Contains(history, action) {
				t.Errorf("%s is missing in %s", action, history)
			}
		}
		got := manager.Do("POST", cancellation, "c2", because)
		expect.Equal(t, "got.Status", got.Status, 409, got.Raw)
		expect.Equal(t, `got.Body["code"]`, got.Body["code"], "coupon_already_cancelled", got.Raw)
		got = manager.Do("POST", cancellation, "c1", because)
		expect.Equal(t, "got.Status", got.Status, 202, got.Raw)
		expect.Equal(t, `got.Header.Get("Idempotent-Replayed")`, got.Header.Get("Idempotent-Replayed"), "true", got.Raw)
	})
	t.Run("the POS asks for a refund, and asks again", func(t *testing.T) {
		ask := func(key, reference string) world.Answer {
			return pos.Do("POST", "/v1/refunds", key,
				fmt.Sprintf(`{"coupon_code":%q,"reference":%q,"reason":"order_cancelled"}`, kept, reference))
		}
		first := ask("r1", "POS-1")
		expect.MustEqual(t, "first.Status", first.Status, 202, first.Raw)
		expect.MustEqual(t, `first.Body["status"]`, first.Body["status"], "accepted", first.Raw)
		world.Eventually(t, "the refund is done", func() bool { return pos.Do("GET", "/v1/refunds/POS-1", "", "").Body["status"] == "done" })
		again := ask("r2", "POS-2")
		expect.Equal(t, "again.Status", again.Status, 202, again.Raw)
		expect.Equal(t, `again.Header.Get("Idempotent-Replayed")`, again.Header.Get("Idempotent-Replayed"), "true",
			again.Raw)
		expect.Equal(t, `again.Body["reference"]`, again.Body["reference"], "POS-1", again.Raw)
		got := pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 1250.0, got.Raw)
	})
}

// entryIn is a code's entry in the metafield of Yamada Taro.
func entryIn(t *testing.T, file demo.File, code string) map[string]any {
	t.Helper()
	var answer struct {
		Data struct {
			Customer struct{ Metafield struct{ Value string } }
		}
	}
	var entries []map[string]any
	if err := json.Unmarshal([]byte(world.MetafieldOf(t, file, "7001000001")), &answer); err != nil {
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
	file, _ := world.StartDemo(t, t.TempDir())
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	manager, _ := world.SignIn(t, file, "ec_admin")
	made := func(points string) string {
		code, _ := pos.Do("POST", "/v1/customers/8812370934/conversions", "k"+points, `{"points": `+points+
			`}`).Body["code"].(string)
		return code
	}
	t.Run("the shop has an order with the code, and nobody told us", func(t *testing.T) {
		code := made("500")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+demo.ShopifyPath+"/_sim/checkout",
			strings.NewReader(fmt.Sprintf(`{"customer":"7001000001","codes":[%q],"subtotal":"3000"}`,
				strings.ToLower(code))))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
		res, err := world.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("the checkout was answered %d", res.StatusCode)
		}
		got := manager.Do("POST", "/v1/coupons/"+code+"/cancellation", "c1", `{"reason":"customer_request"}`)
		expect.MustEqual(t, "got.Status", got.Status, 409, got.Raw)
		expect.MustEqual(t, `got.Body["code"]`, got.Body["code"], "coupon_already_used", got.Raw)
		c := world.CouponAt(t, manager, code)
		expect.Equal(t, `c["status"]`, c["status"], "used", c)
		expect.MustThat(t, `c["used_order"] != nil`, c["used_order"] != nil, c)
		expect.Equal(t, `len(c["movements"].([]any))`, len(c["movements"].([]any)), 1, c)
	})
	t.Run("suspected fraud: the code is deactivated, no points move, a person decides", func(t *testing.T) {
		code := made("300")
		got := manager.Do("POST", "/v1/coupons/"+code+"/suspension", "s1", `{"reason":"other","note":"odd"}`)
		expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
		expect.MustEqual(t, `got.Body["status"]`, got.Body["status"], "suspended", got.Raw)
		world.Eventually(t, "the code is deactivated", func() bool { return shopifyDiscount(t, file, code)["status"] == "EXPIRED" })
		list := manager.Do("GET", "/v1/reviews?status=open", "", "")
		items, _ := list.Body["items"].([]any)
		expect.MustEqual(t, "len(items)", len(items), 1, list.Raw)
		expect.MustEqual(t, `items[0].(map[string]any)["kind"]`, items[0].(map[string]any)["kind"], "suspected_fraud",
			list.Raw)
		expect.MustEqual[any](t, `items[0].(map[string]any)["coupon_code"]`, items[0].(map[string]any)["coupon_code"],
			code, list.Raw)
		got = pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 450.0, got.Raw)
		decision := fmt.Sprintf("/v1/reviews/%v/decision", items[0].(map[string]any)["id"])
		got = manager.Do("POST", decision, "d1", `{"outcome":"return_points","note":"cleared"}`)
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
		expect.MustEqual(t, `got.Body["status"]`, got.Body["status"], "closed", got.Raw)
		world.Eventually(t, "the points are back", func() bool { return world.CouponAt(t, manager, code)["status"] == "cancelled" })
		got = manager.Do("POST", decision, "d2", `{"outcome":"forfeit","note":"late"}`)
		expect.Equal(t, "got.Status", got.Status, 409, got.Raw)
		expect.Equal(t, `got.Body["code"]`, got.Body["code"], "review_already_decided", got.Raw)
		got = pos.Do("GET", "/v1/customers/8812370934/points", "", "")
		expect.Equal(t, `got.Body["balance"]`, got.Body["balance"], 750.0, got.Raw)
	})
}
