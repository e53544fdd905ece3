package mail

import (
	"testing"
	"text/template/parse"
	"time"

	"pointbridge/domain"
	"pointbridge/templates"
	"pointbridge/test/expect"
)

// TestAMailReadsAsItsTemplateDoes holds what is written in beforehand to what a template says that asks for all of it.
func TestAMailReadsAsItsTemplateDoes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 20, 3, 0, 0, 0, time.UTC)
	cfg := Config{ShopName: "A&B", Footer: "Footer", Color: DefaultColor, Zone: time.UTC, ApplyURL: "https://shop.example/discount/",
		Contact: domain.Contact{Text: "sample@example.com", Link: "mailto:sample@example.com"}}
	all, err := shippedTexts()
	expect.MustEqual(t, "err", err, nil)
	asking := texts{words: all.words, kinds: map[letter]pair{}}
	for l, p := range all.kinds {
		asking.kinds[l], err = readOurs(l.kind)
		expect.MustEqual(t, "err", err, nil)
		for _, block := range p.text.Templates() {
			walk(block.Root, func(n parse.Node) {
				_, left := words{all.words, l.locale}.always(n)
				expect.That(t, "nothing is asked for that is always the same", !left, l.kind, n)
			})
		}
	}
	for _, locale := range templates.Locales() {
		for _, kind := range kinds() {
			for _, m := range cfg.samples(kind, locale, now) {
				want, err := asking.render(cfg, m)
				expect.MustEqual(t, "err", err, nil)
				got, err := all.render(cfg, m)
				expect.MustEqual(t, "err", err, nil)
				expect.Equal(t, string(kind)+" in "+locale, got, want)
			}
		}
		for _, n := range sampleNotices(locale, now) {
			want, err := asking.renderNotice(cfg, n)
			expect.MustEqual(t, "err", err, nil)
			got, err := all.renderNotice(cfg, n)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "a notice in "+locale, got, want)
		}
	}
}
