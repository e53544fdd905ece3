package shopify

import (
	stderrors "errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/graph-gophers/graphql-go/errors"
)

// Rules of the engine that have a code of their own at the vendor.
const (
	ruleVariables = "VariablesOfCorrectType"
	ruleFields    = "FieldsOnCorrectTypeRule"
	ruleValues    = "ValuesOfCorrectTypeRule"
)

var (
	unknownField    = regexp.MustCompile(`^Cannot query field "([^"]+)" on type "([^"]+)"`)
	unknownArgument = regexp.MustCompile(`Field "([^"]+)" is not defined by type "([^"]+)"`)
	wrongVariable   = regexp.MustCompile(`^Variable "([^"]+)" has invalid (?s:.*)Expected type "([^"]+)", found (.*)\.$`)
)

// vendorErrors gives the engine's errors the words and codes of the vendor.
func vendorErrors(engine []*errors.QueryError) []*errors.QueryError {
	vendor := make([]*errors.QueryError, 0, len(engine))
	for _, e := range engine {
		vendor = append(vendor, vendorError(e))
	}
	return vendor
}

func vendorError(e *errors.QueryError) *errors.QueryError {
	if e.Extensions["code"] != nil {
		return e
	}
	v := &errors.QueryError{Message: e.Message, Locations: e.Locations, Path: e.Path}
	switch {
	case isVariableError(e):
		wordVariable(v, e.Message)
	case stderrors.Is(e, errors.ErrSyntax):
		v.Extensions = map[string]any{"code": codeParseError}
	case e.Rule == ruleFields && unknownField.MatchString(e.Message):
		found := unknownField.FindStringSubmatch(e.Message)
		v.Message = fmt.Sprintf("Field '%s' doesn't exist on type '%s'", found[1], found[2])
		v.Extensions = map[string]any{"code": codeUndefinedField, "typeName": found[2], "fieldName": found[1]}
	case e.Rule == ruleValues && unknownArgument.MatchString(e.Message):
		found := unknownArgument.FindStringSubmatch(e.Message)
		v.Message = fmt.Sprintf("InputObject '%s' doesn't accept argument '%s'", found[2], found[1])
		v.Extensions = map[string]any{"code": codeNotAccepted, "name": found[2], "typeName": "InputObject",
			"argumentName": found[1]}
	case e.Rule != "":
		v.Extensions = map[string]any{"code": codeLiterals}
	default:
		v.Message, v.Extensions = somethingWrong, map[string]any{"code": codeInternal}
	}
	return v
}

// wordVariable names the variable, its type and what is wrong with the value.
func wordVariable(v *errors.QueryError, engine string) {
	explanation := engine
	if found := wrongVariable.FindStringSubmatch(engine); found != nil {
		v.Message = fmt.Sprintf("Variable $%s of type %s was provided invalid value", found[1], found[2])
		if found[3] == "null" {
			explanation = "Expected value to not be null"
		}
	}
	v.Extensions = map[string]any{
		"code": codeInvalidVariable, "value": nil,
		"problems": []map[string]any{{"path": []any{}, "explanation": explanation}},
	}
}

// isVariableError reports whether a variable could not be read: found by validation, or, for a scalar's text, when the
// arguments were packed. The latter has neither a rule nor a place.
func isVariableError(e *errors.QueryError) bool {
	packing := e.Rule == "" && e.Path == nil && e.Locations == nil && e.ResolverError == nil
	return e.Rule == ruleVariables || (packing && !stderrors.Is(e, errors.ErrSyntax))
}

func refusedVariables(engine []*errors.QueryError) bool {
	return slices.ContainsFunc(engine, isVariableError)
}

// located adds the place of the root field to errors that know only its path.
func located(vendor []*errors.QueryError, op *operation) []*errors.QueryError {
	for _, e := range vendor {
		for _, root := range op.roots {
			if e.Locations == nil && len(e.Path) > 0 && e.Path[0] == root.alias {
				e.Locations = []errors.Location{root.at}
			}
		}
	}
	return vendor
}

func tooExpensive(requested, most int) *errors.QueryError {
	return &errors.QueryError{
		Message: fmt.Sprintf("Query cost is %d, which exceeds the single query max cost limit (%d).", requested, most),
		Extensions: map[string]any{
			"code": codeTooExpensive, "cost": requested, "maxCost": most, "documentation": costDocs,
		},
	}
}
