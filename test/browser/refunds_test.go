package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// brokenWords are the words of a page that stand on more than one line.
const brokenWords = `(() => { const broken = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) for (const m of n.data.matchAll(/[A-Za-z0-9]{2,}/g)) {
		const r = document.createRange(); r.setStart(n, m.index); r.setEnd(n, m.index + m[0].length);
		if (new Set([...r.getClientRects()].map(b => Math.round(b.top))).size > 1) broken.push(m[0]); }
	return broken.join(" "); })()`

// nothingSaid counts the dashes that stand in a coupon's few lines on a phone, where no column says what is missing.
const nothingSaid = `[...document.querySelectorAll("table.coupons td")].filter(c => c.offsetWidth > 0 &&
	c.innerText.trim() === "–").length`

// TestBrowserYesterdaysRefunds: from the dashboard a store manager comes in three clicks at most to who gave back which
// points and why: in both languages, with and without script, by mouse and by keyboard. On a phone the header is one
// line, a coupon is a few short ones, and no word is broken.
func TestBrowserYesterdaysRefunds(t *testing.T) {
	t.Parallel()
	chromium(t)
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	code := world.MadeCoupon(t, file, "12345", 700)
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	got := manager.Do("POST", "/v1/coupons/"+code+"/cancellation", "c-1", `{"reason":"issued_in_error","note":"-"}`)
	expect.MustEqual(t, "got.Status", got.Status, 202, got.Raw)
	world.Eventually(t, "the points are back", func() bool { return world.CouponAt(t, manager, code)["status"] == "cancelled" })
	zone, err := time.LoadLocation("Asia/Tokyo")
	expect.MustEqual(t, "err", err, nil)
	today := time.Now().In(zone)
	noon := time.Date(today.Year(), today.Month(), today.Day()-1, 12, 0, 0, 0, zone).UTC()
	world.Statement(t, data, `UPDATE coupons SET cancelled_at = ? WHERE code = ?`, noon.Format("2006-01-02 15:04:05+00:00"), code)
	for _, l := range []look{{lang: "ja", width: 1200}, {lang: "en", width: 360}, {lang: "ja", width: 360, noScript: true},
		{lang: "en", width: 1200, noScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			b.signIn(file, "store_manager")
			b.open("/admin/dashboard")
			b.picture("refunds-1-dashboard")
			clicks := 0
			click := func(selector, arrives string) {
				clicks++
				if l.width > 360 {
					b.press(selector)
				} else {
					b.tabTo(selector)
					b.key(kb.Enter)
				}
				b.arrives(arrives)
			}
			click("#refunds-yesterday", "#refunds-by")
			b.shows("700")
			b.phone(l, "the report")
			b.picture("refunds-2-report")
			click("#refunds-by tbody a", "table.coupons")
			b.shows(code, l.in("誤発行の訂正", "Issued in error"))
			b.phone(l, "the list")
			b.picture("refunds-3-list")
			click(`a[href="/admin/coupons/`+code+`"]`, ".timeline")
			b.shows(l.in("誤発行の訂正", "Issued in error"))
			expect.That(t, "it takes three clicks at most", clicks <= 3, clicks)
			b.open("/admin/coupons")
			b.phone(l, "all coupons")
			b.picture("refunds-4-coupons")
		})
	}
}

// phone holds a page to what a narrow window has room for.
func (b *tab) phone(l look, name string) {
	b.t.Helper()
	b.fits(name)
	if l.width > 360 {
		return
	}
	b.tops(name)
	tallest := js[float64](b, `Math.max(0, ...[...document.querySelectorAll("table.coupons tbody tr")].map(r =>
		r.getBoundingClientRect().height))`)
	if tallest > 120 {
		b.t.Errorf("%s %s: a coupon takes %.0f", name, l, tallest)
	}
	if silent := js[float64](b, nothingSaid); silent > 0 {
		b.t.Errorf("%s %s: %.0f cells without a name say that there is nothing", name, l, silent)
	}
	if broken := ask(b, chromedp.Evaluate[string](brokenWords)); broken != "" {
		b.t.Errorf("%s %s: broken words: %s", name, l, fmt.Sprint(broken))
	}
}
