package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// faint names the texts that differ too little from what they stand on (WCAG 2.2, 1.4.3): the nearest ground that a box
// around them has. Where boxes lie over one another this is not what is seen; there the checker of axe looks.
const faint = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true}), known = new Map(), grounds = new Map();
	const colour = text => { if (!known.has(text)) { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
		known.set(text, [...canvas.getImageData(0, 0, 1, 1).data].map(c => c / 255)); } return known.get(text); };
	const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
	const ground = e => { if (!e) return [1, 1, 1];
		if (!grounds.has(e)) grounds.set(e, over(colour(getComputedStyle(e).backgroundColor), ground(e.parentElement)));
		return grounds.get(e); };
	const light = rgb => { const [r, g, b] = rgb.map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b + .05; };
	const seen = e => { let part = 1; for (let p = e; p; p = p.parentElement) part *= getComputedStyle(p).opacity; return part; };
	const texts = new Set();
	const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (all.nextNode()) if (all.currentNode.data.trim()) texts.add(all.currentNode.parentElement);
	for (const e of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select")) texts.add(e);
	const found = [];
	for (const e of texts) {
		if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || e.closest("svg, option, [aria-disabled=true], :disabled, .hidden")) continue;
		const style = getComputedStyle(e), size = parseFloat(style.fontSize), below = ground(e), [r, g, b, a] = colour(style.color);
		const pair = [light(over([r, g, b, a * seen(e)], below)), light(below)], ratio = Math.max(...pair) / Math.min(...pair);
		const least = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
		if (ratio < least) found.push(ratio.toFixed(2) + ": " + style.color + " in " + e.outerHTML.slice(0, 120));
	}
	return found.slice(0, 5); })()`

// legible holds the texts of a page to a contrast that people can read.
func (b *tab) legible(name string) {
	b.t.Helper()
	for _, what := range ask(b, chromedp.Evaluate[[]string](faint)) {
		b.t.Errorf("%s %s: too little contrast: %s", name, b.look, what)
	}
}

// TestBrowserLegible: texts that are too faint are found and named, whatever their colour is made of.
func TestBrowserLegible(t *testing.T) {
	t.Parallel()
	b := openTab(t, "data:", look{lang: "en", width: 360})
	for style, want := range map[string]int{
		"": 0, "b{color:rgb(150 150 150)}": 1, "b{color:rgb(100 100 100)}": 0, "p{background:rgb(90 90 90)}": 1,
		"b{color:rgb(140 140 140);font-size:24px}": 0, "b{color:color-mix(in srgb,black 40%25,transparent)}": 1,
		"p{opacity:.4}": 1, "p{background:rgb(0 0 0);color:rgb(90 90 90)}": 1, "p{display:none;color:white}": 0,
	} {
		b.open("text/html,<!doctype html><style>" + style + "</style><p><b>words</b></p>")
		if found := ask(b, chromedp.Evaluate[[]string](faint)); len(found) != want || want == 1 && !strings.Contains(found[0], "words") {
			t.Errorf("with %q: %q", style, fmt.Sprint(found))
		}
	}
}
