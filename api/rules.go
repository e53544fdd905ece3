package api

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"pointbridge/domain"
)

const (
	// maxFields and maxLocation bound what a client can have repeated to it.
	maxFields   = 20
	maxLocation = 100
)

// fieldError is what our own intake says of a field or parameter.
type fieldError struct{ location, rule, limit string }

func (e *fieldError) Error() string { return e.location + ": " + e.rule }

func wrong(location, rule string) error { return &fieldError{location: location, rule: rule} }

// ruleMark begins every failure that is said in our own words: the mark, the rule, and after a space its limit or the
// name of the member that it is about.
const ruleMark = "rule: "

// reworded are the messages that huma keeps in variables, for whoever uses it to word them: we have it name our rules.
var reworded = []struct {
	message *string
	rule    string
	limit   string
}{
	{&validation.MsgUnexpectedProperty, "unknown", ""},
	{&validation.MsgExpectedRequiredProperty, "required", "%s"},
	{&validation.MsgExpectedMinimumNumber, "minimum", "%v"},
	{&validation.MsgExpectedMaximumNumber, "maximum", "%v"},
	{&validation.MsgExpectedMinLength, "min_length", "%d"},
	{&validation.MsgExpectedMaxLength, "max_length", "%d"},
	{&validation.MsgExpectedMaxItems, "max_items", "%d"},
	{&validation.MsgExpectedOneOf, "one_of", "%s"},
	{&validation.MsgExpectedRFC3339DateTime, "date_time", ""},
	{&validation.MsgExpectedInteger, "integer", ""},
	{&validation.MsgExpectedNumber, "number", ""},
	{&validation.MsgExpectedString, "string", ""},
	{&validation.MsgExpectedBoolean, "boolean", ""},
	{&validation.MsgExpectedObject, "object", ""},
	{&validation.MsgExpectedArray, "array", ""},
}

// rewordHuma runs before a schema is made, because huma writes the limits into its messages then.
func rewordHuma() {
	for _, m := range reworded {
		*m.message = strings.TrimSuffix(ruleMark+m.rule+" "+m.limit, " ")
	}
}

// unworded are the beginnings of the failures that huma words in its own code only, with the rules they stand for. A
// test has huma say each of them.
var unworded = map[string]string{
	"unknown query parameter": "unknown",
	"required ":               "required",
	"invalid date/time":       "date_time",
	"invalid integer":         "integer",
}

// translate turns what huma says of a field into a rule.
func translate(d *huma.ErrorDetail) *fieldError {
	if text, ours := strings.CutPrefix(d.Message, ruleMark); ours {
		rule, limit, _ := strings.Cut(text, " ")
		if rule == "required" || rule == "repeated" { // a member of what the location names
			return &fieldError{location: d.Location + "." + limit, rule: rule}
		}
		return &fieldError{location: d.Location, rule: rule, limit: limit}
	}
	for begins, rule := range unworded {
		if strings.HasPrefix(d.Message, begins) {
			return &fieldError{location: d.Location, rule: rule}
		}
	}
	return &fieldError{location: d.Location, rule: "invalid"}
}

func (x *exchange) worded(f *fieldError) FieldProblem {
	return FieldProblem{Location: clip(f.location), Rule: f.rule, Message: x.api.texts.rule(x.words, f.rule, f.limit)}
}

// fields lists what is wrong with each field, in a stable order.
func (x *exchange) fields(e *domain.Error, errs []error) []FieldProblem {
	var list []FieldProblem
	add := func(f *fieldError) {
		list = append(list, x.worded(f))
	}
	for _, err := range errs {
		var field *fieldError
		var detail *huma.ErrorDetail
		switch {
		case errors.As(err, &field):
			add(field)
		case errors.As(err, &detail):
			add(translate(detail))
		}
	}
	for _, f := range faultsOf(e) {
		add(f)
	}
	if name, ok := e.Params["field"].(string); ok && len(list) == 0 {
		rule, _ := e.Params["rule"].(string)
		add(&fieldError{location: name, rule: cmp.Or(rule, "invalid")})
	}
	if len(list) == 0 {
		add(&fieldError{location: "body", rule: "required"})
	}
	slices.SortFunc(list, func(a, b FieldProblem) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Rule, b.Rule))
	})
	return list[:min(len(list), maxFields)]
}

func clip(text string) string {
	runes := []rune(text)
	if len(runes) > maxLocation {
		return string(runes[:maxLocation]) + "…"
	}
	return text
}
