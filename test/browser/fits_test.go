package browser

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// letters are the fonts that a page is seen in, by what they do to its width. Which fonts a system has differs; the
// space between the letters makes the same page wider and narrower everywhere. The wide ones are beyond the widest
// common font, and beyond what people with reading difficulties may set (WCAG 2.2, 1.4.12: .12em).
var letters = []struct{ name, style string }{
	{"the system's letters", ""},
	{"wide letters", "* { letter-spacing: .2em !important; word-spacing: .2em !important; }"},
	{"narrow letters", "* { letter-spacing: -.08em !important; }"},
}

// dress is a script that dresses the page in a style that no policy of the page's own keeps out; wear does it.
const (
	dress = `(style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);
	document.adoptedStyleSheets = [sheet]; return true; })`
	wear = dress + `(%q)`
)

// sticksOut names what makes a page wider than its window: what stands beyond the edge and in no box that scrolls.
const sticksOut = `(() => { const root = document.documentElement, width = root.clientWidth;
	if (root.scrollWidth <= width + 1) return [];
	const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
		if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
	const right = e => e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.offsetWidth || 0);
	const found = [...document.body.querySelectorAll("*")].filter(e => right(e) > width + 1 && !scrolls(e));
	return ["the page is " + root.scrollWidth + " wide", ...found.slice(-3).map(e => e.outerHTML.slice(0, 120))]; })()`

// sticksOutOfItsTable names what no window shows because it lies over its neighbour, or beyond the edge of a list of
// cards that looks as if it were whole: tables may be scrolled, cards on a phone may not.
const sticksOutOfItsTable = `(() => { const text = e => (e.textContent || "").trim().slice(0, 60);
	const cells = [...document.querySelectorAll("td, th")].filter(c => getComputedStyle(c).display === "table-cell" &&
		c.offsetWidth > 1 && c.scrollWidth > c.clientWidth + 1).map(c => "over its neighbour: " + text(c));
	const cards = [...document.querySelectorAll("table.cards")].filter(t => getComputedStyle(t).display === "block" &&
		t.scrollWidth > t.parentElement.clientWidth + 1).map(t => "cards beyond the edge: " + text(t));
	return [...cells.slice(0, 3), ...cards]; })()`

// sticksOutOfItsCard names what stands beyond the edge of the box that it is in, where no window is too narrow for it.
const sticksOutOfItsCard = `(() => { const found = [];
	for (const card of document.querySelectorAll(".card")) { const edge = card.getBoundingClientRect().right;
		const scrolls = e => { for (; e && e !== card; e = e.parentElement)
			if (getComputedStyle(e).overflowX !== "visible") return true; return false; };
		for (const e of card.querySelectorAll("*")) if (e.getBoundingClientRect().right > edge + 1 &&
			e.getClientRects().length && !e.closest("svg") && !scrolls(e)) found.push(e.outerHTML.slice(0, 120)); }
	return found.slice(-3); })()`

// crowded are the pages whose tables have most in them.
var crowded = []string{"page-coupons", "page-coupons-columns", "page-coupons-refunds", "page-customer", "page-reviews",
	"page-campaigns"}

// wearEach runs scripts on the page in each of the letters, and gives what each of them named.
const wearEach = `(async (styles, scripts) => { const all = [];
	for (const style of styles) { WEAR(style); all.push(scripts.map(script => script())); }
	WEAR(""); return all; })(%s, [%s])`

// fits holds a page to its window, whatever the letters are.
func (b *tab) fits(name string) {
	b.t.Helper()
	faults := []string{"wider than its window", "beyond the edge of its box"}
	scripts := "() => " + sticksOut + ", () => " + sticksOutOfItsCard
	if slices.Contains(crowded, name) {
		faults, scripts = append(faults, "in its table"), scripts+", () => "+sticksOutOfItsTable
	}
	styles := []string{}
	for _, l := range letters {
		styles = append(styles, l.style)
	}
	list, err := json.Marshal(styles)
	if err != nil {
		b.t.Fatal(err)
	}
	found := ask(b, chromedp.Evaluate[[][][]string](fmt.Sprintf(strings.ReplaceAll(wearEach, "WEAR", dress), list, scripts),
		chromedp.EvalAwaitPromise))
	if len(found) != len(letters) {
		b.t.Fatalf("%s %s: looked at in %d of the letters", name, b.look, len(found))
	}
	for i, l := range letters {
		for n, fault := range faults {
			for _, what := range found[i][n] {
				b.t.Errorf("%s %s in %s: %s: %s", name, b.look, l.name, fault, what)
			}
		}
	}
}

// cutOff names what the search of each page asks for, where its field is too narrow to show it.
const cutOff = `(() => { const field = document.getElementById("seek"); if (!field) return "";
	field.value = field.placeholder; const cut = field.scrollWidth > field.clientWidth + 1; field.value = "";
	return cut ? field.placeholder : ""; })()`

// asksWhole holds the search of each page to showing what it asks for.
func (b *tab) asksWhole(name string) {
	b.t.Helper()
	if cut := js[string](b, cutOff); cut != "" {
		b.t.Errorf("%s %s: the search shows a part of %q", name, b.look, cut)
	}
}

// TestBrowserFits: what makes a page wider than its window is found and named, and the letters change the width of a
// text.
func TestBrowserFits(t *testing.T) {
	t.Parallel()
	b := openTab(t, "data:", look{lang: "en", width: 360})
	b.open("text/html,<!doctype html><p>A <b>1,234,567</b> is a number.</p>")
	width := func(style string) (float64, []string) {
		js[bool](b, fmt.Sprintf(wear, style))
		wide := js[float64](b, `document.querySelector("b").getBoundingClientRect().width`)
		return wide, ask(b, chromedp.Evaluate[[]string](sticksOut))
	}
	plain, none := width(letters[0].style)
	wide, _ := width(letters[1].style)
	narrow, _ := width(letters[2].style)
	if narrow >= plain || plain >= wide || len(none) != 0 {
		t.Errorf("the number is %.1f, %.1f and %.1f wide; %q sticks out", narrow, plain, wide, none)
	}
	tables := func(body, style string) []string {
		b.open("text/html,<!doctype html>" + body)
		js[bool](b, fmt.Sprintf(wear, style))
		return ask(b, chromedp.Evaluate[[]string](sticksOutOfItsTable))
	}
	const row = `<div style="overflow-x:auto"><table class="cards"><tr><td>70934-AB72CD-500<td>Taro</table></div>`
	const fixed = `table { table-layout: fixed; width: 8rem; } td { white-space: nowrap; }`
	const cards = `table, tbody, tr, td { display: block; } td { width: 600px; }`
	for style, want := range map[string]int{"": 0, fixed: 1, cards: 1} {
		if found := tables(row, style); len(found) != want {
			t.Errorf("with %q: %q", style, found)
		}
	}
	for style, want := range map[string]int{"": 1, "b { white-space: normal; overflow-wrap: anywhere; }": 0} {
		b.open(`text/html,<!doctype html><div class="card" style="width:3rem"><b style="white-space:nowrap">1234567890</b></div>`)
		js[bool](b, fmt.Sprintf(wear, strings.ReplaceAll(style, ";", " !important;")))
		if found := ask(b, chromedp.Evaluate[[]string](sticksOutOfItsCard)); len(found) != want {
			t.Errorf("a long word in a narrow box, with %q: %q", style, found)
		}
	}
	b.open("text/html,<!doctype html><p>A <b>1,234,567</b> is a number.</p>")
	if _, found := width("b { display: block; width: 500px }"); len(found) != 3 || !strings.HasPrefix(found[2], "<b>") {
		t.Errorf("a block of 500 px in a window of 360: %q", found)
	}
}
