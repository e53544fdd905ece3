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

// said ties what huma says to the rule we call it. What follows the beginning is the rule's limit where there is one.
type said struct {
	begins, rule string
	limited      bool
}

// sayings are huma's messages, by their own constants where it has some.
func sayings() []said {
	head := func(message string) string { begins, _, _ := strings.Cut(message, "%"); return begins }
	return []said{
		{head(validation.MsgUnexpectedProperty), "unknown", false},
		{"unknown query parameter", "unknown", false},
		{"required", "required", false},
		{"request body is required", "required", false},
		{head(validation.MsgExpectedRequiredProperty), "required", false},
		{head(validation.MsgExpectedMinimumNumber), "minimum", true},
		{head(validation.MsgExpectedMaximumNumber), "maximum", true},
		{head(validation.MsgExpectedMinLength), "min_length", true},
		{head(validation.MsgExpectedMaxLength), "max_length", true},
		{head(validation.MsgExpectedOneOf), "one_of", true},
		{head(validation.MsgExpectedRFC3339DateTime), "date_time", false},
		{"invalid date/time", "date_time", false},
		{validation.MsgExpectedInteger, "integer", false},
		{"invalid integer", "integer", false},
		{validation.MsgExpectedNumber, "number", false},
		{validation.MsgExpectedBoolean, "boolean", false},
		{validation.MsgExpectedObject, "object", false},
		{validation.MsgExpectedArray, "array", false},
		{malformed, "json", false},
	}
}

// translate turns huma's English into a rule. A pattern begins as the type does, so text that must match one is asked for
// exactly.
func translate(d *huma.ErrorDetail) *fieldError {
	if d.Message == validation.MsgExpectedString {
		return &fieldError{location: d.Location, rule: "string"}
	}
	if name, ok := strings.CutPrefix(d.Message, repeatedMember); ok {
		return &fieldError{location: d.Location + "." + name, rule: "repeated"}
	}
	for _, s := range sayings() {
		rest, ok := strings.CutPrefix(d.Message, s.begins)
		if !ok {
			continue
		}
		f := &fieldError{location: d.Location, rule: s.rule}
		if s.limited {
			f.limit = strings.ReplaceAll(strings.Trim(rest, `"`), `", "`, ", ")
		}
		if name, missing := strings.CutSuffix(rest, " to be present"); missing {
			f.location += "." + name
		}
		return f
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
	if name, ok := e.Params["field"].(string); ok && len(list) == 0 {
		add(&fieldError{location: name, rule: "invalid"})
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
