package coupons

import (
	"time"

	"pointbridge/domain"
)

// ReviewKind says why a person has to look.
type ReviewKind string

// The kinds of case.
const (
	// ReviewUnsettled: the POS can neither replay nor be asked whether a movement was applied.
	ReviewUnsettled ReviewKind = "unsettled"
	// ReviewSuspectedFraud: somebody ended a code until the case is decided.
	ReviewSuspectedFraud ReviewKind = "suspected_fraud"
	// ReviewUsedAfterRefund: an order holds a code whose points are back.
	ReviewUsedAfterRefund ReviewKind = "used_after_refund"
)

// Outcome is what a person decides.
type Outcome string

// The outcomes, by kind of case.
const (
	// For suspected fraud.
	OutcomeReturnPoints Outcome = "return_points"
	OutcomeForfeit      Outcome = "forfeit"
	// For a code that was used after its refund.
	OutcomeTakeBack   Outcome = "take_back"
	OutcomeAcceptLoss Outcome = "accept_loss"
	// For an unsettled movement: what the till's own records say.
	OutcomeApplied    Outcome = "applied"
	OutcomeNotApplied Outcome = "not_applied"
)

// Outcomes lists what can be decided in a kind of case.
func (k ReviewKind) Outcomes() []Outcome {
	switch k {
	case ReviewSuspectedFraud:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit}
	case ReviewUsedAfterRefund:
		return []Outcome{OutcomeTakeBack, OutcomeAcceptLoss}
	case ReviewUnsettled:
		return []Outcome{OutcomeApplied, OutcomeNotApplied}
	default:
		return nil
	}
}

// Review is a case for a person.
type Review struct {
	ID        int64
	Kind      ReviewKind
	Open      bool
	CouponID  int64
	Code      string
	OrderName string
	OpenedAt  time.Time
	// The decision; zero while the case is open.
	Outcome   Outcome
	Note      string
	DecidedBy string
	DecidedAt *time.Time
}

// Verdict closes a case.
type Verdict struct {
	ReviewID int64
	Outcome  Outcome
	Note     string
	By       string // the name, for people
	At       time.Time
}

// ReviewFilter chooses cases for a list, newest first.
type ReviewFilter struct {
	Status string // "open", "closed" or "" for both
	// Before continues a list: only cases with a smaller id.
	Before int64
	Limit  int
}

// Decision is a person deciding a case.
type Decision struct {
	Caller   domain.Caller
	ReviewID int64
	Outcome  Outcome
	Note     string
	// Key is the caller's idempotency key; required.
	Key string
}
