package campaigns

import (
	"context"

	"pointbridge/domain"
)

// Wish is a code of a campaign that somebody is to have.
type Wish struct {
	By       domain.Caller
	Campaign string
	// Who reads whom it is for; it is called only where there is something to decide.
	Who func(context.Context) (domain.Customer, error)
	// Worth is what it takes off, in the unit of the campaign's values; nil for what the campaign says.
	Worth *int64
	// Protected tells whether the campaign asks for decisions, where that was read just now; nil for what is believed.
	Protected *bool
	// Rehearsal leaves no trace.
	Rehearsal bool
}
