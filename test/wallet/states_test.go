package wallet

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/demo"
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
		if !strings.Contains(p.Text(), "Please sign in") || link != "/account/login?return_url="+
			url.QueryEscape(demo.WalletPath) {
			t.Fatalf("%q %s", link, p.Text())
		}
	})
	t.Run("who did not come through the shop is told where to go, and nothing else", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		p := v.Get("/proxy/")
		if p.Status != http.StatusUnauthorized || !strings.Contains(p.Header.Get("Content-Type"), "text/html") ||
			!strings.Contains(p.Text(), "open this page in the shop") {
			t.Fatalf("%d %s %s", p.Status, p.Header, p.Text())
		}
		if policy := p.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("%s", policy)
		}
	})
	t.Run("not linked: what to do", func(t *testing.T) {
		if got := admin.Do("PUT", "/v1/customers/20001", "", `{"shopify_customer_id":""}`); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Raw)
		}
		_, p := world.InShop(t, file, "7001000003")
		if len(p.All("ol")) != 1 || !strings.Contains(p.Text(), "member card") {
			t.Fatalf("%s", p.Text())
		}
	})
	t.Run("too few points", func(t *testing.T) {
		_, p := world.InShop(t, file, "7001000004")
		if !strings.Contains(p.Text(), "90 points") || !strings.Contains(p.Text(),
			"A coupon takes at least 100 points") || p.Form(world.WalletForm) != nil {
			t.Fatalf("%s", p.Text())
		}
	})
	t.Run("locked: until when", func(t *testing.T) {
		for range 20 {
			pos.Do("POST", "/v1/customers/12345/conversions", demo.Draw(), `{"points": 150}`)
		}
		_, p := world.InShop(t, file, "7001000002")
		if !strings.Contains(p.Text(), "Paused for your safety") || !strings.Contains(p.Text(), "JST") ||
			p.Form(world.WalletForm) != nil {
			t.Fatalf("%s", p.Text())
		}
	})
	t.Run("somebody else's result is not there", func(t *testing.T) {
		mine, home := world.InShop(t, file, "7001000001")
		made := mine.Make(home, nil)
		if !strings.Contains(made.Text(), "Your coupon is ready") {
			t.Fatalf("%s", made.Text())
		}
		other, _ := world.InShop(t, file, "7001000006")
		if p := other.Get(made.URL.Path + "?locale=en"); !strings.Contains(p.Text(), "There is nothing here") ||
			strings.Contains(p.Text(), "70934") {
			t.Fatalf("%s", p.Text())
		}
	})
	t.Run("the language is the address's, else the member's", func(t *testing.T) {
		v := world.NewVisitor(t, file.API)
		v.Post("/store/customer", url.Values{"customer": {"7001000001"}})
		for address, want := range map[string]string{demo.WalletPath: "マイポイント", demo.WalletPath +
			"?locale=en": "My points", demo.WalletPath + "?locale=en-GB": "My points", demo.WalletPath +
			"?locale=xx": "マイポイント"} {
			if p := v.Get(address); len(p.All("h1")) != 1 || world.TextOf(p.All("h1")[0]) != want {
				t.Errorf("%s: %s", address, p.Text())
			}
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
		if !strings.Contains(p.Text(), "This form is no longer valid") {
			t.Errorf("%s: %s", name, p.Text())
		}
	}
	if got := balance(); got != 1250.0 {
		t.Fatalf("the balance is %v", got)
	}
	if p := send(fields, own.Clone()); !strings.Contains(p.Text(), "Your coupon is ready") || balance() != 1150.0 {
		t.Fatalf("%v %s", balance(), p.Text())
	}
}

// TestWalletLiquid: what Shopify gets is a part of a page, in which nothing can be run, whatever people are called.
func TestWalletLiquid(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	shop := world.OpenShop(t, file)
	const name = `{{ shop.secret }} {% include 'x' %} <b>&</b>`
	admin := world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}
	if got := admin.Do("PUT", "/v1/customers/8812370934", "",
		`{"name":"{{ shop.secret }} {% include 'x' %} <b>&</b>"}`); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Raw)
	}
	raw := shop.As("7001000001", "GET", "/?locale=en", "", "")
	page := string(raw.Raw)
	if raw.Header.Get("Content-Type") != "application/liquid; charset=utf-8" ||
		raw.Header.Get("Content-Security-Policy") != "" {
		t.Errorf("%s", raw.Header)
	}
	for _, never := range []string{"{", "}", "<html", "<head", "<body", "<style", "<b>", "style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q stands in it", never)
		}
	}
	_, seen := world.InShop(t, file, "7001000001")
	if !strings.Contains(seen.Text(), name) || strings.Contains(seen.Text(), "Liquid was run") {
		t.Errorf("%s", seen.Text())
	}
	for _, asset := range []string{"link", "script"} {
		for _, n := range seen.All(asset) {
			address := world.Attribute(n, "href") + world.Attribute(n, "src")
			if !strings.HasPrefix(address, world.Prefix+"/assets/wallet-") {
				continue
			}
			got := world.Caller{T: t, Base: file.API, Key: ""}.Do("GET", address, "", "")
			if got.Status != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %s", address, got.Status, got.Header)
			}
		}
	}
}

// TestDemoStart: the page that leads through the demo knows what has been done.
func TestDemoStart(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	if file.Console != file.API+"/admin" || file.Wallet != file.API+demo.WalletPath || file.Store == "" {
		t.Fatalf("%+v", file)
	}
	v := world.NewVisitor(t, file.API)
	p := v.Get("/?lang=en")
	if p.Status != 200 || !strings.Contains(p.Text(), "0 of 6 steps done") ||
		!strings.Contains(v.Get("/?lang=ja").Text(), "6つのうち0つ完了") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	wallet := v.Submit(p, "/store/customer", nil)
	if wallet.URL.Path != demo.WalletPath || !strings.Contains(wallet.Text(), "1,250 points") {
		t.Fatalf("%s %s", wallet.URL, wallet.Text())
	}
	made := v.Make(wallet, nil)
	_, codes := made.With("data-copy")
	if len(codes) != 1 {
		t.Fatalf("%s", made.Text())
	}
	refused := world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}.Do("POST", "/v1/coupons/"+codes[0]+
		"/cancellation", "try", `{"reason":"customer_request"}`)
	done := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}.Do("POST", "/v1/coupons/"+codes[0]+
		"/cancellation", "do", `{"reason":"customer_request"}`)
	if refused.Status != 403 || done.Status != 202 {
		t.Fatalf("%d %d %s", refused.Status, done.Status, done.Raw)
	}
	world.Eventually(t, "five of six are done", func() bool { return strings.Contains(v.Get("/?lang=en").Text(), "5 of 6 steps done") })
	for _, person := range file.Staff[:2] {
		if !strings.Contains(v.Get("/?lang=en").Text(), person.Password) {
			t.Errorf("the sign-in of %s is not told", person.Role)
		}
	}
	if ja := v.Submit(v.Get("/?lang=ja"), "/store/customer", nil); !strings.Contains(ja.Text(), "マイポイント") {
		t.Errorf("a Japanese start leads to %s", ja.URL)
	}
	if p := v.Get("/wallet"); p.URL.Path != demo.WalletPath {
		t.Errorf("%s", p.URL)
	}
}
