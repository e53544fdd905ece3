package pages_test

import (
	"strings"
	"testing"

	"pointbridge/api/pages"
)

func TestAKeyThatPagesDrewIsTakenAndNoOther(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for range 100 {
		key := pages.NewKey()
		if !pages.IsKey(key) || drawn[key] {
			t.Fatalf("%q is no key, or was drawn twice", key)
		}
		drawn[key] = true
	}
	earlier := strings.Repeat("a", 24) // as a form of an earlier version has it
	if !pages.IsKey(earlier) {
		t.Errorf("%q is no key", earlier)
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"too short":      earlier[:21],
		"between":        earlier[:23],
		"too long":       earlier + "a",
		"a line's end":   earlier[:22] + "\n",
		"Liquid":         "{{ shop }}{{ shop }}{{",
		"another script": strings.Repeat("鍵", 22),
	} {
		if pages.IsKey(text) {
			t.Errorf("%s is taken for a key: %q", name, text)
		}
	}
}

func TestASignatureIsForOnePurposeOneTextAndOneSecret(t *testing.T) {
	t.Parallel()
	one := &pages.Base{Shared: pages.Shared{Secret: []byte(strings.Repeat("s", 32))}}
	other := &pages.Base{Shared: pages.Shared{Secret: []byte(strings.Repeat("t", 32))}}
	signature := one.Sign("form", "a")
	if !pages.Same(one.Sign("form", "a"), signature) {
		t.Error("the same signature is another")
	}
	for name, changed := range map[string]string{
		"purpose": one.Sign("device", "a"), "text": one.Sign("form", "b"), "secret": other.Sign("form", "a"),
		"none": "",
	} {
		if pages.Same(changed, signature) {
			t.Errorf("with another %s it is the same", name)
		}
	}
}
