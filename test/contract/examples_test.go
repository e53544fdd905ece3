package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"pointbridge/test/expect"
)

// TestEveryOperationHasAGroupAndExamples: whoever reads the document finds each call under a group that says what it is
// about, with a request to copy, every answer it can get, and each problem in both languages; and all of them are what
// the schemas say.
func TestEveryOperationHasAGroupAndExamples(t *testing.T) {
	t.Parallel()
	document := load(t, ownDocument)
	groups := map[string]int{}
	for _, tag := range document.Tags {
		groups[tag.Name] = 0
		expect.That(t, tag.Name+" says what it is about", tag.Description != "")
	}
	operations, examples := 0, 0
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			operations++
			where := method + " " + path
			expect.MustEqual(t, where+" is in one group", len(op.Tags), 1)
			_, known := groups[op.Tags[0]]
			expect.That(t, where+" is in a group that there is", known, op.Tags[0])
			groups[op.Tags[0]]++
			if op.RequestBody != nil {
				examples += held(t, where, op.RequestBody.Value.Content)
			}
			for status, answer := range op.Responses.Map() {
				examples += held(t, where+" "+status, answer.Value.Content)
				if problem := answer.Value.Content["application/problem+json"]; problem != nil {
					bothLanguages(t, where+" "+status, problem.Examples, *answer.Value.Description)
				}
			}
		}
	}
	for name, n := range groups {
		expect.That(t, name+" has operations", n > 0)
	}
	expect.That(t, "there are many", operations > 80 && examples > 1000, operations, examples)
	coupon := document.Components.Schemas["Coupon"].Value
	wrong := map[string]any{}
	for name, value := range document.Components.Examples["Coupon"].Value.Value.(map[string]any) {
		wrong[name] = value
	}
	expect.Equal(t, "the coupon's example", coupon.VisitJSON(wrong), nil)
	wrong["points"] = "many"
	expect.That(t, "one that is wrong is found", coupon.VisitJSON(wrong) != nil)
}

// held counts the examples of a body, and holds each against its schema.
func held(t *testing.T, where string, content openapi3.Content) (n int) {
	t.Helper()
	for media, body := range content {
		expect.That(t, where+" has an example", len(body.Examples) > 0, media)
		for name, example := range body.Examples {
			n++
			if err := body.Schema.Value.VisitJSON(example.Value.Value); err != nil {
				t.Errorf("%s: the example %s is not what the schema says: %v", where, name, err)
			}
		}
	}
	return n
}

// bothLanguages holds the examples of an answer against the codes that its description names.
func bothLanguages(t *testing.T, where string, examples openapi3.Examples, description string) {
	t.Helper()
	var named, shown []string
	for i, part := range strings.Split(description, "`") {
		if i%2 == 1 {
			named = append(named, part+".en", part+".ja")
		}
	}
	for name, example := range examples {
		shown = append(shown, name)
		body, _ := example.Value.Value.(map[string]any)
		code, _, _ := strings.Cut(name, ".")
		expect.Equal(t, where+" "+name, body["code"], any(code))
		for _, field := range []string{"title", "detail"} {
			text, _ := body[field].(string)
			japanese := strings.ContainsFunc(text, func(r rune) bool { return r >= 0x3040 && r <= 0x30ff })
			expect.Equal(t, where+" "+name+" is in its language", japanese, strings.HasSuffix(name, ".ja"), text)
			expect.That(t, where+" "+name+" has no gap", !strings.ContainsAny(text, "{}"), text)
		}
	}
	slices.Sort(named)
	slices.Sort(shown)
	expect.That(t, where+" has each of its problems", slices.Equal(slices.Compact(named), shown), named, shown)
}
