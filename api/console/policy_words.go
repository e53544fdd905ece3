package console

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// policyFields is the order in which rules are told.
var policyFields = []string{"offer", "uses_in_all", "uses_per_code", "uses_per_person", "currencies",
	"new_customers_only", "conditions", "unanswered", "preset", "mode", "signals", "alone", "threshold", "weak", "messages"}

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
		if field == "offer" || field == "conditions" {
			list = append(list, req.sentencesBetween(field, was, is)...)
			continue
		}
		before, after := was[field], is[field]
		if reflect.DeepEqual(before, after) {
			continue
		}
		list = append(list, policyChange{req.T("policy.field." + field), req.ruleText(field, before),
			req.ruleText(field, after)})
	}
	return list
}

// sentencesBetween says what an offer or conditions were and what they became, each in its sentences.
func (req *request) sentencesBetween(field string, was, is map[string]any) []policyChange {
	before, after := req.sentencesOf(field, was), req.sentencesOf(field, is)
	if slices.Equal(before, after) {
		return nil
	}
	// What both say is no change.
	only := func(list, other []string) string {
		var left []string
		for _, sentence := range list {
			if !slices.Contains(other, sentence) {
				left = append(left, sentence)
			}
		}
		if len(left) == 0 {
			return "–"
		}
		return strings.Join(left, " ")
	}
	return []policyChange{{req.T("policy.field." + field), only(before, after), only(after, before)}}
}

// sentencesOf reads an offer or conditions as JSON has them. What cannot be read says nothing.
func (req *request) sentencesOf(field string, fields map[string]any) []string {
	text, err := json.Marshal(fields[field])
	if err != nil || fields[field] == nil {
		return nil
	}
	if field == "offer" {
		var o campaigns.Offer
		if err := json.Unmarshal(text, &o); err != nil {
			return nil
		}
		return req.offerSentences(o, "")
	}
	var list []decisions.Condition
	if err := json.Unmarshal(text, &list); err != nil {
		return nil
	}
	return req.conditionSentences(list, campaigns.Value{})
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
