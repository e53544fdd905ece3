package story

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/demo"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// shopper is somebody with a browser at the demo's storefront.
type shopper struct {
	t      *testing.T
	client *http.Client
}

func newShopper(t *testing.T) shopper {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return shopper{t, &http.Client{Jar: jar, Transport: world.Client().Transport}}
}

// visit returns the page that an address leads to; a form makes it a post.
func (s shopper) visit(address string, form url.Values) string {
	s.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	expect.MustEqual(s.t, "err", err, nil, address)
	expect.MustEqual(s.t, "res.StatusCode", res.StatusCode, http.StatusOK, address)
	return string(page)
}

// TestDemoStore walks from the coupon's link to an order, as the customer of a mail does.
// covers: 000-12, 004-03, 004-04, T-05
func TestDemoStore(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := world.StartDemo(t, data)
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	made := pos.Do("POST", "/v1/customers/8812370934/conversions", "k1", `{"points": 500}`).Body
	code, link := fmt.Sprint(made["code"]), fmt.Sprint(made["apply_url"])
	expect.MustEqual(t, "link", link, file.API+"/discount/"+code)
	expect.MustEqual(t, "file.Store", file.Store, file.API+"/store/")
	me := newShopper(t)
	t.Run("another customer reads why the code is refused", func(t *testing.T) {
		other := newShopper(t)
		other.visit(file.Store+"customer", url.Values{"customer": {"7001000002"}})
		other.visit(file.Store+"cart/add", url.Values{"product": {"cup"}})
		page := other.visit(link, nil)
		expect.That(t, `page to contain "belongs to another customer"`,
			strings.Contains(page, "belongs to another customer"), page)
	})
	t.Run("the owner buys with it, once", func(t *testing.T) {
		me.visit(file.Store+"customer", url.Values{"customer": {"7001000001"}})
		me.visit(file.Store+"cart/add", url.Values{"product": {"cup"}})
		me.visit(link, nil)
		page := me.visit(file.Store+"pay", url.Values{})
		expect.MustThat(t, `page to contain "¥1,900"`, strings.Contains(page, "¥1,900"), page)
		expect.MustThat(t, "page to contain code", strings.Contains(page, code), code, page)
		me.visit(file.Store+"cart/add", url.Values{"product": {"cup"}})
		page = me.visit(link, nil)
		expect.That(t, `page to contain "already been used"`, strings.Contains(page, "already been used"), page)
	})
	t.Run("the store owes the service what happened", func(t *testing.T) {
		var list struct{ Items []simshopify.Subscription }
		if err := json.Unmarshal(fromShopify(t, file, "/_sim/subscriptions"), &list); err != nil {
			t.Fatal(err)
		}
		for _, topic := range []string{"ORDERS_CREATE", "ORDERS_CANCELLED", "REFUNDS_CREATE", "DISCOUNTS_DELETE"} {
			if !slices.ContainsFunc(list.Items, func(s simshopify.Subscription) bool { return s.Topic == topic }) {
				t.Errorf("nobody hears of %s", topic)
			}
		}
		page := me.visit(file.Store+"deliveries", nil)
		expect.That(t, `page to contain "orders/create"`, strings.Contains(page, "orders/create"), page)
		expect.That(t, `page to contain file.API+"/webhooks/shopify"`,
			strings.Contains(page, file.API+"/webhooks/shopify"), file.API+"/webhooks/shopify", page)
	})
	stop()
	t.Run("the order and the log are there after a restart", func(t *testing.T) {
		again, _ := world.StartDemo(t, data)
		page := me.visit(again.Store+"orders", nil)
		expect.That(t, "page to contain code", strings.Contains(page, code), code, page)
		page = me.visit(again.Store+"deliveries", nil)
		expect.That(t, `page to contain "orders/create"`, strings.Contains(page, "orders/create"), page)
	})
}

// TestSimulateTells: the simulators alone send webhooks to where the flags say, of the topics that are taken.
func TestSimulateTells(t *testing.T) {
	t.Parallel()
	type hook struct {
		path, topic, signature string
		body                   []byte
	}
	hooks := make(chan hook, 20)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hooks <- hook{r.URL.Path, r.Header.Get("X-Shopify-Topic"), r.Header.Get("X-Shopify-Hmac-Sha256"), body}
	}))
	defer target.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var out world.LockedBuffer
	ended := make(chan error, 1)
	go func() {
		ended <- commands.Simulate(ctx, commands.Simulation{Addr: "127.0.0.1:0", Hooks: target.URL + "/all",
			Privacy: target.URL + "/privacy"}, &out)
	}()
	world.Eventually(t, "the simulators are up", func() bool { return strings.Contains(out.String(), "# ready") })
	setting := func(name string) string {
		_, rest, _ := strings.Cut(out.String(), name)
		value, _, _ := strings.Cut(rest, "\n")
		return value
	}
	post := func(path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, setting("SHOPIFY_API_URL=")+
			demo.ShopifyPath+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", setting("own access token: "))
		res, err := world.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode >= 300 {
			t.Fatalf("%s is answered %d", path, res.StatusCode)
		}
	}
	take := func(path, topic string) {
		t.Helper()
		h := <-hooks
		mac := hmac.New(sha256.New, []byte(setting("SHOPIFY_CLIENT_SECRET=")))
		mac.Write(h.body)
		if h.path != path || h.topic != topic || h.signature != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%s %s, signed %s", h.path, h.topic, h.signature)
		}
	}
	post("/_sim/checkout", `{"customer":"7001000001","subtotal":"3000"}`)
	take("/all", "orders/create")
	post("/_sim/acts", `{"act":"customers/redact","customer":"7001000001"}`)
	take("/privacy", "customers/redact")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the simulators ended with %v", err)
	}
}
