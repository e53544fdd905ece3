package campaigns

import (
	"reflect"

	"pointbridge/domain/decisions"
)

// fields are those of rules, by the names that they have wherever they are written.
func fields(p decisions.Policy, o Offer) map[string]any {
	return map[string]any{"preset": p.Preset, "mode": p.Mode, "signals": p.Signals, "alone": p.Alone,
		"threshold": p.Threshold, "uses_per_person": p.UsesPerPerson, "currencies": p.Currencies,
		"new_customers_only": p.NewCustomersOnly, "weak": p.Weak, "messages": p.Messages, "uses_in_all": p.UsesInAll,
		"uses_per_code": p.UsesPerCode, "conditions": p.Conditions, "unanswered": p.Unanswered, "offer": o}
}

// differences are the fields in which the rules of two versions differ, as they were and as they become.
func differences(before, after Campaign) (was, becomes map[string]any) {
	was, becomes = map[string]any{}, map[string]any{}
	have := fields(before.Policy, before.Offer.Settled())
	for name, value := range fields(after.Policy, after.Offer) {
		if !reflect.DeepEqual(have[name], value) {
			was[name], becomes[name] = have[name], value
		}
	}
	return was, becomes
}
