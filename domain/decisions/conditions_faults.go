package decisions

import "strconv"

// ConditionFaults names what is wrong with each of some conditions by itself, by its place: conditions[0].values. What
// is wrong with all of them together, Policy.Faults says.
func ConditionFaults(list []Condition) (faults []Fault) {
	for i, c := range list {
		place := "conditions[" + strconv.Itoa(i) + "]"
		c.settled().faults(func(wrong bool, field, rule string) {
			if wrong {
				faults = append(faults, Fault{Field: place + field[len("conditions"):], Rule: rule})
			}
		})
	}
	return faults
}
