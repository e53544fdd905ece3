package wallet

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestWalletStates are the pages of those who cannot convert, each with what can be done about it.
// covers: 001-42, H-01, H-02, H-21
func TestWalletStates(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	admin := world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}

	t.Run("nobody is signed in: the page leads to the shop's sign-in and back", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		p := v.Get(demo.WalletPath + "?locale=en")
		link := ""
		for _, a := range p.All("a") {
			if strings.HasPrefix(world.Attribute(a, "href"), "/account/login") {
				link = world.Attribute(a, "href")
			}
		}
		expect.MustThat(t, `p.Text() to contain "Please sign in"`, strings.Contains(p.Text(), "Please sign in"), p.Text)
		expect.MustEqual(t, "link", link, "/account/login?return_url="+url.QueryEscape(demo.WalletPath), p.Text)
	})
	t.Run("who did not come through the shop is told where to go, and nothing else", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		p := v.Get("/proxy/")
		expect.MustEqual(t, "p.Status", p.Status, http.StatusUnauthorized, p.Header, p.Text)
		expect.MustThat(t, `p.Header.Get("Content-Type") to contain "text/html"`,
			strings.Contains(p.Header.Get("Content-Type"), "text/html"), p.Header.Get("Content-Type"), p.Header, p.Text)
		expect.MustThat(t, `p.Text() to contain "open this page in the shop"`,
			strings.Contains(p.Text(), "open this page in the shop"), p.Text, p.Header)
		policy := p.Header.Get("Content-Security-Policy")
		expect.That(t, `policy to contain "default-src 'none'"`, strings.Contains(policy, "default-src 'none'"), policy)
		expect.That(t, `policy not to contain "unsafe"`, !strings.Contains(policy, "unsafe"), policy)
	})
	t.Run("not linked: what to do", func(t *testing.T) {
		got := admin.Do("PUT", "/v1/customers/20001", "", `{"shopify_customer_id":""}`)
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
		_, p := world.InShop(t, file, "7001000003")
		expect.MustEqual(t, `len(p.All("ol"))`, len(p.All("ol")), 1, p.Text)
		expect.MustThat(t, `p.Text() to contain "member card"`, strings.Contains(p.Text(), "member card"), p.Text)
	})
	t.Run("too few points", func(t *testing.T) {
		_, p := world.InShop(t, file, "7001000004")
		expect.MustThat(t, `p.Text() to contain "90 points"`, strings.Contains(p.Text(), "90 points"), p.Text)
		expect.MustThat(t, `p.Text() to contain how many are missing`,
			strings.Contains(p.Text(), "A coupon takes at least 100 points. You need 10 points more."), p.Text)
		expect.MustEqual(t, "p.Form(world.WalletForm)", p.Form(world.WalletForm), nil, p.Text)
	})
	t.Run("locked: until when", func(t *testing.T) {
		for range 20 {
			pos.Do("POST", "/v1/customers/12345/conversions", demo.Draw(), `{"points": 150}`)
		}
		_, p := world.InShop(t, file, "7001000002")
		expect.MustThat(t, `p.Text() to contain "Paused for your safety"`,
			strings.Contains(p.Text(), "Paused for your safety"), p.Text)
		expect.MustThat(t, `p.Text() to contain "JST"`, strings.Contains(p.Text(), "JST"), p.Text)
		expect.MustEqual(t, "p.Form(world.WalletForm)", p.Form(world.WalletForm), nil, p.Text)
	})
	t.Run("somebody else's result is not there", func(t *testing.T) {
		mine, home := world.InShop(t, file, "7001000001")
		made := mine.Make(home, nil)
		expect.MustThat(t, `made.Text() to contain "Your coupon is ready"`,
			strings.Contains(made.Text(), "Your coupon is ready"), made.Text)
		other, _ := world.InShop(t, file, "7001000006")
		p := other.Get(made.URL.Path + "?locale=en")
		expect.MustThat(t, `p.Text() to contain "There is nothing here"`,
			strings.Contains(p.Text(), "There is nothing here"), p.Text)
		expect.MustThat(t, `p.Text() not to contain "70934"`, !strings.Contains(p.Text(), "70934"), p.Text)
	})
	t.Run("the language is the address's, else the member's", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		v.Post("/store/customer", url.Values{"customer": {"7001000001"}})
		for address, want := range map[string]string{demo.WalletPath: "マイポイント", demo.WalletPath +
			"?locale=en": "My points", demo.WalletPath + "?locale=en-GB": "My points", demo.WalletPath +
			"?locale=xx": "マイポイント"} {
			p := v.Get(address)
			expect.MustEqual(t, `len(p.All("h1"))`, len(p.All("h1")), 1, address, p.Text)
			expect.Equal(t, `world.TextOf(p.All("h1")[0])`, world.TextOf(p.All("h1")[0]), want, address, p.Text)
		}
	})
}

// TestWalletForgeries: a form is good for the customer on whose page it stands, from the shop's own pages.
func TestWalletForgeries(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	balance := func() any { return pos.Do("GET", "/v1/customers/8812370934/points", "", "").Body["balance"] }
	v, home := world.InShop(t, file, "7001000001")
	_, foreign := world.InShop(t, file, "7001000006")
	fields := world.FieldsOf(home.Form(world.WalletAction(home, world.WalletForm)))
	theirs := world.FieldsOf(foreign.Form(world.WalletAction(foreign, world.WalletForm)))

	send := func(values url.Values, header http.Header) world.SeenPage {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		return v.Send(http.MethodPost, world.WalletForm+"?locale=en", strings.NewReader(values.Encode()), header)
	}
	own := http.Header{"Origin": {file.API}, "Sec-Fetch-Site": {"same-origin"}}
	for name, p := range map[string]world.SeenPage{
		"another site": send(fields, http.Header{"Origin": {"https://evil.example"},
			"Sec-Fetch-Site": {"cross-site"}}),
		"an old browser":       send(fields, http.Header{"Origin": {"https://evil.example"}}),
		"no token":             send(merge(fields, url.Values{"form_token": {""}}), own.Clone()),
		"a made-up token":      send(merge(fields, url.Values{"form_token": {"1.abc"}}), own.Clone()),
		"somebody else's form": send(theirs, own.Clone()),
	} {
		expect.That(t, `p.Text() to contain "This form is no longer valid"`,
			strings.Contains(p.Text(), "This form is no longer valid"), name, p.Text)
	}
	if got := balance(); got != 1250.0 {
		t.Fatalf("the balance is %v", got)
	}
	p := send(fields, own.Clone())
	expect.MustThat(t, `p.Text() to contain "Your coupon is ready"`, strings.Contains(p.Text(), "Your coupon is ready"),
		p.Text)
	expect.MustEqual(t, "balance()", balance(), 1150.0, p.Text)
}

// TestWalletLiquid: what Shopify gets is a part of a page, in which nothing can be run, whatever people are called.
func TestWalletLiquid(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	shop := world.OpenShop(t, file)
	const name = `{{ shop.secret }} {% include 'x' %} <b>&</b>`
	admin := world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}
	got := admin.Do("PUT", "/v1/customers/8812370934", "", `{"name":"{{ shop.secret }} {% include 'x' %} <b>&</b>"}`)
	expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
	raw := shop.As("7001000001", "GET", "/?locale=en", "", "")
	page := string(raw.Raw)
	expect.Equal(t, `raw.Header.Get("Content-Type")`, raw.Header.Get("Content-Type"),
		"application/liquid; charset=utf-8", raw.Header)
	expect.Equal(t, `raw.Header.Get("Content-Security-Policy")`, raw.Header.Get("Content-Security-Policy"), "",
		raw.Header)
	for _, never := range []string{"{", "}", "<html", "<head", "<body", "<style", "<b>", "style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q stands in it", never)
		}
	}
	_, seen := world.InShop(t, file, "7001000001")
	expect.That(t, "seen.Text() to contain name", strings.Contains(seen.Text(), name), seen.Text)
	expect.That(t, `seen.Text() not to contain "Liquid was run"`, !strings.Contains(seen.Text(), "Liquid was run"),
		seen.Text)
	for _, asset := range []string{"link", "script"} {
		for _, n := range seen.All(asset) {
			address := world.Attribute(n, "href") + world.Attribute(n, "src")
			if !strings.HasPrefix(address, world.Prefix+"/assets/wallet-") {
				continue
			}
			got := world.Caller{T: t, Base: file.API, Key: ""}.Do("GET", address, "", "")
			expect.Equal(t, "got.Status", got.Status, 200, address, got.Header)
			expect.That(t, `got.Header.Get("Cache-Control") to contain "immutable"`,
				strings.Contains(got.Header.Get("Cache-Control"), "immutable"), address,
				got.Header.Get("Cache-Control"), got.Header)
		}
	}
}

// TestDemoStart: the page that leads through the demo knows what has been done.
func TestDemoStart(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	expect.MustEqual(t, "file.Console", file.Console, file.API+"/admin")
	expect.MustEqual(t, "file.Wallet", file.Wallet, file.API+demo.WalletPath)
	expect.MustThat(t, `file.Store != ""`, file.Store != "")
	v := world.NewVisitor(t, file.API)
	p := v.Get("/?lang=en")
	expect.MustEqual(t, "p.Status", p.Status, 200, p.Text)
	expect.MustThat(t, `p.Text() to contain "0 of 6 steps done"`, strings.Contains(p.Text(), "0 of 6 steps done"),
		p.Text)
	expect.MustThat(t, `v.Get("/?lang=ja").Text() to contain "6つのうち0つ完了"`,
		strings.Contains(v.Get("/?lang=ja").Text(), "6つのうち0つ完了"), p.Text)
	wallet := v.Submit(p, "/store/customer", nil)
	expect.MustEqual(t, "wallet.URL.Path", wallet.URL.Path, demo.WalletPath, wallet.URL, wallet.Text)
	expect.MustThat(t, `wallet.Text() to contain "1,250 points"`, strings.Contains(wallet.Text(), "1,250 points"),
		wallet.Text, wallet.URL)
	made := v.Make(wallet, nil)
	_, codes := made.With("data-copy")
	expect.MustEqual(t, "len(codes)", len(codes), 1, made.Text)
	refused := world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}.Do("POST", "/v1/coupons/"+codes[0]+
		"/cancellation", "try", `{"reason":"customer_request"}`)
	done := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}.Do("POST", "/v1/coupons/"+codes[0]+
		"/cancellation", "do", `{"reason":"customer_request"}`)
	expect.MustEqual(t, "refused.Status", refused.Status, 403, done.Raw)
	expect.MustEqual(t, "done.Status", done.Status, 202, done.Raw)
	world.Eventually(t, "five of six are done", func() bool { return strings.Contains(v.Get("/?lang=en").Text(), "5 of 6 steps done") })
	for _, person := range file.Staff[:2] {
		if !strings.Contains(v.Get("/?lang=en").Text(), person.Password) {
			t.Errorf("the sign-in of %s is not told", person.Role)
		}
	}
	if ja := v.Submit(v.Get("/?lang=ja"), "/store/customer", nil); !strings.Contains(ja.Text(), "マイポイント") {
		t.Errorf("a Japanese start leads to %s", ja.URL)
	}
	p = v.Get("/wallet")
	expect.Equal(t, "p.URL.Path", p.URL.Path, demo.WalletPath, p.URL)
}
