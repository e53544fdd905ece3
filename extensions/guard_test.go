package extensions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain/guard"
)

func own(used, blocked []any) any {
	return map[string]any{"v": 1, "used": used, "blocked": blocked}
}

// TestWhatTheGuardRejects is the table of reasons: for a member, who is told of in their own metafield, for a guest, who
// is known by e-mail or phone, and for somebody of whom nothing is known, in each language.
func TestWhatTheGuardRejects(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := []code{{"summer-1", true}}
	nobody := shopSays(t, nil, nil, false)
	used, blocked := shopSays(t, []string{"a.b+x@gmail.com"}, nil, false), shopSays(t, nil, []string{"+819012345678"},
		false)
	for name, tc := range map[string]struct {
		cart cart
		want rejected
	}{
		"nobody is known": {cart{codes: one, config: nobody}, rejected{}},
		"a guest nobody knows": {cart{codes: one, email: "new@example.com", phone: "+819000000000", config: used},
			rejected{}},
		"a member nobody knows": {cart{codes: one, member: "new@example.com", config: used, own: own(nil, nil)},
			rejected{}},

		"paused, a guest": {cart{codes: one, config: shopSays(t, nil, nil, true)}, rejected{"paused ja": {"summer-1"}}},
		"paused, a member": {cart{codes: one, member: "x@example.com", own: own([]any{"summer"}, []any{"summer"}),
			config: shopSays(t, nil, nil, true)}, rejected{"paused ja": {"summer-1"}}},

		"used up, a member": {cart{codes: one, member: "x@example.com", own: own([]any{"vip",
			"summer"}, nil), config: nobody}, rejected{"used ja": {"summer-1"}}},
		"used up, another family": {cart{codes: one, member: "x@example.com", own: own([]any{"vip"},
			nil), config: nobody}, rejected{}},
		"used up, a guest by e-mail": {cart{codes: one, email: " AB+y@GoogleMail.com ", config: used},
			rejected{"used ja": {"summer-1"}}},
		"used up, a member's e-mail, known of a guest": {cart{codes: one, member: "ab@gmail.com", config: used},
			rejected{"used ja": {"summer-1"}}},
		"used up, no plus elsewhere": {cart{codes: one, email: "ab+x@example.com",
			config: shopSays(t, []string{"ab@example.com"}, nil, false)}, rejected{}},

		"blocked, a member": {cart{codes: one, member: "x@example.com", own: own([]any{"summer"}, []any{"summer"}),
			config: nobody}, rejected{"blocked ja": {"summer-1"}}},
		"blocked, a guest by phone": {cart{codes: one, phone: "+81 90-1234-5678", config: blocked},
			rejected{"blocked ja": {"summer-1"}}},
		"a phone without a country": {cart{codes: one, phone: "090-1234-5678", config: blocked}, rejected{}},

		"two of a family": {cart{codes: []code{{"Summer-1", true}, {"SUMMER-2", true}, {"vip9", true}},
			config: nobody}, rejected{"one ja": {"SUMMER-2"}}},
		"one is applied already": {cart{codes: []code{{"SUMMER-1", true}, {"summer-2", false}}, config: nobody},
			rejected{"one ja": {"SUMMER-1"}}},
		"two are applied already": {cart{codes: []code{{"SUMMER-1", false}, {"SUMMER-2", false}}, config: nobody},
			rejected{}},
		"the same twice": {cart{codes: []code{{"SUMMER-1", true}, {"summer-1", true}}, config: nobody},
			rejected{}},
		"one of each": {cart{codes: []code{{"SUMMER-1", true}, {"VIP-1", true}, {"OTHER", true}},
			config: nobody}, rejected{}},
		"what is applied is never rejected": {cart{codes: []code{{"SUMMER-1", false}}, config: shopSays(t, nil, nil, true)},
			rejected{}},
		"a rejected one has no place": {cart{codes: []code{{"VIP-1", true}, {"SUMMER-1", true}, {"VIP-2", true}},
			member: "x@example.com",
			own:    own([]any{"summer"}, nil), config: nobody}, rejected{"used ja": {"SUMMER-1"}, "one ja": {"VIP-2"}}},

		"English": {cart{codes: one, language: "EN", email: "ab@gmail.com", config: used}, rejected{"used en": {"summer-1"}}},
		"another language": {cart{codes: one, language: "ZH_TW", email: "ab@gmail.com", config: used},
			rejected{"used ja": {"summer-1"}}},
		"a code that only looks like one": {cart{codes: []code{{"SUMMER", true}, {"XSUMMER-1", true}, {"ſUMMER-1", true}},
			config: shopSays(t, nil, nil, true)}, rejected{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s
			s.t = t
			if tc.cart.language == "" {
				tc.cart.language = "JA"
			}
			if diff := cmp.Diff(tc.want, s.run(tc.cart)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhatIsMissingOrWrongRejectsNothing: no metafield, one of another version, of another form, without a key or a
// sentence, or an input that is not Shopify's.
func TestWhatIsMissingOrWrongRejectsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	right := func() map[string]any { return shopSays(t, []string{"ab@gmail.com"}, nil, true).(map[string]any) }
	with := func(name string, value any) any {
		c := right()
		c[name] = value
		return c
	}
	family := func(name string, value any) any {
		c := right()
		c["families"].([]any)[0].(map[string]any)[name] = value
		return c
	}
	for name, config := range map[string]any{
		"none": nil, "a text": "guard", "a list": []any{1}, "a number": 1.5, "true": true, "nothing in it": map[string]any{},
		"another version": with("v", 2), "a version as a text": with("v", "1"), "no families": with("families", nil),
		"families that are none":  with("families", map[string]any{"0": "SUMMER-"}),
		"a family that is a text": with("families", []any{"SUMMER-"}),
		"no prefix":               family("prefix", nil),
		"an empty prefix":         family("prefix", ""),
		"a long prefix":           family("prefix", strings.Repeat("S", 300)),
		"no texts":                with("texts", nil), "texts that are none": with("texts", []any{"paused"}),
		"texts without sentences": with("texts", map[string]any{"JA": map[string]any{"paused": 1, "one": ""}}),
		"a sentence that is too long": with("texts", map[string]any{"JA": map[string]any{"paused": strings.Repeat("あ", 500),
			"one": "x"}}),
		"paused as a text": with("families", []any{map[string]any{"key": "summer", "prefix": "SUMMER-",
			"paused": "true"}}),
	} {
		got := s.run(cart{codes: []code{{"SUMMER-1", true}, {"SUMMER-1", true}}, language: "JA", email: "ab@gmail.com",
			config: config})
		if len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, input := range map[string]any{"null": nil, "a list": []any{}, "a text": "x", "nothing": map[string]any{},
		"codes that are none": map[string]any{"enteredDiscountCodes": []any{nil, 1, "SUMMER-1", map[string]any{"code": 5}},
			"discount": map[string]any{"guard": map[string]any{"jsonValue": right()}}}} {
		text, err := json.Marshal(input)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.give(text); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWithoutAKeyMembersAreKnownStill: what only marks say is unknown then.
func TestWithoutAKeyMembersAreKnownStill(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, key := range []any{nil, "", "00", strings.Repeat("g", 32), strings.Repeat("A", 32), 5} {
		config := shopSays(t, []string{"ab@gmail.com"}, nil, false).(map[string]any)
		config["key"] = key
		c := cart{codes: []code{{"SUMMER-1", true}}, language: "JA", email: "ab@gmail.com", config: config}
		if got := s.run(c); len(got) > 0 {
			t.Errorf("with the key %v: %v", key, got)
		}
		c.member, c.own = "ab@gmail.com", own([]any{"summer"}, nil)
		if got := s.run(c); len(got["used ja"]) != 1 {
			t.Errorf("with the key %v a member is not known: %v", key, got)
		}
	}
}

// TestTheGuardReadsAsMuchAsThereCanBe: metafields of 10,000 bytes, more codes than a cart takes, and codes and
// addresses longer than there are.
func TestTheGuardReadsAsMuchAsThereCanBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var marks []guard.Seen
	for i := range 3 * guard.MaxMarks {
		marks = append(marks, guard.Seen{Mark: guard.Mark(i * 1_000_003)})
	}
	marks[0] = marksOf([]string{"ab@gmail.com"})[0]
	shop := guard.Shop{Key: aKey, Default: "JA", Texts: map[string]guard.Texts{"JA": said("ja")}}
	for i := range guard.MaxFamilies {
		shop.Families = append(shop.Families, guard.Family{Key: strings.Repeat("k", 38) + string(rune('a'+i/26)) +
			string(rune('a'+i%26)), Prefix: strings.Repeat("P", 18) + string(rune('A'+i/26)) + string(rune('A'+i%26))})
	}
	shop.Families[0] = guard.Family{Key: "summer", Prefix: "SUMMER-", Used: marks[:1], Blocked: marks[1:]}
	value, left, err := shop.Encode()
	if err != nil || len(value) > guard.MaxBytes || len(value) < guard.MaxBytes-10 || left == 0 {
		t.Fatalf("%d bytes, %d left out, %v", len(value), left, err)
	}
	var all []any
	for range guard.MaxFamilies {
		all = append(all, "another")
	}
	c := cart{language: "JA", config: decoded(t)(value, 0, nil), email: "ab@gmail.com", member: strings.Repeat("x",
		5000) + "@example.com",
		phone: "+" + strings.Repeat("1", 5000), own: own(all, all)}
	for i := range 60 {
		c.codes = append(c.codes, code{"SUMMER-" + strings.Repeat("9", 240) + string(rune('A'+i)), true})
	}
	c.codes = append([]code{{"SUMMER-" + strings.Repeat("9", 1000), true}}, c.codes...)
	if got := s.run(c); len(got["used ja"]) != 24 { // of the first 25 one is longer than a code can be
		t.Errorf("%d are rejected", len(got["used ja"]))
	}
}
