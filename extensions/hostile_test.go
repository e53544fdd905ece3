package extensions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain/guard"
	"pointbridge/extensions"
)

// TestTheModuleIsSmallAndAlone: it is far below Shopify's bound, and has one memory. That it imports nothing but
// Shopify's interface, and no WASI, newStage has asked for.
func TestTheModuleIsSmallAndAlone(t *testing.T) {
	t.Parallel()
	newStage(t)
	if size := len(extensions.GuardModule); size > 16<<10 {
		t.Errorf("it has %d bytes", size)
	}
	for _, name := range []string{"wasi", "env"} {
		if strings.Contains(string(extensions.GuardModule), name) {
			t.Errorf("it names %s", name)
		}
	}
}

// FuzzMetafields: whatever stands in the metafields, the Function ends by itself and its answer is a whole one.
func FuzzMetafields(f *testing.F) {
	s := newStage(f)
	right, err := json.Marshal(shopSays(f, []string{"ab@gmail.com"}, []string{"+819012345678"}, true))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(right), `{"v":1,"used":["summer"],"blocked":[]}`, "SUMMER-1", "ab@gmail.com", "+81 90-1234-5678")
	f.Add(`{"v":1,"families":[{"prefix":"","used":"!!!!"}],"texts":{"":{"one":"x"}}}`, `[]`, "", "@", "+")
	f.Add(`{"v":1,"key":"zz","families":{},"texts":[]}`, `{"v":1,"used":[[[]]]}`, "ſ", "ａ@ｂ", "")
	f.Fuzz(func(t *testing.T, config, own, text, email, phone string) {
		s := s
		s.t = t
		var fields [2]any
		for i, field := range []string{config, own} {
			if len(field) > guard.MaxBytes || json.Unmarshal([]byte(field), &fields[i]) != nil {
				fields[i] = field
			}
		}
		if len(text)+len(email)+len(phone) > 10_000 {
			t.Skip("longer than any of them is")
		}
		s.run(cart{codes: []code{{text, true}, {text + "2", true}, {"SUMMER-3", false}}, language: text, email: email,
			phone: phone, member: email, config: fields[0], own: fields[1]})
	})
}

// TestTheFunctionAndTheServiceComputeTheSameMarks: an address or a number that has a mark here is known there by it, one
// that has none is not, and one that differs has another.
func TestTheFunctionAndTheServiceComputeTheSameMarks(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	text := rapid.OneOf(
		rapid.StringMatching(` ?[a-zA-Z0-9.+_-]{1,12}@(gmail\.com|GoogleMail\.com|example\.com|docomo\.ne\.jp) ?`),
		rapid.StringMatching(`\+?[0-9]{6,17}`), rapid.StringMatching(`\+81[ -]?(\(0\))?[0-9. -]{4,14}`),
		rapid.StringMatching(`[a-b@+. ]{0,6}(@gmail\.com)?`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		one, other := text.Draw(t, "one"), text.Draw(t, "other")
		config := shopSays(s.t, []string{one}, nil, false)
		form := func(text string) string { return guard.MailForm(text) + guard.PhoneForm(text) }
		for _, typed := range []string{one, other} {
			byMail := len(s.run(cart{codes: []code{{"SUMMER-1", true}}, language: "JA", email: typed, config: config})) > 0
			byPhone := len(s.run(cart{codes: []code{{"SUMMER-1", true}}, language: "JA", phone: typed, config: config})) > 0
			want := form(typed) != "" && form(typed) == form(one)
			if byMail != (want && guard.MailForm(typed) != "") || byPhone != (want && guard.PhoneForm(typed) != "") {
				t.Fatalf("%q against %q: known by mail %v, by phone %v; the forms are %q and %q", typed, one, byMail, byPhone,
					form(typed), form(one))
			}
		}
	})
}
