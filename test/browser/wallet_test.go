package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/test/world"
)

// js runs a script in the page.
func js[T any](b *tab, script string) T {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[T](script))
}

// becomes waits until a script gives what is wanted.
func (b *tab) becomes(script, want string) {
	b.t.Helper()
	world.Eventually(b.t, script+" is "+want, func() bool { return js[string](b, script) == want })
}

// shop signs in to the simulated shop by the demo's start page and opens the customer's page.
func (b *tab) shop() {
	b.t.Helper()
	b.open("/store/language/" + b.look.lang)
	b.open("/?lang=" + b.look.lang)
	b.press(`form[action="/store/customer"] button`)
}

// TestBrowserWallet looks at the customer's pages and at the demo's first one.
func TestBrowserWallet(t *testing.T) {
	t.Parallel()
	chromium(t)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			file, _ := world.StartDemo(t, t.TempDir())
			b := openTab(t, file.API, l)
			b.open("/store/language/" + l.lang)
			b.open(demo.WalletPath)
			b.inspect("wallet-guest")
			b.open("/?lang=" + l.lang)
			b.inspect("start")
			b.shop()
			b.inspect("wallet")
			b.open(demo.WalletPath + "?points=100")
			b.press("#pb-make")
			b.inspect("wallet-made")
			b.open(demo.WalletPath + "?points=150")
			b.becomes(`document.activeElement.id`, "pb-wrong")
			b.inspect("wallet-refused")
			b.open("/?lang=" + l.lang)
			b.inspect("start-begun")
		})
	}
}

// TestBrowserWalletScript is what the page does with a script, for somebody whose clock is ten minutes fast.
// covers: 002-19, H-27, H-28
func TestBrowserWalletScript(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	b := openTab(t, file.API, look{lang: "en", width: 1200})
	tell(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: `{ const real = Date.now.bind(Date); Date.now = () => real() + 600000; Object.defineProperty(Navigator.prototype, "clipboard", {value: {writeText: async (text) => { window.copied = text; }}}); }`})
	b.shop()

	t.Run("the coupon follows the number, and the number stays within its bounds", func(t *testing.T) {
		js[bool](b, `document.querySelector('[data-points="500"]').click(), true`)
		b.becomes(`document.querySelector("#pb-preview .pb-amount")?.textContent`, "¥500")
		b.becomes(`document.getElementById("pb-form").elements.seen.value`, "500")
		js[bool](b, `document.querySelector('[data-step="1"]').click(), true`)
		b.becomes(`document.querySelector("#pb-preview .pb-amount")?.textContent`, "¥600")
		js[bool](b, `(() => { for (let i = 0; i < 20; i++) document.querySelector('[data-step="1"]').click(); return true; })()`)
		b.becomes(`document.getElementById("pb-points").value`, "1200")
		b.becomes(`document.querySelector("#pb-preview .pb-amount")?.textContent`, "¥1,200")
		js[bool](b, `(() => { const f = document.getElementById("pb-points"); f.value = "150"; f.dispatchEvent(new Event("input")); return true; })()`)
		b.becomes(`document.getElementById("pb-form").elements.seen.value`, "")
		world.Eventually(t, "the reason stands there", func() bool {
			return strings.Contains(js[string](b, `document.getElementById("pb-preview").textContent`),
				"multiples of 100")
		})
		js[bool](b, `document.querySelector('[data-points="300"]').click(), true`)
		b.becomes(`document.getElementById("pb-form").elements.seen.value`, "300")
	})
	t.Run("pressed twice, made once; the copied text is the code alone", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(b.ctx, world.Patience)
		defer cancel()
		if _, err := chromedp.RunResponse(ctx, chromedp.DoubleClick(chromedp.CSS("#pb-make"))); err != nil {
			t.Fatal(err)
		}
		b.shows("Your coupon is ready")
		js[bool](b, `document.querySelector("[data-copy]").click(), true`)
		code := js[string](b, `document.getElementById("pb-made-code").textContent`)
		b.becomes(`window.copied`, code)
		b.becomes(`document.getElementById("pb-said").textContent`, code+" was copied.")
		balance := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}.Do("GET",
			"/v1/customers/8812370934/points", "", "").Body["balance"]
		if balance != 950.0 || !strings.HasSuffix(code, "-300") {
			t.Fatalf("%s, balance %v", code, balance)
		}
	})
	t.Run("the countdown is the server's, whatever the clock here says; at its end nothing is offered",
		func(t *testing.T) {
			ends := func(seconds int) string {
				return fmt.Sprintf(`(() => { const root = document.getElementById("pb-wallet"), left = document.querySelector(".pb-left");
				left.dataset.ends = new Date(Date.parse(root.dataset.serverNow) + %d * 1000 + performance.now()).toISOString();
				document.dispatchEvent(new Event("visibilitychange")); return left.textContent; })()`, seconds)
			}
			for seconds, want := range map[int]string{400 * 86400: "400 days left", 48*3600 + 30: "2 days left",
				5*3600 + 90: "5 h 1 min left", 95: "1 min 3"} {
				if got := js[string](b, ends(seconds)); !strings.HasPrefix(got, want) {
					t.Errorf("%d seconds: %s", seconds, got)
				}
			}
			before := js[string](b, ends(90))
			world.Eventually(t, "it counts down",
				func() bool { return js[string](b, `document.querySelector(".pb-left").textContent`) != before })
			js[string](b, ends(-1))
			b.becomes(`document.querySelector(".pb-left").textContent`, "Its time is over")
			b.becomes(`document.querySelector(".pb-tag").textContent`, "Expired")
			if js[bool](b, `document.querySelector(".pb-usable") !== null`) {
				t.Error("the code is still offered")
			}
		})
}
