package domain_test

import (
	"testing"

	"pointbridge/domain"
)

// TestANumberThatIsTypedWhereNoneIsKnownIsNobodys, and numbers that only have digits in a row are somebody's.
func TestANumberThatIsTypedWhereNoneIsKnownIsNobodys(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"+818011111111": true, "+819099999999": true, "+816000000000": true, "+81399999999": true, "+81451111111": true,
		"+12015555555": true, "+819012345678": false, "+819011112222": false, "+819091111112": false,
		"+819081111111": true, "+819080111111": false, "+16502530000": false, "": false, "+": false, "+1111111": false,
	} {
		if got := domain.NobodysPhone(number); got != want {
			t.Errorf("%q: %v, want %v", number, got, want)
		}
	}
}
