package shopify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	client "pointbridge/integrations/shopify"
	"pointbridge/integrations/sim/shopify"
)

// TestAppProxy sends requests through the simulated proxy to an app that checks them as ours does.
// covers: 004-04, H-01
func TestAppProxy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const shop, secret = "demo.myshopify.com", "simulated-client-secret"
	store, err := shopify.New(shopify.Config{Shop: shop, APIVersion: "2026-10", ClientID: "app", ClientSecret: secret,
		Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddCustomer("7001", "taro@example.com", "Taro", "ja"); err != nil {
		t.Fatal(err)
	}
	check, err := client.NewVoucher(client.VoucherConfig{Shop: shop, ClientID: "app", Secret: secret,
		Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	type arrived struct {
		method, path, cookie, host, origin, body string
		request                                  domain.ProxyRequest
		err                                      error
	}
	var got arrived
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request, err := check.Proxied(r.URL.RawQuery)
		request.Proof = "" // it is new each time
		got = arrived{r.Method, r.URL.EscapedPath(), r.Header.Get("Cookie"), r.Header.Get("X-Forwarded-Host"),
			r.Header.Get("Origin"), string(body), request, err}
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer app.Close()
	proxy := store.AppProxy(app.URL+"/proxy/", func(r *http.Request) string {
		c, err := r.Cookie("customer")
		if err != nil {
			return ""
		}
		return c.Value
	})
	through := func(method, path, customer, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "https://shop.example"+path, strings.NewReader(body))
		r.Header.Set("Cookie", "customer="+customer)
		r.Header.Set("Origin", "https://shop.example")
		w := httptest.NewRecorder()
		proxy.ServeHTTP(w, r)
		return w
	}

	w := through("POST", "/apps/pointbridge/v1/customers/me/conversions/a%2Fb?limit=5&shop=evil&logged_in_customer_id=1&signature=0", "gid://shopify/Customer/7001", `{"points":1}`)
	want := arrived{"POST", "/proxy/v1/customers/me/conversions/a%2Fb", "", "shop.example", "https://shop.example",
		`{"points":1}`,
		domain.ProxyRequest{CustomerGID: "gid://shopify/Customer/7001", PathPrefix: "/apps/pointbridge",
			Query: "limit=5"},
		nil}
	if got != want || w.Code != http.StatusTeapot || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("the app saw %+v\nwant %+v\nand answered %d %v", got, want, w.Code, w.Header())
	}
	for _, nobody := range []string{"", "7002", "somebody"} {
		if through("GET", "/apps/pointbridge", nobody, ""); got.err != nil || got.request.CustomerGID != "" ||
			got.path != "/proxy/" {
			t.Errorf("%q is %+v", nobody, got)
		}
	}
	if through("GET", "/apps/pointbridge/x?"+url.Values{"cursor": {"a=b"}}.Encode(), "7001", ""); got.err == nil {
		t.Error("what can be read in two ways is signed, and the app believes it")
	}
	app.Close()
	if w := through("GET", "/apps/pointbridge/", "7001", ""); w.Code != http.StatusBadGateway {
		t.Errorf("an app that is away gives %d", w.Code)
	}

	for customer, want := range map[string]string{"7001": "gid://shopify/Customer/7001",
		"gid://shopify/Customer/7001": "gid://shopify/Customer/7001", "": "", "7002": ""} {
		if gid, err := check.SessionCustomer(store.SessionToken(customer)); err != nil || gid != want {
			t.Errorf("a session token for %q is for %q, %v", customer, gid, err)
		}
	}
	if gid, err := check.SessionCustomer(store.AdminToken(7001)); err == nil {
		t.Errorf("a token of staff is the customer %q's", gid)
	}
	now = now.Add(6 * time.Minute)
	old := store.SessionToken("7001")
	now = now.Add(6 * time.Minute)
	if _, err := check.SessionCustomer(old); err == nil {
		t.Error("a session token lives longer than five minutes")
	}
}
