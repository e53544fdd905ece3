package domain

import "strings"

// NobodysPhone reports whether a number in international form is one that is typed where none is known: its last seven
// digits are one digit, as in 080-1111-1111 and 03-9999-9999. Tills and forms are full of them, and a number that
// thousands share tells of nobody. The few whose number really is such a one are compared by everything else.
func NobodysPhone(e164 string) bool {
	const most = 7
	digits := strings.TrimPrefix(e164, "+")
	if len(digits) <= most {
		return false
	}
	end := digits[len(digits)-most:]
	return strings.Trim(end, end[:1]) == ""
}
