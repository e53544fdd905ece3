package wallet

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// covers: 001-37, 002-19, 004-58, H-03, H-04, H-16, H-18, H-26, H-27, H-28
func TestWallet(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	balance := func() any { return pos.Do("GET", "/v1/customers/8812370934/points", "", "").Body["balance"] }
	v, home := world.InShop(t, file, "7001000001")

	t.Run("balance, rules and what can be chosen", func(t *testing.T) {
		for _, text := range []string{"My points", "1,250 points", "In steps of 100, at least 100, up to 1,200 now",
			"Yamada Taro", "You have no coupons yet"} {
			if !strings.Contains(home.Text(), text) {
				t.Errorf("%q is not said: %s", text, home.Text())
			}
		}
	})
	t.Run("the coupon that would result, without any effect", func(t *testing.T) {
		p := v.Submit(home, world.WalletAction(home, world.WalletForm),
			nil) // as it stands: the coupon of 100 points was shown
		expect.MustThat(t, "p.URL.Path != demo.WalletPath", p.URL.Path != demo.WalletPath, p.Text)
		before := balance()
		p = v.Post(world.Prefix+"/preview", merge(world.FieldsOf(home.Form(world.WalletAction(home, world.WalletForm))),
			url.Values{"points": {"５００"}}))
		expect.MustEqual(t, "p.URL.Path", p.URL.Path, demo.WalletPath, p.URL)
		expect.MustEqual(t, `p.URL.Query().Get("points")`, p.URL.Query().Get("points"), "500", p.URL)
		for _, text := range []string{"¥500", "500 points", "650 points", "Valid until"} {
			if !strings.Contains(p.Text(), text) {
				t.Errorf("%q is not said: %s", text, p.Text())
			}
		}
		if balance() != before {
			t.Fatal("looking moved points")
		}
	})
	t.Run("nobody gets a coupon that they have not seen", func(t *testing.T) {
		before := balance()
		p := v.Make(v.Chosen(100), url.Values{"points": {"300"}})
		expect.MustThat(t, `p.Text() to contain "look at your coupon"`,
			strings.Contains(p.Text(), "look at your coupon"), p.Text)
		expect.MustThat(t, `p.Text() to contain "¥300"`, strings.Contains(p.Text(), "¥300"), p.Text)
		expect.MustEqual(t, "balance()", balance(), before, p.Text)
	})
	t.Run("the coupon is made once, whatever is pressed", func(t *testing.T) {
		form := v.Chosen(500)
		fields := world.FieldsOf(form.Form(world.WalletAction(form, world.WalletForm)))
		var pages [3]world.SeenPage
		var all sync.WaitGroup
		for i := range pages {
			all.Go(func() { pages[i] = v.Post(world.WalletForm, fields) })
		}
		all.Wait()
		made := v.Get(pages[0].URL.RequestURI())
		_, codes := made.With("data-copy")
		expect.MustEqual(t, "len(codes)", len(codes), 1, codes, made.Text)
		expect.MustThat(t, `codes[0] to begin with "70934-"`, strings.HasPrefix(codes[0], "70934-"), codes[0],
			made.Text)
		expect.MustThat(t, `codes[0] to end with "-500"`, strings.HasSuffix(codes[0], "-500"), codes[0], made.Text)
		for _, text := range []string{"Your coupon is ready", "¥500", "valid until", "How to use it", "Active",
			codes[0]} {
			if !strings.Contains(made.Text(), text) {
				t.Errorf("%q is not said: %s", text, made.Text())
			}
		}
		if !strings.Contains(made.Raw, `href="`+file.API+"/discount/"+codes[0]+`"`) {
			t.Error("no link applies it")
		}
		again := v.Post(world.WalletForm, fields) // back, and pressed once more
		if again.URL.Path != made.URL.Path || strings.Contains(again.URL.String(), codes[0]) || balance() != 650.0 {
			t.Fatalf("%s %s, balance %v", again.URL, made.URL, balance())
		}
	})
	t.Run("a form that was sent for other points makes nothing and says so", func(t *testing.T) {
		form := v.Chosen(100)
		fields := world.FieldsOf(form.Form(world.WalletAction(form, world.WalletForm)))
		v.Post(world.WalletForm, fields)
		before := balance()
		p := v.Post(world.WalletForm, merge(fields, url.Values{"points": {"200"}, "seen": {"200"}}))
		expect.MustThat(t, `p.Text() to contain "This form was sent before"`,
			strings.Contains(p.Text(), "This form was sent before"), p.Text)
		expect.MustEqual(t, "balance()", balance(), before, p.Text)
		if got := world.FieldsOf(p.Form(world.WalletAction(p, world.WalletForm))).Get("key"); got == "" ||
			got == fields.Get("key") {
			t.Errorf("the key is %q", got)
		}
	})
	t.Run("reasons are plain, what was typed stays", func(t *testing.T) {
		for typed, reason := range map[string]string{"150": "multiples of 100", "1200": "balance is",
			"abc": "Enter a whole number", "-5": "Enter a whole number"} {
			before := balance()
			p := v.Make(v.Chosen(100), url.Values{"points": {typed}, "seen": {typed}})
			expect.That(t, "p.Text() to contain reason", strings.Contains(p.Text(), reason), typed, reason, p.Text)
			expect.Equal(t, "balance()", balance(), before, typed, p.Text)
			unseen := v.Make(v.Chosen(100), url.Values{"points": {typed}}).Text()
			expect.That(t, "no word of a coupon that is not there", !strings.Contains(unseen, "look at your coupon"), unseen)
			field, _ := p.With("aria-invalid")
			if len(field) != 1 || world.Attribute(field[0], "value") != typed ||
				!strings.Contains(world.Attribute(field[0], "aria-describedby"), "pb-wrong") {
				t.Errorf("%s: the field is not marked", typed)
			}
		}
	})
	t.Run("the list says what the API says, in the customer's words, and when it ends", func(t *testing.T) {
		list := v.Get(demo.WalletPath + "?locale=en")
		_, codes := list.With("data-copy")
		for i, act := range []string{"cancellation", "suspension"} {
			got := manager.Do("POST", "/v1/coupons/"+codes[i]+"/"+act, "end"+act, `{"reason":"customer_request"}`)
			expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
		}
		shop := world.OpenShop(t, file)
		world.Eventually(t, "both are over", func() bool {
			return !strings.Contains(string(shop.As("7001000001", "GET", "/v1/customers/me/coupons", "", "").Raw),
				codes[0]+`","status":"active`)
		})
		items, _ := shop.As("7001000001", "GET", "/v1/customers/me/coupons", "", "").Body["items"].([]any)
		for _, lang := range []string{"en", "ja"} {
			page := v.Get(demo.WalletPath + "?locale=" + lang)
			words := map[string]string{"en:active": "Active", "en:cancelled": "Cancelled", "ja:active": "未使用",
				"ja:cancelled": "キャンセル済み"}
			shown, statuses := page.With("data-status")
			if len(shown) != len(items) || len(items) < 3 {
				t.Fatalf("%d on the page, %d in the API", len(shown), len(items))
			}
			for i, item := range items {
				coupon, _ := item.(map[string]any)
				text := world.TextOf(shown[i])
				word := words[lang+":"+statuses[i]]
				if coupon["code"] == codes[1] { // it is looked into, and nobody has said yet that it is over
					word = map[string]string{"en": "On hold", "ja": "確認中"}[lang]
				}
				if statuses[i] != coupon["status"] || !strings.Contains(text, fmt.Sprint(coupon["code"])) ||
					!strings.Contains(text, word) {
					t.Errorf("%s: %v is shown as %s", lang, item, text)
				}
				if usable := strings.Contains(text, map[string]string{"en": "Use it now",
					"ja": "使う"}[lang]); usable != (statuses[i] == "active") {
					t.Errorf("%s: %v, usable %v", lang, item, usable)
				}
			}
			_, now := page.With("data-server-now")
			_, ends := page.With("data-ends")
			if len(now) != 1 || len(ends) == 0 || ends[0] <= now[0] {
				t.Errorf("now %v, ends %v", now, ends)
			}
		}
	})
}

// merge puts fields in the place of others.
func merge(fields, others url.Values) url.Values {
	all := url.Values{}
	for _, list := range []url.Values{fields, others} {
		for name, values := range list {
			all[name] = values
		}
	}
	return all
}
