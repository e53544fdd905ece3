package policies

import (
	"slices"
	"strings"

	"pointbridge/domain"
)

// personal are the rights that only a person has, by their own sign-in or token, whatever role a program's key carries:
// two keys are not two people, whoever hands out rights has to be somebody, and a verdict about a customer is a person's.
var personal = []string{"approvals:decide", "reviews:decide", "decisions:judge", "staff:manage"}

// Permits reports whether the caller may do the action on the object: their role may, and a program may not where it
// takes a person.
func (e *Enforcer) Permits(who domain.Caller, object, action string) bool {
	if who.Machine && slices.Contains(personal, object+":"+action) {
		return false
	}
	if !who.Machine && who.PersonID != 0 && !e.book.OfStaff(who.Role) {
		return false // the role was theirs and has become one of programs since
	}
	return e.Allow(who.Role, object, action)
}

// RightsOf lists what the caller may do, as object:action, sorted.
func (e *Enforcer) RightsOf(who domain.Caller) []string {
	return slices.DeleteFunc(e.Rights(who.Role), func(right string) bool {
		object, action, _ := strings.Cut(right, ":")
		return !e.Permits(who, object, action)
	})
}
