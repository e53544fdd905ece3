package decisions

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// TestTextsOfAQuestionAreBoundedInCharacters, as the API's document says, and not in the bytes of one script.
func TestTextsOfAQuestionAreBoundedInCharacters(t *testing.T) {
	t.Parallel()
	asked := func(code, value int) Question {
		text := strings.Repeat("漢", value)
		return Question{Stage: StageCart, Code: strings.Repeat("é", code), Shown: identity.Shown{Names: []string{text},
			Addresses: []identity.PostalAddress{{Line1: text}}}}
	}
	expect.Equal(t, "faults of the longest", len(asked(MaxCode, MaxValue).faults()), 0)
	var long []string
	for _, f := range asked(MaxCode+1, MaxValue+1).faults() {
		expect.Equal(t, "a fault", f.Rule, RuleTooLong)
		long = append(long, f.Field)
	}
	expect.Equal(t, "too long", slices.Equal(long, []string{"code", "customer.name", "address"}), true, long)
}
