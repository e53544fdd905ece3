package console

import (
	"errors"
	"slices"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// stayWith shows the page again like stay, and names in words each rule of a campaign that is wrong.
func (req *request) stayWith(err error, show func(status int, told *pages.Told) error) error {
	return req.stay(err, func(status int, told *pages.Told) error {
		if lines := req.faultLines(err); len(lines) > 0 {
			told.Title, told.Detail = req.T("campaigns.wrong"), strings.Join(lines, " ")
		}
		return show(status, told)
	})
}

// ruleWords are the sentences of rules that have none of their own.
var ruleWords = map[string]string{decisions.RuleNeeded: "required", decisions.RuleForm: "invalid",
	decisions.RuleUnknown: "invalid", decisions.RuleTwice: "repeated"}

func (req *request) faultLines(err error) (lines []string) {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return nil
	}
	faults, _ := refused.Params["faults"].([]decisions.Fault)
	for _, f := range faults {
		rule := f.Rule
		if word, ok := ruleWords[rule]; ok {
			rule = word
		}
		field := strings.TrimPrefix(f.Field, "protection.")
		name, _, _ := strings.Cut(field, ".")
		list := "campaigns."
		if slices.Contains(policyFields, name) {
			list = "policy.field."
		}
		if line := req.known(list, name) + ": " + req.known("rule.", rule); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// faultText says what is asked of a field that breaks a rule.
func (req *request) faultText(rule string) string {
	if word, ok := ruleWords[rule]; ok {
		rule = word
	}
	return req.known("rule.", rule)
}

// place puts faults to the fields that they are about.
func (req *request) place(faults []decisions.Fault, into fieldFaults) {
	for _, f := range faults {
		field := formFieldOf(f.Field)
		if field == "conditions" && strings.HasPrefix(f.Field, "protection.conditions.") {
			continue // said at its row
		}
		sentence := req.faultText(f.Rule)
		if own := "campaign_form.wrong." + field + "." + f.Rule; req.Base.Words.Knows(own) {
			sentence = req.T(own)
		}
		into.add(field, sentence)
	}
}

// formFieldOf is where a member of a campaign is written in the form.
func formFieldOf(field string) string {
	field = strings.TrimPrefix(strings.TrimPrefix(field, "protection."), "offer.")
	switch {
	case field == "value.range":
		return "value_min"
	case field == "value.kind":
		return "value_kind"
	case field == "value.currency":
		return "currency"
	case field == "validity":
		return "validity_min"
	case field == "alone":
		return "signals"
	case strings.HasPrefix(field, "names"):
		return "name_ja"
	case strings.HasPrefix(field, "weak."):
		return strings.Replace(field, ".", "_", 1)
	}
	field, _, _ = strings.Cut(field, ".")
	return field
}
