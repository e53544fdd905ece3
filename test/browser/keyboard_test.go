package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"pointbridge/demo"
	"pointbridge/test/world"
)

// focused tells what has the focus, and whether one sees it.
const focused = `(() => { const e = document.activeElement; if (!e) return true; const s = getComputedStyle(e);
	return e === document.body || e.id === "main" || (e.matches(":focus-visible") && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && e.getBoundingClientRect().width > 0); })()`

// tabTo goes from one thing to the next by the Tab key until it stands on what is looked for. Whatever it stands on
// between has to be seen.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 80 {
		b.Do(chromedp.KeyEvent(kb.Tab))
		if !js[bool](b, focused) {
			b.t.Errorf("%s: the focus is not seen on %s", b.look,
				js[string](b, `document.activeElement.outerHTML.slice(0, 200)`))
		}
		if js[bool](b, fmt.Sprintf(`!!document.activeElement && document.activeElement.matches(%q)`, selector)) {
			return
		}
	}
	b.t.Fatalf("%s: nobody comes to %s by the Tab key\n%s", b.look, selector, b.Text())
}

// key presses a key, or types a text, where the focus is.
func (b *tab) key(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// arrives waits for a page that has this on it.
func (b *tab) arrives(selector string) {
	b.t.Helper()
	b.comes(selector, fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q) !== null`,
		selector))
}

// TestBrowserKeyboard goes the core of the story with the keyboard alone, on a desk in light and on a phone in dark.
// covers: 004-16
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	chromium(t)
	for _, l := range []look{{lang: "ja", width: 1200}, {lang: "en", width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			file, _ := world.StartDemo(t, t.TempDir())
			b := openTab(t, file.API, l)
			code := b.keysConvert()
			b.keysSignIn(file)
			b.keysFind(code)
			b.keysCancel(code)
			if b.inMenu(signOutForm) {
				b.tabTo(menuButton)
				b.key(kb.Enter)
			}
			b.tabTo(signOutForm + " button")
			b.key(kb.Enter)
			b.arrives("#password")
		})
	}
}

// keysConvert turns 300 points into a coupon and gives its code.
func (b *tab) keysConvert() string {
	b.t.Helper()
	b.open("/store/language/" + b.look.lang)
	b.open("/?lang=" + b.look.lang)
	b.tabTo(`form[action="/store/customer"] button`)
	b.key(kb.Enter)
	b.arrives("#pb-points")
	b.tabTo("#pb-points")
	b.key(kb.ArrowUp)
	b.key(kb.ArrowUp)
	b.comes("the arrows go in steps", `document.getElementById("pb-form").elements.seen.value === "300"`)
	b.tabTo("#pb-make")
	b.key(" ")
	b.arrives("#pb-made-code")
	return ask(b, chromedp.Text(chromedp.CSS("#pb-made-code")))
}

func (b *tab) keysSignIn(file demo.File) {
	b.t.Helper()
	person := file.Person("store_manager")
	b.open("/admin")
	b.tabTo("#email")
	b.key(person.Email)
	b.key(kb.Tab)
	b.key(person.Password + kb.Enter)
	b.arrives(signOutForm)
}

// keysFind leaps over the menu with the first link there is, and searches.
func (b *tab) keysFind(code string) {
	b.t.Helper()
	b.open("/admin/coupons")
	b.key(kb.Tab)
	if !js[bool](b, `document.activeElement.matches("a.skip") && document.activeElement.getBoundingClientRect().left >= 0`) {
		b.t.Errorf("%s: the first stop does not lead to the content", b.look)
	}
	b.key(kb.Enter)
	b.comes("the content has the focus", `document.activeElement.id === "main"`)
	for _, stop := range []string{`matches("a[href^='/admin/help/']")`, `id === "q"`} {
		b.key(kb.Tab)
		if !js[bool](b, "document.activeElement."+stop) {
			b.t.Errorf("%s: behind the menu comes %s", b.look, js[string](b, `document.activeElement.outerHTML`))
		}
	}
	b.key(strings.ToLower(code) + kb.Enter)
	b.arrives(`a[href="/admin/coupons/` + code + `/cancel"]`)
}

// keysCancel goes through both steps of a cancellation.
func (b *tab) keysCancel(code string) {
	b.t.Helper()
	b.tabTo(`a[href="/admin/coupons/` + code + `/cancel"]`)
	b.key(kb.Enter)
	b.arrives("#note")
	b.tabTo(`input[name="reason"]`)
	b.key(" ")
	b.key(kb.ArrowDown)
	if !js[bool](b, `document.querySelectorAll('input[name="reason"]')[1].checked`) {
		b.t.Errorf("%s: the arrows do not go through the reasons", b.look)
	}
	b.tabTo("#note")
	b.key("by keyboard")
	b.tabTo("main form button")
	b.key(kb.Enter)
	b.arrives("main form button.danger")
	b.tabTo("main form button.danger")
	b.key(kb.Enter)
	b.comes("the coupon is cancelled", `document.querySelector("h1 .cancelled") !== null`)
}
