package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pointbridge/domain"
)

// TestMain lets the test binary be the program itself, so that tests can start and kill real processes.
func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// caller makes requests with a key and reads JSON.
type caller struct {
	t         *testing.T
	base, key string
}

type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func (c caller) do(method, path, key string, body string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := httpClient().Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		c.t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

// eventually asks until the answer is yes; it is for what other processes do in their own time.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// startDemo runs a demo in this process until the test, or stop, ends it.
func startDemo(t *testing.T, data string) (file demoFile, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out lockedBuffer
	ended := make(chan error, 1)
	go func() { ended <- demo(ctx, "127.0.0.1:0", data, &out) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	}
	t.Cleanup(stop)
	eventually(t, "the demo is up", func() bool { return strings.Contains(out.String(), "Press Ctrl-C") })
	raw, err := os.ReadFile(filepath.Join(data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file, stop
}

// covers: 001-27, 001-37, 002-15, 002-16, 002-17, 004-01, 004-04, 004-10, 004-11, 004-12, 004-13, 004-14, 004-24
// covers: 004-37, 004-58, 004-59, H-02, H-03, H-04, H-07
func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := startDemo(t, data)
	till := caller{t, file.API, file.Keys["pos"]}
	const conversions = "/v1/customers/8812370934/conversions"

	first := till.do("POST", conversions, "first", `{"points": 500}`)
	code, _ := first.body["code"].(string)
	if first.status != 201 || !strings.HasPrefix(code, "70934-") || !strings.HasSuffix(code, "-500") || first.body["amount"] != 500.0 {
		t.Fatalf("answered %d %s", first.status, first.raw)
	}
	t.Run("the balance falls from 1,250 to 750", func(t *testing.T) {
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 750.0 {
			t.Fatalf("%s", got.raw)
		}
	})
	t.Run("one discount in Shopify: that customer, once, with an end, no minimum, no stacking", func(t *testing.T) {
		d := shopifyDiscount(t, file, code)
		if d["usage_limit"] != 1.0 || d["ends_at"] == nil || fmt.Sprint(d["customer_ids"]) != "[gid://shopify/Customer/7001000001]" ||
			d["amount"] != "500.0" || d["minimum_subtotal"] != nil || fmt.Sprint(d["combines"]) != "map[order:false product:false shipping:false]" {
			t.Fatalf("%v", d)
		}
	})
	t.Run("the metafield lists it", func(t *testing.T) {
		eventually(t, "the metafield lists the code", func() bool { return strings.Contains(metafieldOf(t, file, "7001000001"), code) })
	})
	t.Run("one mail in the customer's language with code, steps and link", func(t *testing.T) {
		var mails []map[string]any
		eventually(t, "a mail arrives", func() bool {
			got := till.do("GET", strings.TrimPrefix(file.Mailbox, file.API)+"/messages", "", "")
			return json.Unmarshal(got.raw, &mails) == nil && len(mails) > 0
		})
		text, _ := mails[0]["text"].(string)
		if len(mails) != 1 || mails[0]["to"] != "yamada.taro@example.com" || !strings.Contains(text, code) ||
			!strings.Contains(text, "/discount/"+code) || !strings.Contains(text, "お使いいただく手順") {
			t.Fatalf("%v", mails)
		}
	})
	t.Run("the same request again gets the same answer", func(t *testing.T) {
		again := till.do("POST", conversions, "first", `{"points": 500}`)
		if again.status != 201 || again.header.Get("Idempotent-Replayed") != "true" || again.body["code"] != code {
			t.Fatalf("%d %v %s", again.status, again.header, again.raw)
		}
	})
	t.Run("refusals have their own code and a sentence in the caller's language", func(t *testing.T) {
		poor := till.do("POST", conversions, "poor", `{"points": 900}`)
		if poor.status != 422 || poor.body["code"] != "insufficient_points" || poor.body["balance"] != 750.0 || poor.body["required"] != 900.0 {
			t.Fatalf("too few points: %d %s", poor.status, poor.raw)
		}
		odd := till.do("POST", conversions, "odd", `{"points": 150}`)
		if odd.status != 422 || odd.body["code"] != "points_not_in_units" || odd.body["unit"] != 100.0 {
			t.Fatalf("points that are not in units: %d %s", odd.status, odd.raw)
		}
	})
	t.Run("a customer's key reaches nobody else", func(t *testing.T) {
		customer := caller{t, file.API, file.Keys["customer"]}
		if got := customer.do("GET", "/v1/customers/me/points", "", ""); got.status != 200 || got.body["balance"] != 750.0 {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		if got := customer.do("GET", "/v1/customers/12345/points", "", ""); got.status != 403 || got.body["code"] != "permission_denied" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	})
	t.Run("staff see the demo's coupons, expired ones too", func(t *testing.T) {
		staff := caller{t, file.API, file.Keys["staff"]}
		for status, atLeast := range map[string]int{"active": 2, "expired": 2} {
			got := staff.do("GET", "/v1/coupons?status="+status, "", "")
			items, _ := got.body["items"].([]any)
			if got.status != 200 || len(items) < atLeast {
				t.Fatalf("%s: %d %s", status, got.status, got.raw)
			}
		}
	})
	t.Run("the list can be searched, and its filters add up to all", func(t *testing.T) {
		staff := caller{t, file.API, file.Keys["staff"]}
		count := func(query string) int {
			got := staff.do("GET", "/v1/coupons?limit=200"+query, "", "")
			items, _ := got.body["items"].([]any)
			if got.status != 200 || got.body["next_cursor"] != nil {
				t.Fatalf("%d %s", got.status, got.raw)
			}
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
		if count("&code="+strings.ToLower(code)) != 1 || count("&code="+part) != 1 || count("&customer_id=8812370934&status=active") != 1 {
			t.Error("the code is not found by its whole, its part and its owner")
		}
	})
	t.Run("the record tells each step, is sealed, and verifies while the service runs", func(t *testing.T) { recordOfDemo(t, file, data, code) })
	t.Run("a restart keeps everything", func(t *testing.T) {
		stop()
		file, _ := startDemo(t, data)
		till := caller{t, file.API, file.Keys["pos"]}
		if got := till.do("GET", "/v1/customers/8812370934/points", "", ""); got.body["balance"] != 750.0 {
			t.Fatalf("%s", got.raw)
		}
		if got := till.do("POST", conversions, "first", `{"points": 500}`); got.body["code"] != code {
			t.Fatalf("%s", got.raw)
		}
		if !strings.Contains(metafieldOf(t, file, "7001000001"), code) {
			t.Fatal("the store has forgotten the metafield")
		}
	})
}

// fromShopify reads one of the simulated store's lists.
func fromShopify(t *testing.T, file demoFile, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, file.API+shopifyPath+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	res, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%d %s %v", res.StatusCode, raw, err)
	}
	return raw
}

func shopifyDiscount(t *testing.T, file demoFile, code string) map[string]any {
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

// metafieldOf asks the store's Admin API, as a storefront's app would.
func metafieldOf(t *testing.T, file demoFile, customer string) string {
	t.Helper()
	query := `{"query": "{ customer(id: \"gid://shopify/Customer/` + customer + `\") { metafield(namespace: \"$app\", key: \"coupons\") { value } } }"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.Shopify.URL+"/admin/api/"+demoAPIVersion+"/graphql.json", strings.NewReader(query))
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
	raw, err := io.ReadAll(res.Body)
	if err != nil || !bytes.Contains(raw, []byte(`"data"`)) {
		t.Fatalf("%s %v", raw, err)
	}
	return string(raw)
}
