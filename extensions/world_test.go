package extensions_test

import (
	"context"
	"encoding/json"
	"testing"

	"pointbridge/domain/guard"
	"pointbridge/domain/identity"
	"pointbridge/extensions"
	"pointbridge/integrations/sim/functions"
)

const target = "cartLinesDiscountsGenerateRun"

// aKey is the key of marks in these tests.
var aKey = guard.Key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// stage is the module and its query, made once for a test.
type stage struct {
	t        testing.TB
	function *functions.Function
	query    functions.Query
}

func newStage(t testing.TB) stage {
	t.Helper()
	function, err := functions.New(t.Context(), extensions.GuardModule, "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := function.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	query, err := functions.ReadQuery(extensions.FunctionsSchema, extensions.GuardQuery)
	if err != nil {
		t.Fatal(err)
	}
	return stage{t, function, query}
}

// code is an entered one.
type code struct {
	text       string
	rejectable bool
}

// cart is what a checkout shows; config and own are metafields, nil for none.
type cart struct {
	codes        []code
	language     string
	email, phone any
	// member is the e-mail of a customer, nil for a guest.
	member      any
	config, own any
}

// rejected is what was rejected, by sentence.
type rejected map[string][]string

// run gives the Function what the query makes of a cart, and holds both input and answer against the schema.
func (s stage) run(c cart) rejected {
	s.t.Helper()
	return s.give(s.input(c))
}

// input is what the query makes of a cart.
func (s stage) input(c cart) []byte {
	s.t.Helper()
	entered := []any{}
	for _, one := range c.codes {
		entered = append(entered, map[string]any{"code": one.text, "rejectable": one.rejectable})
	}
	buyer := map[string]any{"email": c.email, "phone": c.phone}
	if c.member != nil {
		buyer["customer"] = map[string]any{"email": c.member, "metafield": field(c.own)}
	}
	input, err := s.query.Input(map[string]any{
		"enteredDiscountCodes": entered,
		"localization":         map[string]any{"language": map[string]any{"isoCode": c.language}},
		"discount":             map[string]any{"metafield": field(c.config)},
		"cart":                 map[string]any{"buyerIdentity": buyer},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(input)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// field answers the one metafield that the Function may ask for.
func field(value any) functions.Field {
	return func(arguments map[string]any) any {
		if value == nil || arguments["namespace"] != "$app" || arguments["key"] != "guard" {
			return nil
		}
		return map[string]any{"jsonValue": value}
	}
}

func (s stage) give(text []byte) rejected {
	s.t.Helper()
	answered, err := s.function.Run(s.t.Context(), text)
	if err != nil {
		s.t.Fatalf("%v, of %d bytes of input", err, len(text))
	}
	var answer map[string]any
	if err := json.Unmarshal(answered, &answer); err != nil {
		s.t.Fatal(err)
	}
	if err := s.query.CheckAnswer(target, map[string]any{"operations": answer["operations"]}); err != nil || len(answer) != 1 {
		s.t.Fatalf("the answer is not the target's: %v", err)
	}
	found := rejected{}
	for _, one := range answer["operations"].([]any) {
		operation := one.(map[string]any)["enteredDiscountCodesReject"].(map[string]any)
		sentence := operation["message"].(string)
		if sentence == "" || found[sentence] != nil {
			s.t.Errorf("the sentence %q stands twice or is empty", sentence)
		}
		for _, c := range operation["codes"].([]any) {
			found[sentence] = append(found[sentence], c.(map[string]any)["code"].(string))
		}
	}
	return found
}

// said are sentences that name their reason and language.
func said(language string) guard.Texts {
	return guard.Texts{Paused: "paused " + language, Blocked: "blocked " + language, Used: "used " + language,
		One: "one " + language}
}

// shopSays is the shop's metafield with marks of e-mails and phones in the family SUMMER-.
func shopSays(t testing.TB, used, blocked []string, paused bool) any {
	t.Helper()
	return decoded(t)(guard.Shop{Key: aKey, Default: "JA", Texts: map[string]guard.Texts{"JA": said("ja"),
		"EN": said("en")},
		Families: []guard.Family{
			{Key: "summer", Prefix: "SUMMER-", Paused: paused, Used: marksOf(used), Blocked: marksOf(blocked)},
			{Key: "vip", Prefix: "VIP"}},
	}.Encode())
}

func decoded(t testing.TB) func(value []byte, left int, err error) any {
	return func(value []byte, _ int, err error) any {
		t.Helper()
		var made any
		if err == nil {
			err = json.Unmarshal(value, &made)
		}
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
}

func marksOf(texts []string) []guard.Seen {
	var seen []guard.Seen
	found := aKey.Marks(texts, texts)
	for _, kind := range []identity.Kind{identity.Email, identity.Phone} {
		for _, m := range found[kind] {
			seen = append(seen, guard.Seen{Mark: m})
		}
	}
	return seen
}
