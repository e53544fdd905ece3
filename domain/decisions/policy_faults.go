package decisions

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Fault names one thing that is wrong: where, by the name that the value has in JSON, and what would be right, as a
// word that pages and problems have a sentence for.
type Fault struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

// The rules that something can break.
const (
	RuleUnknown   = "unknown"    // the value is none of those that there are
	RuleTwice     = "twice"      // the value is in the list more than once
	RuleRange     = "range"      // the number is too small or too large
	RuleNeeded    = "needed"     // the value is missing
	RuleTooMany   = "too_many"   // the list is too long
	RuleTooLong   = "too_long"   // the text is too long
	RuleForm      = "form"       // the text has another form
	RuleNotOn     = "not_on"     // the kind decides alone and is not among the signals
	RuleThreshold = "threshold"  // more must be the same than there are signals
	RuleNotThere  = "no_kind_on" // no signal is on
)

// Faults names everything that is wrong with a policy; none for one that can be used.
func (p Policy) Faults() []Fault {
	var faults []Fault
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, Fault{Field: field, Rule: rule})
		}
	}
	add(!slices.Contains(Presets(), p.Preset), "preset", RuleUnknown)
	add(!slices.Contains([]Mode{Off, Shadow, Enforce}, p.Mode), "mode", RuleUnknown)
	p.kindFaults(add)
	add(p.UsesPerPerson < 0 || p.UsesPerPerson > MaxUsesPerPerson, "uses_per_person", RuleRange)
	add(p.Weak.WithinMinutes < 0 || p.Weak.WithinMinutes > maxMinutes, "weak.within_minutes", RuleRange)
	add(p.Weak.EmailsPerIP < 0 || p.Weak.EmailsPerIP > maxEmails, "weak.emails_per_ip", RuleRange)
	add(len(p.Currencies) > maxCurrencies, "currencies", RuleTooMany)
	add(twice(p.Currencies), "currencies", RuleTwice)
	add(slices.ContainsFunc(p.Currencies, func(c string) bool { return !IsCurrency(c) }), "currencies", RuleForm)
	add(p.UsesInAll < 0 || p.UsesInAll > MaxUses, "uses_in_all", RuleRange)
	add(p.UsesPerCode < 0 || p.UsesPerCode > MaxUses, "uses_per_code", RuleRange)
	add(!slices.Contains([]Unanswered{"", UnansweredRefuse, UnansweredAllow}, p.Unanswered), "unanswered", RuleUnknown)
	p.conditionFaults(add)
	p.messageFaults(add)
	return faults
}

func (p Policy) kindFaults(add func(wrong bool, field, rule string)) {
	foreign := func(k identity.Kind) bool { return !slices.Contains(identity.Counted(), k) }
	add(slices.ContainsFunc(p.Signals, foreign), "signals", RuleUnknown)
	add(twice(p.Signals), "signals", RuleTwice)
	add(len(p.Signals) == 0 && p.Mode != Off, "signals", RuleNotThere)
	add(slices.ContainsFunc(p.Alone, foreign), "alone", RuleUnknown)
	add(twice(p.Alone), "alone", RuleTwice)
	add(slices.ContainsFunc(p.Alone, func(k identity.Kind) bool { return !foreign(k) && !p.counts(k) }), "alone",
		RuleNotOn)
	add(p.Threshold < 1 || p.Threshold > len(identity.Counted()), "threshold", RuleRange)
	add(len(p.Signals) > 0 && p.Threshold > len(p.Signals) && p.Threshold <= len(identity.Counted()), "threshold",
		RuleThreshold)
}

func (p Policy) messageFaults(add func(wrong bool, field, rule string)) {
	said := make([][2]string, 0, len(p.Messages))
	for _, m := range p.Messages {
		said = append(said, [2]string{string(m.Reason), m.Language})
		add(!slices.Contains(Reasons(), m.Reason), "messages.reason", RuleUnknown)
		add(m.Language != "ja" && m.Language != "en", "messages.language", RuleUnknown)
		add(strings.TrimSpace(m.Text) == "", "messages.text", RuleNeeded)
		add(utf8.RuneCountInString(m.Text) > MaxMessage, "messages.text", RuleTooLong)
		add(!utf8.ValidString(m.Text) || strings.ContainsFunc(m.Text, unicode.IsControl), "messages.text", RuleForm)
	}
	add(twice(said), "messages", RuleTwice)
}

func twice[T comparable](list []T) bool {
	for i, one := range list {
		if slices.Contains(list[:i], one) {
			return true
		}
	}
	return false
}

// IsCurrency tells the form of ISO 4217's codes.
func IsCurrency(text string) bool {
	return len(text) == 3 && !strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// Refused is the refusal of what has faults: it names the first and, where there are more, all of them. It is nil for
// none.
func Refused(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	return domain.Refuse(domain.CodeValidation, "field", faults[0].Field, "rule", faults[0].Rule, "faults", faults)
}
