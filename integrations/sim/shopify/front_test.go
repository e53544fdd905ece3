package shopify_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
)

// browser follows the storefront's links and forms as a person does, without any script.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	page string
	last *http.Response
}

func browse(s store) *browser {
	s.t.Helper()
	server := httptest.NewServer(s.Storefront())
	s.t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{t: s.t, base: server.URL, http: &http.Client{Jar: jar}}
}

func (b *browser) do(method, path string, form url.Values, headers ...string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		b.t.Fatal(err)
	}
	b.last, b.page = res, string(raw)
}

func (b *browser) open(path string, headers ...string) {
	b.t.Helper()
	b.do(http.MethodGet, path, nil, headers...)
	if b.last.StatusCode != http.StatusOK {
		b.t.Fatalf("%s is answered %d", path, b.last.StatusCode)
	}
}

var (
	formPattern  = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)".*?</form>`)
	inputPattern = regexp.MustCompile(`<input [^>]*?name="([^"]+)"[^>]*?value="([^"]*)"`)
)

// press sends the form of the page whose text has the words; fill is what the person fills in and the button pressed.
func (b *browser) press(words string, fill ...string) {
	b.t.Helper()
	for _, match := range formPattern.FindAllStringSubmatch(b.page, -1) {
		if !strings.Contains(match[0], words) {
			continue
		}
		values := url.Values{}
		for _, input := range inputPattern.FindAllStringSubmatch(match[0], -1) {
			if !strings.Contains(input[0], "checkbox") {
				values.Set(input[1], html.UnescapeString(input[2]))
			}
		}
		for i := 0; i+1 < len(fill); i += 2 {
			if !strings.Contains(match[0], `name="`+fill[i]+`"`) {
				b.t.Fatalf("the form with %q has no %q", words, fill[i])
			}
			values.Set(fill[i], fill[i+1])
		}
		b.do(http.MethodPost, match[1], values)
		if b.last.StatusCode != http.StatusOK {
			b.t.Fatalf("%q leads to %d", words, b.last.StatusCode)
		}
		return
	}
	b.t.Fatalf("the page has no form with %q", words)
}

// shows fails unless the page has all of the texts.
func (b *browser) shows(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(b.page), text) {
			b.t.Errorf("%s does not show %q", b.last.Request.URL.Path, text)
		}
	}
}

// covers: 000-01, 000-12, 004-03, 004-04, T-02
func TestStorefront(t *testing.T) {
	t.Parallel()
	t.Run("from the mail's link to an order that is cancelled: the code stays used", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.create("70934-AB72CD-500", nil)
		b := browse(s)
		b.open("/store/")
		b.press("Signed in as", "customer", "7001")
		b.shows("Name of taro@example.com")
		b.open("/discount/70934-ab72cd-500")
		b.shows("70934-AB72CD-500", "once something is in the cart")
		b.open("/store/")
		b.press(`value="cup"`)
		b.shows("70934-AB72CD-500", "−¥500", "¥2,400", "Pay ¥1,900")
		b.press("Pay")
		b.shows("#1001", "Thank you", "¥1,900")
		s.drain()
		equal(t, "heard of", r.topics(), "orders/create")
		b.press("Cancel order", "act", "cancel", "reason", "declined")
		b.shows("#1001: The order is cancelled", "payment declined", "Payment failed")
		s.drain()
		hooks := r.hooks()
		equal(t, "heard of", hooks[len(hooks)-1].topic(), "orders/cancelled")
		equal(t, "reason", hooks[len(hooks)-1].Body["cancel_reason"], any("declined"))
		b.open("/discount/70934-AB72CD-500?redirect=%2Fstore%2F")
		b.press(`value="beans"`)
		b.shows("This code has already been used")
		if strings.Contains(b.page, "/store/pay") {
			t.Error("a refused code can be paid with")
		}
	})
	t.Run("why a code is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("MINE", nil)
		s.create("ENDED", nil)
		s.byID("discountCodeDeactivate", s.create("GONE", nil))
		s.create("LATER", map[string]any{"startsAt": s.clock.now().Add(time.Hour).Format(time.RFC3339)})
		s.create("BIG", map[string]any{"minimumRequirement": map[string]any{"subtotal": map[string]any{"greaterThanOrEqualToSubtotal": "5000"}}})
		b := browse(s)
		b.open("/store/")
		b.press(`value="beans"`)
		b.press("Discount code", "code", "mine")
		b.shows("belongs to another customer")
		b.open("/store/")
		b.press("Signed in as", "customer", "7001")
		b.open("/store/cart")
		b.shows("−¥500")
		for code, why := range map[string]string{
			"GONE": "has expired or was cancelled", "LATER": "is not valid yet", "BIG": "at least ¥5,000",
			"NONE": "no such code", "ENDED": "cannot be combined",
		} {
			b.press("Discount code", "code", code)
			b.shows(why)
			b.press(`value="` + code + `"`)
		}
		b.press("Discount code", "code", "<b>odd</b>")
		if strings.Contains(b.page, "<b>odd") {
			t.Error("a code is not escaped")
		}
	})
	t.Run("a code that was used up between the cart and the payment is refused with its reason", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("ONCE", nil)
		b := browse(s)
		b.open("/store/")
		b.press("Signed in as", "customer", "7001")
		b.open("/discount/ONCE")
		b.open("/store/")
		b.press(`value="cup"`)
		s.buy(taro, "ONCE")
		b.press("Pay")
		b.shows("This code has already been used")
		equal(t, "orders", len(s.Orders()), 1)
	})
	t.Run("refunds, an edit, a test order and a deletion", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t)
		s.create("ONE", nil)
		order := s.buy(taro, "ONE")
		b := browse(s)
		b.open("/store/orders")
		b.press("Refund this amount", "act", "refund", "amount", "9999")
		b.shows("more than is left")
		b.press("Refund this amount", "act", "refund", "amount", "1000")
		b.shows("Partly refunded")
		b.press("Remove the code", "act", "remove_code")
		b.shows("Edited")
		b.press("Refund everything", "act", "refund")
		b.shows("The money was given back")
		o, _ := s.Order(order)
		equal(t, "status", o.FinancialStatus, "REFUNDED")
		equal(t, "codes", len(o.DiscountCodes), 0)
		b.press("Mark as a test", "act", "mark_test")
		b.press("Delete order", "act", "delete_order")
		b.shows("Nobody has ordered")
		s.drain()
		equal(t, "heard of", r.topics(), "orders/create orders/updated refunds/create orders/updated orders/edited "+
			"orders/updated refunds/create orders/updated orders/delete")
	})
	t.Run("the switches and the log", func(t *testing.T) {
		t.Parallel()
		s, r := listening(t, func(c *sim.Config) { c.Webhooks.ComplianceURI = "http://127.0.0.1:1/" })
		b := browse(s)
		b.open("/store/deliveries")
		b.press("Late:", "late", "1", "twice", "1", "topics", "orders/create")
		b.shows("Saved", "checked")
		s.buy(taro)
		s.drain()
		b.open("/store/deliveries")
		b.shows("1 owed", "held back", "orders/create", "#1001")
		b.press(">Deliver now<")
		b.shows("0 owed", "delivered", "200")
		equal(t, "heard of", r.topics(), "orders/create orders/create")
		b.press("Late:", "late_for", "soon")
		b.shows("no number")
		b.press("erased", "act", "customers/redact", "customer", "7001")
		b.shows("customers/redact", "taro@example.com")
	})
}

func TestStorefrontIsCareful(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	order := s.buy(taro)
	b := browse(s)
	t.Run("a link leads on within the shop only", func(t *testing.T) {
		for _, to := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`,
			"javascript:alert(1)", "elsewhere", "/%0d%0ax"} {
			b.do(http.MethodGet, "/discount/ANY?redirect="+url.QueryEscape(to), nil)
			equal(t, to, b.last.Request.URL.Host, strings.TrimPrefix(b.base, "http://"))
		}
	})
	t.Run("posts of other sites are refused", func(t *testing.T) {
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://elsewhere.example"}} {
			b.do(http.MethodPost, "/store/orders/1001", url.Values{"act": {"delete_order"}}, headers...)
			equal(t, strings.Join(headers, " "), b.last.StatusCode, http.StatusForbidden)
		}
		if _, there := s.Order(order); !there {
			t.Error("the order is gone")
		}
	})
	t.Run("nothing changes by a GET, and only known acts are done", func(t *testing.T) {
		for _, path := range []string{"/store/pay", "/store/cart/add", "/store/deliveries/flush", "/store/acts"} {
			b.do(http.MethodGet, path, nil)
			equal(t, path, b.last.StatusCode, http.StatusMethodNotAllowed)
		}
		for _, act := range []string{"uninstall", "shop/redact", "", "refund2"} {
			b.do(http.MethodPost, "/store/orders/1001", url.Values{"act": {act}})
			b.shows("That was not possible")
		}
		b.do(http.MethodPost, "/store/acts", url.Values{"act": {"uninstall"}})
		b.shows("That was not possible")
	})
	t.Run("the policy lets no script run", func(t *testing.T) {
		b.open("/store/")
		policy := b.last.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") ||
			strings.Contains(b.page, "<script") || strings.Contains(b.page, "style=") {
			t.Errorf("policy %q", policy)
		}
	})
	t.Run("both languages, by the browser or by choice", func(t *testing.T) {
		b.open("/store/", "Accept-Language", "ja-JP,ja;q=0.9,en;q=0.5")
		b.shows(`lang="ja"`, "商品", "マイポイント", `href="/apps/pointbridge/?locale=ja"`)
		b.open("/store/language/ja?back=/store/orders", "Accept-Language", "en")
		b.shows("注文をキャンセル")
		b.open("/store/language/en?back=//elsewhere.example")
		b.shows("Products")
	})
	t.Run("an order that does not exist", func(t *testing.T) {
		b.do(http.MethodGet, "/store/orders/77", nil)
		equal(t, "status", b.last.StatusCode, http.StatusNotFound)
	})
}

// TestSignedIn is what the app proxy asks.
func TestSignedIn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for value, want := range map[string]string{"7001": "7001", "": "", "9999": "", "x": "",
		"gid://shopify/Customer/7001": "7001"} {
		r := httptest.NewRequest(http.MethodGet, "/apps/pointbridge/", nil)
		r.AddCookie(&http.Cookie{Name: "store_customer", Value: value})
		equal(t, value, s.SignedIn(r), want)
	}
}
