package main

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/templates"
)

// wordKeys finds what looks like the name of a sentence instead of the sentence.
var wordKeys = sync.OnceValues(func() (*regexp.Regexp, error) {
	var heads []string
	catalogue, err := templates.Texts()
	if err != nil {
		return nil, err
	}
	for _, key := range catalogue.Keys() {
		head, _, _ := strings.Cut(key, ".")
		heads = append(heads, regexp.QuoteMeta(head))
	}
	slices.Sort(heads)
	return regexp.MustCompile(`\b(` + strings.Join(slices.Compact(heads), "|") + `)\.[a-z_][a-z_.0-9]*\b`), nil
})

// prose is what a page says to people: what is marked as code, and what is hidden from everybody, is left out.
const prose = `(() => { const all = document.body.cloneNode(true);
	all.querySelectorAll("code, pre, script, style, .code").forEach(e => e.remove());
	all.querySelectorAll("[aria-label], [title], [placeholder]").forEach(e => all.append(" " + (e.ariaLabel || "") + " " + (e.title || "")));
	return document.title + " " + all.textContent; })()`

// words holds a page to sentences: no key of one, nothing that a template or a program left.
func (b *tab) words(name string) {
	b.t.Helper()
	keys, err := wordKeys()
	if err != nil {
		b.t.Fatal(err)
	}
	text := ask(b, chromedp.Evaluate[string](prose))
	for _, found := range keys.FindAllString(text, -1) {
		b.t.Errorf("%s %s: the page shows the key %q", name, b.look, found)
	}
	for _, never := range []string{"{0}", "{1}", "{{", "%!", "<no value>", "undefined", "[object", "NaN"} {
		if strings.Contains(text, never) {
			b.t.Errorf("%s %s: the page shows %q", name, b.look, never)
		}
	}
}

// TestWordKeys: the search for keys finds one, and takes no sentence for one.
func TestWordKeys(t *testing.T) {
	t.Parallel()
	keys, err := wordKeys()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"status.active": true, "review.kind.order_cancelled": true, "It is your coupon. Use it.": false, "staff@example.com": false} {
		if keys.MatchString(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
