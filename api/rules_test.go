package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
)

// everyRule asks for everything that our operations ask of a field, and of more.
type everyRule struct {
	Number int       `query:"number" required:"true" minimum:"2" maximum:"5"`
	When   time.Time `query:"when"`
	Word   string    `query:"word" minLength:"2" maxLength:"3"`
	Choice string    `query:"choice" enum:"red,green"`
	Exact  string    `query:"exact" pattern:"^[a-z]+$"`
	Body   struct {
		Number  int       `json:"number" minimum:"2" maximum:"5"`
		Decimal float64   `json:"decimal,omitempty"`
		Text    string    `json:"text,omitempty" minLength:"2" maxLength:"3"`
		Exact   string    `json:"exact,omitempty" pattern:"^[a-z]+$"`
		Choice  string    `json:"choice,omitempty" enum:"red,green"`
		When    time.Time `json:"when,omitempty"`
		Yes     bool      `json:"yes,omitempty"`
		List    []string  `json:"list,omitempty"`
		Inner   struct {
			Name string `json:"name"`
		} `json:"inner,omitempty"`
	} `nameHint:"EveryRule"`
}

// TestHumaFailsByTheRulesThatWeKnow has huma itself fail in every way: a version that says something else is noticed
// here.
func TestHumaFailsByTheRulesThatWeKnow(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	huma.Register(s.api.huma, huma.Operation{OperationID: "every-rule", Method: http.MethodPost, Path: "/every-rule"},
		func(context.Context, *everyRule) (*struct{}, error) { return &struct{}{}, nil })
	for _, c := range []struct{ query, body, field, rule, says string }{
		{"", `{"number":3}`, "query.number", "required", ""},
		{"number=x", `{"number":3}`, "query.number", "integer", ""},
		{"number=1", `{"number":3}`, "query.number", "minimum", "at least 2."},
		{"number=6", `{"number":3}`, "query.number", "maximum", "at most 5."},
		{"number=3&when=soon", `{"number":3}`, "query.when", "date_time", ""},
		{"number=3&word=x", `{"number":3}`, "query.word", "min_length", "at least 2 characters."},
		{"number=3&word=xxxx", `{"number":3}`, "query.word", "max_length", "at most 3 characters."},
		{"number=3&choice=blue", `{"number":3}`, "query.choice", "one_of", "one of: red, green."},
		{"number=3&exact=A", `{"number":3}`, "query.exact", "invalid", ""},
		{"number=3&other=1", `{"number":3}`, "query.other", "unknown", ""},
		{"number=3", `{}`, "body.number", "required", ""},
		{"number=3", `{"number":3,"other":1}`, "body.other", "unknown", ""},
		{"number=3", `{"number":"3"}`, "body.number", "integer", ""},
		{"number=3", `{"number":1}`, "body.number", "minimum", "at least 2."},
		{"number=3", `{"number":6}`, "body.number", "maximum", "at most 5."},
		{"number=3", `{"number":3,"decimal":"x"}`, "body.decimal", "number", ""},
		{"number=3", `{"number":3,"text":7}`, "body.text", "string", ""},
		{"number=3", `{"number":3,"text":"x"}`, "body.text", "min_length", "at least 2 characters."},
		{"number=3", `{"number":3,"text":"xxxx"}`, "body.text", "max_length", "at most 3 characters."},
		{"number=3", `{"number":3,"exact":"A"}`, "body.exact", "invalid", ""},
		{"number=3", `{"number":3,"choice":"blue"}`, "body.choice", "one_of", "one of: red, green."},
		{"number=3", `{"number":3,"when":"soon"}`, "body.when", "date_time", ""},
		{"number=3", `{"number":3,"yes":1}`, "body.yes", "boolean", ""},
		{"number=3", `{"number":3,"list":1}`, "body.list", "array", ""},
		{"number=3", `{"number":3,"inner":1}`, "body.inner", "object", ""},
		{"number=3", `{"number":3,"inner":{}}`, "body.inner.name", "required", ""},
		{"number=3", `{"number":3,"inner":{"name":"x","name":"y"}}`, "body.inner.name", "repeated", ""},
		{"number=3", `{"number":3`, "body", "json", ""},
	} {
		got := s.call(domain.RolePOS, http.MethodPost, "/every-rule?"+c.query, c.body, header("Accept-Language", "en"))
		if rule := got.field(c.field); got.status != 422 || rule != c.rule || !strings.Contains(got.raw, c.says) {
			t.Errorf("%s %s is %d, %s: %q, want %q (%s)", c.query, c.body, got.status, c.field, rule, c.rule, got.raw)
		}
	}
}

// TestEveryFailureThatAnOperationCanHaveIsARule: what an operation asks for in its schema has to be one of the rules;
// huma's other failures would be told as "invalid" without a word of what is wrong. (What fits none of several types is
// "invalid".)
func TestEveryFailureThatAnOperationCanHaveIsARule(t *testing.T) {
	t.Parallel()
	document := newShop(t).api.huma.OpenAPI()
	seen := 0
	check := func(where string, s *huma.Schema) {
		seen++
		if s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil || s.MultipleOf != nil ||
			s.MinItems != nil || s.UniqueItems || s.MinProperties != nil ||
			s.MaxProperties != nil {
			t.Errorf("%s asks for what no rule is made for", where)
		}
	}
	for name, s := range document.Components.Schemas.Map() {
		check(name, s)
		for member, inner := range s.Properties {
			check(name+"."+member, inner)
		}
	}
	for path, item := range document.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				check(path+" "+p.Name, p.Schema)
			}
		}
	}
	if seen < 100 {
		t.Fatalf("%d schemas", seen)
	}
}
