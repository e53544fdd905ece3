// Package strength tells how hard a password is to guess, by zxcvbn.
package strength

import (
	"strings"

	"github.com/trustelem/zxcvbn"
)

// looked is how many characters of a password are looked at: the work grows with the third power of the length, and a
// beginning that is hard to guess does not get easier by what follows.
const looked = 64

// shortest is how many bytes a word has at least that counts for nothing: shorter ones stand in words by chance.
const shortest = 3

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
	return min(
		zxcvbn.PasswordStrength(password, lower).Score,
		zxcvbn.PasswordStrength(without(lower, password), nil).Score,
	)
}

// without leaves out what somebody would try first for this person: a row of such words is long, and no harder to
// guess.
func without(words []string, password string) string {
	password = strings.ToLower(password)
	for _, word := range words {
		if len(word) >= shortest {
			password = strings.ReplaceAll(password, word, "")
		}
	}
	return password
}
