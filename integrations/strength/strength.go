// Package strength tells how hard a password is to guess, by zxcvbn.
package strength

import (
	"strings"

	"github.com/trustelem/zxcvbn"
)

// looked is how many characters of a password are looked at: the work grows with the third power of the length, and a
// beginning that is hard to guess does not get easier by what follows.
const looked = 64

// Meter implements staff.Strength.
type Meter struct{}

// Score implements staff.Strength.
func (Meter) Score(password string, about []string) int {
	if runes := []rune(password); len(runes) > looked {
		password = string(runes[:looked])
	}
	lower := make([]string, 0, len(about))
	for _, word := range about {
		lower = append(lower, strings.ToLower(word)) // capital letters are tried of themselves
	}
	return zxcvbn.PasswordStrength(password, lower).Score
}
