package functions

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"pointbridge/test/expect"
)

// TestAnAnswerIsWholeOrNone: counts are exact, names come before values, and nothing follows the end, as Shopify's own
// provider has it.
func TestAnAnswerIsWholeOrNone(t *testing.T) {
	t.Parallel()
	object := func(size uint32) func(*run) status {
		return func(r *run) status { return r.begin(level{object: map[string]any{}, size: size}) }
	}
	list := func(size uint32) func(*run) status {
		return func(r *run) status { return r.begin(level{list: []any{}, isList: true, size: size}) }
	}
	put := func(v any) func(*run) status { return func(r *run) status { return r.put(v) } }
	end := func(isList bool) func(*run) status { return func(r *run) status { return r.end(isList) } }
	for name, tc := range map[string]struct {
		calls []func(*run) status
		want  string
		wrong status
	}{
		"a text":    {[]func(*run) status{put("x")}, `"x"`, written},
		"nothing":   {nil, "", written},
		"an object": {[]func(*run) status{object(1), put("a"), put(1.5), end(false)}, `{"a":1.5}`, written},
		"lists in objects": {[]func(*run) status{object(1), put("a"), list(2), put(nil), object(0), end(false),
			end(true), end(false)}, `{"a":[null,{}]}`, written},
		"an object that is open":    {[]func(*run) status{object(0)}, "", written},
		"a member too few":          {[]func(*run) status{object(1), end(false)}, "", objectLength},
		"a member too many":         {[]func(*run) status{object(0), put("a")}, "", objectLength},
		"a name without a value":    {[]func(*run) status{object(1), put("a"), end(false)}, "", objectLength},
		"a name that is no text":    {[]func(*run) status{object(1), put(1.0)}, "", expectedKey},
		"an object for a name":      {[]func(*run) status{object(1), object(0)}, "", expectedKey},
		"an item too few":           {[]func(*run) status{list(2), put("a"), end(true)}, "", arrayLength},
		"an item too many":          {[]func(*run) status{list(0), put("a")}, "", arrayLength},
		"a list ended as an object": {[]func(*run) status{list(0), end(false)}, "", notAnObject},
		"an object ended as a list": {[]func(*run) status{object(0), end(true)}, "", notAnArray},
		"a second answer":           {[]func(*run) status{put("a"), put("b")}, "", alreadyWritten},
		"a second object":           {[]func(*run) status{put("a"), object(0)}, "", alreadyWritten},
		"more than is allowed":      {[]func(*run) status{put(strings.Repeat("x", MostOutput))}, "", written},
	} {
		r := &run{}
		last := written
		for _, call := range tc.calls {
			last = call(r)
		}
		answer, err := r.answer()
		if string(answer) != tc.want && !(errors.Is(err, ErrTooLarge) && name == "more than is allowed") ||
			(err == nil) != (tc.want != "") || last != tc.wrong {
			t.Errorf("%s: %s, %v, the last call returned %d", name, answer, err, last)
		}
	}
}

// TestValuesAreBoxedAsShopifyDoes: tags, lengths and what asking the wrong thing returns.
func TestValuesAreBoxedAsShopifyDoes(t *testing.T) {
	t.Parallel()
	r := &run{}
	for value, want := range map[any]uint64{nil: boxed, true: boxed | 1<<46 | 1, false: boxed | 1<<46,
		1.5: math.Float64bits(1.5)} {
		expect.Equal(t, "boxed", r.keep(value), want, value)
	}
	long := r.keep(strings.Repeat("x", 20_000))
	expect.Equal(t, "tag of a text", long>>46&15, tagString)
	expect.Equal(t, "length of a long text", long>>32&0x3fff, uint64(longestLength))
	stack := []uint64{long}
	r.length(nil, stack)
	expect.Equal(t, "its length, asked for", stack[0], uint64(20_000))
	for _, v := range []uint64{r.keep(nil), r.keep(1.5), long, box(tagObject, 0, 7), box(tagError, 0, 1)} {
		stack := []uint64{v, api.EncodeU32(0)}
		r.at(nil, stack)
		expect.Equal(t, "an item of what is no list", stack[0], box(tagError, 0, errNotIndexable), v)
	}
	stack = []uint64{r.keep([]any{"a"}), api.EncodeU32(1)}
	r.at(nil, stack)
	expect.Equal(t, "an item beyond the end", stack[0], box(tagError, 0, errIndexTooLarge))
}

// TestModulesThatShopifyWouldNotTake: what is no module, imports of another one, no export.
func TestModulesThatShopifyWouldNotTake(t *testing.T) {
	t.Parallel()
	header := "\x00asm\x01\x00\x00\x00"
	typed := header + "\x01\x04\x01\x60\x00\x00"
	for name, module := range map[string]string{"nothing": "", "a text": "x", "an empty module": header,
		"an import of another module": typed + "\x02\x09\x01\x03env\x01f\x00\x00",
		"no memory":                   typed + "\x03\x02\x01\x00\x07\x07\x01\x03run\x00\x00\x0a\x04\x01\x02\x00\x0b"} {
		if f, err := New(t.Context(), []byte(module), "run"); err == nil {
			t.Errorf("%s is taken", name)
			_ = f.Close(context.WithoutCancel(t.Context()))
		}
	}
}

// TestAnInputIsWhatTheQueryAsksFor: fields are left out that are not asked for, aliases are followed, and what must not
// be missing is an error.
func TestAnInputIsWhatTheQueryAsksFor(t *testing.T) {
	t.Parallel()
	const schema = `type Query { codes: [Code!]! buyer: Buyer field(key: String!): String } type Code { text: String! }
		type Buyer { mail: String }
		input Answer { codes: [Entry!]! } input Entry { code: String! } type Mutation { answer(result: Answer!): Boolean }`
	q, err := ReadQuery(schema, `{ codes { text } mail: buyer { mail } named: field(key: "k") }`)
	expect.MustEqual(t, "err", err, nil)
	field := Field(func(a map[string]any) any { return a["key"] })
	made, err := q.Input(map[string]any{"codes": []any{map[string]any{"text": "A", "more": 1}}, "field": field})
	expect.MustEqual(t, "err", err, nil)
	text, err := json.Marshal(made)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "input", string(text), `{"codes":[{"text":"A"}],"mail":null,"named":"k"}`)
	for name, facts := range map[string]map[string]any{"no codes": {},
		"a code without a text": {"codes": []any{map[string]any{}}}} {
		if _, err := q.Input(facts); err == nil {
			t.Errorf("%s is an input", name)
		}
	}
	for _, query := range []string{`{ nothing }`, `{ codes }`, `{`,
		`query A { codes { text } } query B { codes { text } }`} {
		if _, err := ReadQuery(schema, query); err == nil {
			t.Errorf("%s is a query", query)
		}
	}
	for answer, good := range map[string]bool{`{"codes":[{"code":"A"}]}`: true, `{"codes":[]}`: true, `{}`: false,
		`{"codes":{}}`: false, `{"codes":[{"code":1}]}`: false, `{"codes":[{}]}`: false, `{"codes":[null]}`: false,
		`{"codes":[],"more":1}`: false, `{"codes":["A"]}`: false} {
		var value map[string]any
		if err := json.Unmarshal([]byte(answer), &value); err != nil {
			t.Fatal(err)
		}
		err := q.CheckAnswer("answer", value)
		expect.Equal(t, "a good answer", err == nil, good, answer, err)
	}
	expect.That(t, "a target that there is not", q.CheckAnswer("another", nil) != nil)
}
