package campaigns

import (
	"reflect"

	"pointbridge/domain/decisions"
)

// fields are those of a policy, by the names that they have wherever they are written.
func fields(p decisions.Policy) map[string]any {
	return map[string]any{"preset": p.Preset, "mode": p.Mode, "signals": p.Signals, "alone": p.Alone,
		"threshold": p.Threshold, "uses_per_person": p.UsesPerPerson, "currencies": p.Currencies,
		"new_customers_only": p.NewCustomersOnly, "weak": p.Weak, "messages": p.Messages}
}

// differences are the fields in which two policies differ, as they were and as they become.
func differences(before, after decisions.Policy) (was, becomes map[string]any) {
	was, becomes = map[string]any{}, map[string]any{}
	have := fields(before)
	for name, value := range fields(after) {
		if !reflect.DeepEqual(have[name], value) {
			was[name], becomes[name] = have[name], value
		}
	}
	return was, becomes
}
