package shopify

import (
	stderrors "errors"
	"slices"

	"github.com/graph-gophers/graphql-go/errors"
)

// Protected customer data: what the vendor lets an app see of a person only after a review. Level 1 is the order and the
// customer as such; level 2 its names, addresses, phone numbers and e-mail addresses, each granted or not
// (https://shopify.dev/docs/apps/launch/protected-customer-data). A refused field is null with an error of its own at its
// path, for each order; the sentences and the code are those that many public projects quote.

// ErrBadWithhold refuses a part or a way that there is not.
var ErrBadWithhold = stderrors.New("there is no such part of the protected data, or no such way to withhold it")

// Parts of the protected data.
const (
	WithholdOrder   = "order" // level 1: there is nothing to see at all
	WithholdEmail   = "email"
	WithholdPhone   = "phone"
	WithholdName    = "name"
	WithholdAddress = "address"
)

// Ways in which the vendor withholds. Errors are documented; nulls without an error are what apps of old versions get;
// objects refuses an address as a whole.
const (
	ByErrors  = "errors"
	ByNulls   = "nulls"
	ByObjects = "objects"
)

// protection is what the app may not see, and how it is told. The zero value withholds nothing.
type protection struct {
	how   string
	parts []string
}

// Withhold takes parts of the protected data away from the app, until the process ends; none gives everything back.
// Error: ErrBadWithhold.
func (s *Server) Withhold(how string, parts ...string) error {
	if !slices.Contains([]string{ByErrors, ByNulls, ByObjects}, how) {
		return ErrBadWithhold
	}
	for _, p := range parts {
		if !slices.Contains([]string{WithholdOrder, WithholdEmail, WithholdPhone, WithholdName, WithholdAddress}, p) {
			return ErrBadWithhold
		}
	}
	s.protected.Store(&protection{how, slices.Clone(parts)})
	return nil
}

func (s *Server) protection() protection {
	if p := s.protected.Load(); p != nil {
		return *p
	}
	return protection{}
}

func (p protection) withholds(part string) bool { return slices.Contains(p.parts, part) }

// show gives the value of a field; null where it is empty, or withheld.
func (p protection) show(part, field, value string) (*string, error) {
	switch {
	case p.withholds(part) && p.how == ByNulls:
		return nil, nil
	case p.withholds(part):
		return nil, notApproved("use the " + field + " field")
	case value == "":
		return nil, nil
	}
	return &value, nil
}

// orders refuses every order where the app has not even level 1.
func (p protection) orders() error {
	if p.withholds(WithholdOrder) {
		return notApproved("access the Order object")
	}
	return nil
}

const protectedDocs = "https://shopify.dev/docs/apps/launch/protected-customer-data"

// protectedError is the refusal of protected data.
type protectedError struct{ message string }

func notApproved(what string) error {
	return &protectedError{"This app is not approved to " + what + ". See " + protectedDocs + " for more details."}
}

func (e *protectedError) Error() string { return e.message }

// Extensions is what the engine puts beside the message.
func (*protectedError) Extensions() map[string]any {
	return map[string]any{"code": codeAccessDenied, "documentation": protectedDocs}
}

// mostErrors is how many errors an answer has room for. That there is a bound, and the sentence about what is left off,
// were seen by others; the number is a guess.
const mostErrors = 50

// limited leaves off what an answer has no room for.
func limited(list []*errors.QueryError) []*errors.QueryError {
	if len(list) <= mostErrors {
		return list
	}
	return append(list[:mostErrors:mostErrors],
		&errors.QueryError{Message: "Too many execution errors, max error limit reached. Results truncated"})
}
