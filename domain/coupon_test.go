package domain

import (
	"testing"
	"unicode/utf8"
)

func TestTheReasonsThatThePOSKeepsAreInTheShopsLanguage(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for kind, english := range map[MovementKind]string{Take: ReasonTake, GiveBack: ReasonGiveBack, Grant: ReasonGrant,
		TakeBack: ReasonTakeBack} {
		if got := MovementReason(kind, "en"); got != english || MovementReason(kind, "") != english {
			t.Errorf("%s is %q", kind, got)
		}
		japanese := MovementReason(kind, "ja")
		if seen[japanese] || japanese == english || utf8.RuneCountInString(japanese) > utf8.RuneCountInString(english) {
			t.Errorf("%s is %q in Japanese", kind, japanese)
		}
		seen[japanese] = true
	}
}
