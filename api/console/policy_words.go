package console

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pointbridge/domain/decisions"
)

// policyFields is the order in which rules are told.
var policyFields = []string{"preset", "mode", "signals", "alone", "threshold", "uses_per_person", "currencies",
	"new_customers_only", "weak", "messages"}

// policyChange is one rule as it was and as it became, in words.
type policyChange struct{ Field, Before, After string }

// policyChanges says where two versions of the rules differ.
func (req *request) policyChanges(before, after decisions.Policy) ([]policyChange, error) {
	was, err := policyMap(before)
	if err != nil {
		return nil, err
	}
	is, err := policyMap(after)
	if err != nil {
		return nil, err
	}
	return req.changesBetween(was, is), nil
}

func policyMap(p decisions.Policy) (fields map[string]any, err error) {
	text, err := decisions.EncodePolicy(p)
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(text, &fields)
}

// changesBetween words the rules that are not the same in both.
func (req *request) changesBetween(was, is map[string]any) (list []policyChange) {
	for _, field := range policyFields {
		before, after := was[field], is[field]
		if reflect.DeepEqual(before, after) {
			continue
		}
		list = append(list, policyChange{req.T("policy.field." + field), req.ruleText(field, before),
			req.ruleText(field, after)})
	}
	return list
}

// ruleText words the value of a rule, as JSON has it.
func (req *request) ruleText(field string, value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case bool:
		return req.T("policy.is." + strconv.FormatBool(v))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return req.known("policy."+field+".", v)
	case []any:
		return req.ruleList(field, v)
	case map[string]any:
		return req.ruleParts(v)
	default:
		return "–"
	}
}

func (req *request) ruleList(field string, list []any) string {
	words := make([]string, 0, len(list))
	for _, one := range list {
		switch v := one.(type) {
		case string:
			words = append(words, req.known("decision.signal.", v))
		case map[string]any: // a message
			reason, _ := v["reason"].(string)
			language, _ := v["language"].(string)
			text, _ := v["text"].(string)
			words = append(words, req.known("decision.why.", reason)+" ("+language+"): "+text)
		}
	}
	if len(words) == 0 {
		return req.T("policy.none." + field)
	}
	return strings.Join(words, req.T("review.comma"))
}

func (req *request) ruleParts(parts map[string]any) string {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	words := make([]string, 0, len(names))
	for _, name := range names {
		words = append(words, req.known("policy.weak.", name)+": "+req.ruleText("weak", parts[name]))
	}
	return strings.Join(words, req.T("review.comma"))
}
