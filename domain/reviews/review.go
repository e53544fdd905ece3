package reviews

import (
	"slices"
	"time"

	"pointbridge/domain"
)

// Review is what a person has to look at and decide.
type Review struct {
	ID        int64
	Kind      Kind
	Open      bool
	CouponID  int64
	Code      string
	OrderName string
	OpenedAt  time.Time
	// OrderID is the gid of the order that the review is about, Reason why it was opened: the shop's word for a
	// cancellation, or another one of Reasons. Both are empty in other reviews.
	OrderID string
	Reason  string
	// Payment is how the order's money stood when the order was last seen while the review was open.
	Payment domain.Payment
	// RefundID is the gid of the refund of a part of the order, Refunded what went back by it; empty for anything else.
	RefundID string
	Refunded domain.Money
	// Evidence is what the POS showed of a movement that is unsettled; nil where it was not asked.
	Evidence *domain.Evidence
	// Problem is the machine word of why a decision could not be carried out, so that the review is open again.
	Problem string
	// Proposal is what a first person decided where it takes two; nil for none.
	Proposal *Proposal
	// Coupon is what is known of the coupon now.
	Coupon Subject
	// RecentReviews counts the person's reviews about orders in the last thirty days, this one included: the
	// customer's, and those of every member with the same mail address or phone number.
	RecentReviews int
	// The decision; zero while the review is open.
	Outcome   Outcome
	Note      string
	DecidedBy string
	DecidedAt *time.Time
}

// Subject is the coupon of a review.
type Subject struct {
	CustomerID  string
	Status      domain.Status
	Points      int64
	ExpiresAt   time.Time
	UsedOrderID string
	// ReissuedFrom and SupersededBy are its neighbours in the chain; Chain is all of its codes, the first one first,
	// alone where it was never reissued.
	ReissuedFrom string
	SupersededBy string
	Chain        []string
	// Grant is the state of the points granted for it; empty for none.
	Grant domain.MovementState
}

// Within is how far back a person's reviews are counted.
const Within = 30 * 24 * time.Hour

// Outcomes lists what can be decided now: a coupon that was replaced, or paid out, or is used by another order, has no
// second way to its value.
//
// For a coupon that cost nothing no points are granted or taken back: there are none that are its own.
func (r Review) Outcomes(now time.Time) []Outcome {
	list := r.outcomes(now)
	if r.Coupon.Points == 0 {
		list = slices.DeleteFunc(slices.Clone(list), func(o Outcome) bool {
			return o == OutcomeGrant || o == OutcomeTakeBack
		})
	}
	return list
}

func (r Review) outcomes(now time.Time) []Outcome {
	if r.Kind == Restored {
		return r.ofRestored(now)
	}
	if !r.Kind.OfOrder() {
		return r.Kind.Outcomes()
	}
	c := r.Coupon
	switch {
	case c.Status == domain.Active && now.Before(c.ExpiresAt):
		return []Outcome{OutcomeReturnPoints, OutcomeRefuse}
	case c.Status != domain.Used || c.SupersededBy != "" || c.UsedOrderID != r.OrderID:
		return []Outcome{OutcomeRefuse}
	case c.Grant == "":
		return []Outcome{OutcomeReissue, OutcomeGrant, OutcomeRefuse}
	case c.Grant == domain.MovementRefused:
		return []Outcome{OutcomeReissue, OutcomeRefuse}
	default:
		return []Outcome{OutcomeRefuse}
	}
}

// ofRestored is what can be decided about a coupon that was restored in doubt. Only one whose points are with us can give
// them back.
func (r Review) ofRestored(now time.Time) []Outcome {
	switch c := r.Coupon; {
	case c.Status == domain.Suspended:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit}
	case c.Status == domain.Active && now.Before(c.ExpiresAt):
		return []Outcome{OutcomeReturnPoints, OutcomeRefuse}
	default:
		return []Outcome{OutcomeRefuse}
	}
}
