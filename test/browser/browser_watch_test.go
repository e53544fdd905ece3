package browser

import (
	"slices"
	"strings"

	"github.com/chromedp/chromedp"

	"pointbridge/domain/events"
	"pointbridge/test/world"
)

// prose is what a page says to people: what is marked as code, and what is hidden from everybody, is left out.
const prose = `(() => { const all = document.body.cloneNode(true);
	all.querySelectorAll("code, pre, script, style, .code").forEach(e => e.remove());
	all.querySelectorAll("[aria-label], [title], [placeholder]").forEach(e => all.append(" " + (e.ariaLabel || "") + " " + (e.title || "")));
	return document.title + " " + all.textContent; })()`

// words holds a page to sentences: no key of one, nothing that a template or a program left.
func (b *tab) words(name string) {
	b.t.Helper()
	keys, err := world.WordKeys()
	if err != nil {
		b.t.Fatal(err)
	}
	text := ask(b, chromedp.Evaluate[string](prose))
	for _, found := range keys.FindAllString(text, -1) {
		if slices.Contains(events.Kinds(), events.Kind(found)) { // what programs are told is not worded
			continue
		}
		b.t.Errorf("%s %s: the page shows the key %q", name, b.look, found)
	}
	for _, never := range []string{"{0}", "{1}", "{{", "%!", "<no value>", "undefined", "[object", "NaN"} {
		if strings.Contains(text, never) {
			b.t.Errorf("%s %s: the page shows %q", name, b.look, never)
		}
	}
}
