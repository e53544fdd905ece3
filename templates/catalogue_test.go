package templates

import (
	"strings"
	"testing"
	"testing/fstest"

	"pointbridge/test/expect"
)

func TestACountedTextFitsItsNumber(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, want := range []struct {
		lang, key string
		texts     map[int64]string
	}{
		{"en", "figure.points", map[int64]string{0: "0 points", 1: "1 point", 2: "2 points", 1000: "1,000 points"}},
		{"ja", "figure.points", map[int64]string{0: "0ポイント", 1: "1ポイント", 2: "2ポイント",
			1000: "1,000ポイント"}},
		{"en", "keys.days", map[int64]string{0: "0 days", 1: "1 day", 2: "2 days", 1000: "1,000 days"}},
		{"ja", "keys.days", map[int64]string{0: "0日間", 1: "1日間", 2: "2日間", 1000: "1,000日間"}},
		{"en", "dashboard.in_coupons", map[int64]string{0: "in 0 unused coupons", 1: "in 1 unused coupon",
			2: "in 2 unused coupons", 1000: "in 1,000 unused coupons"}},
		{"en", "mail.reminder.subject", map[int64]string{0: "Your coupon ends in 0 days",
			1: "Your coupon ends in 1 day", 2: "Your coupon ends in 2 days", 1000: "Your coupon ends in 1,000 days"}},
	} {
		for n, text := range want.texts {
			if got, err := c.Say(want.lang, want.key, n); err != nil || got != text {
				t.Errorf("%s in %s with %d reads %q, want %q (%v)", want.key, want.lang, n, got, text, err)
			}
		}
	}
}

func TestAQuantityIsCountedByItsNumberAndReadInItsWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0:    "The code is deactivated, and 0 points are back in the POS.",
		1:    "The code is deactivated, and 1 point is back in the POS.",
		2:    "The code is deactivated, and 2 points are back in the POS.",
		1000: "The code is deactivated, and 1,000 points are back in the POS.",
	} {
		got, err := catalogue(t).Say("en", "standing.cancelled", Quantity{n, Points("en", n)})
		if err != nil || got != want {
			t.Errorf("%d reads %q, want %q (%v)", n, got, want, err)
		}
	}
}

func TestEveryCountedTextTellsOneFromManyInEnglish(t *testing.T) {
	t.Parallel()
	c, counted := catalogue(t), 0
	for _, key := range c.Keys() {
		m := c.texts["en"][key]
		place := countedPlace(m.Other)
		if place == "" {
			continue
		}
		counted++
		said := map[int64]string{}
		for _, n := range []int64{0, 1, 2, 1000} {
			figures := map[string]any{}
			for _, name := range c.Places(key) {
				figures[name] = Quantity{n, "#"}
			}
			text, err := c.Fill("en", key, figures)
			if err != nil {
				t.Error(err)
			}
			said[n] = text
		}
		expect.Equal(t, "said[0]", said[0], said[2], key, said)
		expect.Equal(t, "said[2]", said[2], said[1000], key, said)
		expect.That(t, "said[1] != said[2]", said[1] != said[2], key, said[1], said)
	}
	if counted < 40 {
		t.Fatalf("%d texts count", counted)
	}
}

func TestATextIsNeverSaidWithAGap(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for name, say := range map[string]func() (string, error){
		"a key that is not there":        func() (string, error) { return c.Say("en", "no.such.key") },
		"a language that is not there":   func() (string, error) { return c.Say("fr", "keys.days", 1) },
		"a place without a figure":       func() (string, error) { return c.Say("en", "wallet.all") },
		"a count without a number":       func() (string, error) { return c.Say("en", "keys.days", "three") },
		"a count without a figure":       func() (string, error) { return c.Say("ja", "keys.days") },
		"a form of a key not there":      func() (string, error) { return c.Form("en", "no.such.key", "one") },
		"a form of a language not there": func() (string, error) { return c.Form("fr", "keys.days", "one") },
	} {
		if text, err := say(); err == nil || text != "" {
			t.Errorf("%s is said as %q", name, text)
		}
	}
}

func TestAFormForAScriptHasItsPlacesOpen(t *testing.T) {
	t.Parallel()
	for _, want := range []struct{ lang, form, text string }{
		{"en", "one", "{0} character left"}, {"en", "other", "{0} characters left"}, {"ja", "one", "あと{0}文字"},
	} {
		if got, err := catalogue(t).Form(want.lang, "ending.note_count", want.form); err != nil || got != want.text {
			t.Errorf("%s in %s is %q, %v", want.form, want.lang, got, err)
		}
	}
}

func TestAFaultInTheCatalogueIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ en, ja, fault string }{
		"a key in one language only": {
			`{"a.b":"x","a.c":"y"}`,
			`{"a.b":"x"}`, `"a.c" is said in en and not in ja`,
		},
		"a key twice in a file": {`{"a.b":"x","a.b":"y"}`, `{"a.b":"x"}`, `"a.b" is said twice`},
		"a form twice in a text": {
			`{"a.b":{"one":"{#0} x","one":"{#0} y","other":"{#0} xs"}}`,
			`{"a.b":"{#0}"}`, `"one" is said twice`,
		},
		"an empty text":              {`{"a.b":""}`, `{"a.b":"x"}`, "is empty"},
		"another place in the other": {`{"a.b":"{0}"}`, `{"a.b":"{1}"}`, "other places"},
		"counted in one language only": {
			`{"a.b":{"one":"{#0} x","other":"{#0} xs"}}`,
			`{"a.b":"{0}"}`, "other places",
		},
		"another place for one": {
			`{"a.b":{"one":"one x","other":"{#0} xs"}}`,
			`{"a.b":"{#0}"}`, "other places for one",
		},
		"a count without a form for one": {`{"a.b":"{#0} xs"}`, `{"a.b":"{#0}"}`, "form for one"},
		"a form for one without a count": {`{"a.b":{"one":"x","other":"xs"}}`, `{"a.b":"x"}`, "form for one"},
		"a form for one where there is none": {
			`{"a.b":{"one":"{#0} x","other":"{#0} xs"}}`,
			`{"a.b":{"one":"{#0}","other":"{#0}"}}`, "form for one",
		},
		"two counts": {
			`{"a.b":{"one":"{#0} {#1}","other":"{#0} {#1}"}}`,
			`{"a.b":"{#0} {#1}"}`, "more than one number",
		},
		"a form that no language here uses": {
			`{"a.b":{"few":"{#0}","one":"{#0}","other":"{#0}"}}`,
			`{"a.b":"{#0}"}`, "no language here uses",
		},
		"a number for a text": {`{"a.b":1}`, `{"a.b":"x"}`, "no text"},
		"a list":              {`[]`, `{"a.b":"x"}`, "no place"},
		"a lone text":         {`"x"`, `{"a.b":"x"}`, "no object"},
		"half a file":         {`{"a.b":"x"`, `{"a.b":"x"}`, "EOF"},
	} {
		err := faultsOf(fstest.MapFS{
			"words/en/all.json": {Data: []byte(c.en)}, "words/ja/all.json": {Data: []byte(c.ja)}})
		expect.MustThat(t, "err != nil", err != nil, name)
		expect.That(t, "err.Error() to contain c.fault", strings.Contains(err.Error(), c.fault), name, c.fault, err)
	}
	both := fstest.MapFS{"words/ja/a.json": {Data: []byte(`{"a.b":"x"}`)},
		"words/ja/b.json": {Data: []byte(`{"a.b":"y"}`)},
		"words/en/a.json": {Data: []byte(`{"a.b":"x"}`)}}
	if err := faultsOf(both); err == nil || !strings.Contains(err.Error(), "said twice in ja") {
		t.Errorf("a key in two files: %v", err)
	}
}

func catalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Texts()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
