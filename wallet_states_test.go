package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestWalletStates are the pages of those who cannot convert, each with what can be done about it.
// covers: 001-42, H-01, H-02, H-21
func TestWalletStates(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	till := caller{t, file.API, file.Keys["pos"]}
	admin := caller{t, file.API, file.Keys["system_admin"]}

	t.Run("nobody is signed in: the page leads to the shop's sign-in and back", func(t *testing.T) {
		v := newVisitor(t, file.API)
		p := v.get(walletPath + "?locale=en")
		link := ""
		for _, a := range p.all("a") {
			if strings.HasPrefix(attribute(a, "href"), "/account/login") {
				link = attribute(a, "href")
			}
		}
		if !strings.Contains(p.text(), "Please sign in") || link != "/account/login?return_url="+url.QueryEscape(walletPath) {
			t.Fatalf("%q %s", link, p.text())
		}
	})
	t.Run("who did not come through the shop is told where to go, and nothing else", func(t *testing.T) {
		v := newVisitor(t, file.API)
		p := v.get("/proxy/")
		if p.status != http.StatusUnauthorized || !strings.Contains(p.header.Get("Content-Type"), "text/html") || !strings.Contains(p.text(), "open this page in the shop") {
			t.Fatalf("%d %s %s", p.status, p.header, p.text())
		}
		if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s", policy)
		}
	})
	t.Run("not linked: what to do", func(t *testing.T) {
		if got := admin.do("PUT", "/v1/customers/20001", "", `{"shopify_customer_id":""}`); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		_, p := inShop(t, file, "7001000003")
		if len(p.all("ol")) != 1 || !strings.Contains(p.text(), "member card") {
			t.Fatalf("%s", p.text())
		}
	})
	t.Run("too few points", func(t *testing.T) {
		_, p := inShop(t, file, "7001000004")
		if !strings.Contains(p.text(), "90 points") || !strings.Contains(p.text(), "A coupon takes at least 100 points") || p.form(walletForm) != nil {
			t.Fatalf("%s", p.text())
		}
	})
	t.Run("locked: until when", func(t *testing.T) {
		for range 20 {
			till.do("POST", "/v1/customers/12345/conversions", draw(), `{"points": 150}`)
		}
		_, p := inShop(t, file, "7001000002")
		if !strings.Contains(p.text(), "Paused for your safety") || !strings.Contains(p.text(), "JST") || p.form(walletForm) != nil {
			t.Fatalf("%s", p.text())
		}
	})
	t.Run("somebody else's result is not there", func(t *testing.T) {
		mine, home := inShop(t, file, "7001000001")
		made := mine.make(home, nil)
		if !strings.Contains(made.text(), "Your coupon is ready") {
			t.Fatalf("%s", made.text())
		}
		other, _ := inShop(t, file, "7001000006")
		if p := other.get(made.url.Path + "?locale=en"); !strings.Contains(p.text(), "There is nothing here") || strings.Contains(p.text(), "70934") {
			t.Fatalf("%s", p.text())
		}
	})
	t.Run("the language is the address's, else the member's", func(t *testing.T) {
		v := newVisitor(t, file.API)
		v.post("/store/customer", url.Values{"customer": {"7001000001"}})
		for address, want := range map[string]string{walletPath: "マイポイント", walletPath + "?locale=en": "My points", walletPath + "?locale=en-GB": "My points", walletPath + "?locale=xx": "マイポイント"} {
			if p := v.get(address); len(p.all("h1")) != 1 || textOf(p.all("h1")[0]) != want {
				t.Errorf("%s: %s", address, p.text())
			}
		}
	})
}

// TestWalletForgeries: a form is good for the customer on whose page it stands, from the shop's own pages.
func TestWalletForgeries(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	till := caller{t, file.API, file.Keys["pos"]}
	balance := func() any { return till.do("GET", "/v1/customers/8812370934/points", "", "").body["balance"] }
	v, home := inShop(t, file, "7001000001")
	_, foreign := inShop(t, file, "7001000006")
	fields := fieldsOf(home.form(walletAction(home, walletForm)))
	theirs := fieldsOf(foreign.form(walletAction(foreign, walletForm)))

	send := func(values url.Values, header http.Header) seenPage {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		return v.send(http.MethodPost, walletForm+"?locale=en", strings.NewReader(values.Encode()), header)
	}
	own := http.Header{"Origin": {file.API}, "Sec-Fetch-Site": {"same-origin"}}
	for name, p := range map[string]seenPage{
		"another site":         send(fields, http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}),
		"an old browser":       send(fields, http.Header{"Origin": {"https://evil.example"}}),
		"no token":             send(merge(fields, url.Values{"form_token": {""}}), own.Clone()),
		"a made-up token":      send(merge(fields, url.Values{"form_token": {"1.abc"}}), own.Clone()),
		"somebody else's form": send(theirs, own.Clone()),
	} {
		if !strings.Contains(p.text(), "This form is no longer valid") {
			t.Errorf("%s: %s", name, p.text())
		}
	}
	if got := balance(); got != 1250.0 {
		t.Fatalf("the balance is %v", got)
	}
	if p := send(fields, own.Clone()); !strings.Contains(p.text(), "Your coupon is ready") || balance() != 1150.0 {
		t.Fatalf("%v %s", balance(), p.text())
	}
}

// TestWalletLiquid: what Shopify gets is a part of a page, in which nothing can be run, whatever people are called.
func TestWalletLiquid(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	shop := openShop(t, file)
	const name = `{{ shop.secret }} {% include 'x' %} <b>&</b>`
	admin := caller{t, file.API, file.Keys["system_admin"]}
	if got := admin.do("PUT", "/v1/customers/8812370934", "", `{"name":"{{ shop.secret }} {% include 'x' %} <b>&</b>"}`); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	raw := shop.as("7001000001", "GET", "/?locale=en", "", "")
	page := string(raw.raw)
	if raw.header.Get("Content-Type") != "application/liquid; charset=utf-8" || raw.header.Get("Content-Security-Policy") != "" {
		t.Errorf("%s", raw.header)
	}
	for _, never := range []string{"{", "}", "<html", "<head", "<body", "<style", "<b>", "style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q stands in it", never)
		}
	}
	_, seen := inShop(t, file, "7001000001")
	if !strings.Contains(seen.text(), name) || strings.Contains(seen.text(), "Liquid was run") {
		t.Errorf("%s", seen.text())
	}
	for _, asset := range []string{"link", "script"} {
		for _, n := range seen.all(asset) {
			address := attribute(n, "href") + attribute(n, "src")
			if !strings.HasPrefix(address, prefix+"/assets/wallet-") {
				continue
			}
			got := caller{t, file.API, ""}.do("GET", address, "", "")
			if got.status != 200 || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %s", address, got.status, got.header)
			}
		}
	}
}

// TestDemoStart: the page that leads through the demo knows what has been done.
func TestDemoStart(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	if file.Console != file.API+"/admin" || file.Wallet != file.API+walletPath || file.Store == "" {
		t.Fatalf("%+v", file)
	}
	v := newVisitor(t, file.API)
	p := v.get("/?lang=en")
	if p.status != 200 || !strings.Contains(p.text(), "0 of 6 steps done") || !strings.Contains(v.get("/?lang=ja").text(), "6つのうち0つ完了") {
		t.Fatalf("%d %s", p.status, p.text())
	}
	wallet := v.submit(p, "/store/customer", nil)
	if wallet.url.Path != walletPath || !strings.Contains(wallet.text(), "1,250 points") {
		t.Fatalf("%s %s", wallet.url, wallet.text())
	}
	made := v.make(wallet, nil)
	_, codes := made.with("data-copy")
	if len(codes) != 1 {
		t.Fatalf("%s", made.text())
	}
	refused := caller{t, file.API, file.Keys["staff"]}.do("POST", "/v1/coupons/"+codes[0]+"/cancellation", "try", `{"reason":"customer_request"}`)
	done := caller{t, file.API, file.Keys["store_manager"]}.do("POST", "/v1/coupons/"+codes[0]+"/cancellation", "do", `{"reason":"customer_request"}`)
	if refused.status != 403 || done.status != 202 {
		t.Fatalf("%d %d %s", refused.status, done.status, done.raw)
	}
	eventually(t, "five of six are done", func() bool { return strings.Contains(v.get("/?lang=en").text(), "5 of 6 steps done") })
	for _, person := range file.Staff[:2] {
		if !strings.Contains(v.get("/?lang=en").text(), person.Password) {
			t.Errorf("the sign-in of %s is not told", person.Role)
		}
	}
	if ja := v.submit(v.get("/?lang=ja"), "/store/customer", nil); !strings.Contains(ja.text(), "マイポイント") {
		t.Errorf("a Japanese start leads to %s", ja.url)
	}
	if p := v.get("/wallet"); p.url.Path != walletPath {
		t.Errorf("%s", p.url)
	}
}
