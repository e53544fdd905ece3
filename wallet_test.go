package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

const walletForm = prefix + "/conversions"

// inShop is somebody in the simulated shop with a browser that runs no script, on the customer's page.
func inShop(t *testing.T, file demoFile, number string) (*visitor, seenPage) {
	t.Helper()
	v := newVisitor(t, file.API)
	v.get("/store/language/en")
	p := v.post("/store/customer", url.Values{"customer": {number}, "back": {walletPath}})
	if p.url.Path != walletPath || p.status != http.StatusOK {
		t.Fatalf("%d %s\n%s", p.status, p.url, p.text())
	}
	return v, p
}

// walletAction finds the address of the form, which carries the page's language.
func walletAction(p seenPage, path string) string {
	p.t.Helper()
	for _, f := range p.all("form") {
		if action := attribute(f, "action"); strings.HasPrefix(action, path) {
			return action
		}
	}
	p.t.Fatalf("no form for %s\n%s", path, p.text())
	return ""
}

// chosen is the page with these points in its form.
func (v *visitor) chosen(points int) seenPage {
	v.t.Helper()
	return v.get(fmt.Sprintf("%s?points=%d", walletPath, points))
}

// make sends the form of a page as it is.
func (v *visitor) make(p seenPage, fields url.Values) seenPage {
	v.t.Helper()
	return v.submit(p, walletAction(p, walletForm), fields)
}

// with finds the elements that have this attribute, and its values.
func (p seenPage) with(name string) (nodes []*html.Node, values []string) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && hasAttribute(n, name) {
			nodes, values = append(nodes, n), append(values, attribute(n, name))
		}
	}
	return nodes, values
}

// covers: 001-37, 002-19, 004-58, H-03, H-04, H-16, H-18, H-26, H-27, H-28
func TestWallet(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	till := caller{t, file.API, file.Keys["pos"]}
	manager := caller{t, file.API, file.Keys["store_manager"]}
	balance := func() any { return till.do("GET", "/v1/customers/8812370934/points", "", "").body["balance"] }
	v, home := inShop(t, file, "7001000001")

	t.Run("balance, rules and what can be chosen", func(t *testing.T) {
		for _, text := range []string{"My points", "1,250 points", "In steps of 100, at least 100, up to 1,200 now", "Yamada Taro", "You have no coupons yet"} {
			if !strings.Contains(home.text(), text) {
				t.Errorf("%q is not said: %s", text, home.text())
			}
		}
	})
	t.Run("the coupon that would result, without any effect", func(t *testing.T) {
		p := v.submit(home, walletAction(home, walletForm), nil) // as it stands: the coupon of 100 points was shown
		if p.url.Path == walletPath {
			t.Fatalf("%s", p.text())
		}
		before := balance()
		p = v.post(prefix+"/preview", merge(fieldsOf(home.form(walletAction(home, walletForm))), url.Values{"points": {"５００"}}))
		if p.url.Path != walletPath || p.url.Query().Get("points") != "500" {
			t.Fatalf("%s", p.url)
		}
		for _, text := range []string{"¥500", "500 points", "650 points", "Valid until"} {
			if !strings.Contains(p.text(), text) {
				t.Errorf("%q is not said: %s", text, p.text())
			}
		}
		if balance() != before {
			t.Fatal("looking moved points")
		}
	})
	t.Run("nobody gets a coupon that they have not seen", func(t *testing.T) {
		before := balance()
		p := v.make(v.chosen(100), url.Values{"points": {"300"}})
		if !strings.Contains(p.text(), "look at your coupon") || !strings.Contains(p.text(), "¥300") || balance() != before {
			t.Fatalf("%v %s", balance(), p.text())
		}
	})
	t.Run("the coupon is made once, whatever is pressed", func(t *testing.T) {
		form := v.chosen(500)
		fields := fieldsOf(form.form(walletAction(form, walletForm)))
		var pages [3]seenPage
		var all sync.WaitGroup
		for i := range pages {
			all.Go(func() { pages[i] = v.post(walletForm, fields) })
		}
		all.Wait()
		made := v.get(pages[0].url.RequestURI())
		_, codes := made.with("data-copy")
		if len(codes) != 1 || !strings.HasPrefix(codes[0], "70934-") || !strings.HasSuffix(codes[0], "-500") {
			t.Fatalf("%v %s", codes, made.text())
		}
		for _, text := range []string{"Your coupon is ready", "¥500", "valid until", "How to use it", "Active", codes[0]} {
			if !strings.Contains(made.text(), text) {
				t.Errorf("%q is not said: %s", text, made.text())
			}
		}
		if !strings.Contains(made.raw, `href="`+file.API+"/discount/"+codes[0]+`"`) {
			t.Error("no link applies it")
		}
		again := v.post(walletForm, fields) // back, and pressed once more
		if again.url.Path != made.url.Path || strings.Contains(again.url.String(), codes[0]) || balance() != 650.0 {
			t.Fatalf("%s %s, balance %v", again.url, made.url, balance())
		}
	})
	t.Run("a form that was sent for other points makes nothing and says so", func(t *testing.T) {
		form := v.chosen(100)
		fields := fieldsOf(form.form(walletAction(form, walletForm)))
		v.post(walletForm, fields)
		before := balance()
		p := v.post(walletForm, merge(fields, url.Values{"points": {"200"}, "seen": {"200"}}))
		if !strings.Contains(p.text(), "This form was sent before") || balance() != before {
			t.Fatalf("%v %s", balance(), p.text())
		}
		if got := fieldsOf(p.form(walletAction(p, walletForm))).Get("key"); got == "" || got == fields.Get("key") {
			t.Errorf("the key is %q", got)
		}
	})
	t.Run("reasons are plain, what was typed stays", func(t *testing.T) {
		for typed, reason := range map[string]string{"150": "multiples of 100", "1200": "balance is", "abc": "Enter a whole number", "-5": "Enter a whole number"} {
			before := balance()
			p := v.make(v.chosen(100), url.Values{"points": {typed}, "seen": {typed}})
			if !strings.Contains(p.text(), reason) || balance() != before {
				t.Errorf("%s: %s", typed, p.text())
			}
			field, _ := p.with("aria-invalid")
			if len(field) != 1 || attribute(field[0], "value") != typed || !strings.Contains(attribute(field[0], "aria-describedby"), "pb-wrong") {
				t.Errorf("%s: the field is not marked", typed)
			}
		}
	})
	t.Run("the list says what the API says, in the customer's words, and when it ends", func(t *testing.T) {
		list := v.get(walletPath + "?locale=en")
		_, codes := list.with("data-copy")
		for i, act := range []string{"cancellation", "suspension"} {
			if got := manager.do("POST", "/v1/coupons/"+codes[i]+"/"+act, "end"+act, `{"reason":"customer_request"}`); got.status != 202 {
				t.Fatalf("%d %s", got.status, got.raw)
			}
		}
		shop := openShop(t, file)
		eventually(t, "both are over", func() bool {
			return !strings.Contains(string(shop.as("7001000001", "GET", "/v1/customers/me/coupons", "", "").raw), codes[0]+`","status":"active`)
		})
		items, _ := shop.as("7001000001", "GET", "/v1/customers/me/coupons", "", "").body["items"].([]any)
		for _, lang := range []string{"en", "ja"} {
			page := v.get(walletPath + "?locale=" + lang)
			words := map[string]string{"en:active": "Active", "en:cancelled": "Cancelled", "ja:active": "利用可能", "ja:cancelled": "キャンセル済み"}
			shown, statuses := page.with("data-status")
			if len(shown) != len(items) || len(items) < 3 {
				t.Fatalf("%d on the page, %d in the API", len(shown), len(items))
			}
			for i, item := range items {
				coupon, _ := item.(map[string]any)
				text := textOf(shown[i])
				if statuses[i] != coupon["status"] || !strings.Contains(text, fmt.Sprint(coupon["code"])) || !strings.Contains(text, words[lang+":"+statuses[i]]) {
					t.Errorf("%s: %v is shown as %s", lang, item, text)
				}
				if usable := strings.Contains(text, map[string]string{"en": "Use it now", "ja": "使う"}[lang]); usable != (statuses[i] == "active") {
					t.Errorf("%s: %v, usable %v", lang, item, usable)
				}
			}
			_, now := page.with("data-server-now")
			_, ends := page.with("data-ends")
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
