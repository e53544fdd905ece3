package coupons

import (
	"time"

	"pointbridge/domain"
)

// ReviewKind says why a person has to look.
type ReviewKind string

// The kinds of review.
const (
	// ReviewUnsettled: the POS can neither replay nor be asked whether a movement was applied.
	ReviewUnsettled ReviewKind = "unsettled"
	// ReviewSuspectedFraud: somebody suspended a code until the review is decided.
	ReviewSuspectedFraud ReviewKind = "suspected_fraud"
	// ReviewUsedAfterRefund: an order holds a code whose points are back.
	ReviewUsedAfterRefund ReviewKind = "used_after_refund"
	// ReviewOrderCancelled and ReviewOrderRefunded: nothing, or less, is left of the order that holds a code.
	ReviewOrderCancelled ReviewKind = "order_cancelled"
	ReviewOrderRefunded  ReviewKind = "order_refunded"
	// ReviewOrderUnpaid: the order that used a code stands, and its payment came to nothing.
	ReviewOrderUnpaid ReviewKind = "order_unpaid"
	// ReviewCodeElsewhere: an order carries a code which it did not use up, so that its value may have been given
	// twice.
	ReviewCodeElsewhere ReviewKind = "code_elsewhere"
)

// ReviewKinds lists the kinds of review, the most usual ones first.
func ReviewKinds() []ReviewKind {
	return []ReviewKind{ReviewOrderCancelled, ReviewOrderRefunded, ReviewOrderUnpaid, ReviewCodeElsewhere,
		ReviewSuspectedFraud, ReviewUsedAfterRefund, ReviewUnsettled}
}

// Outcome is what a person decides.
type Outcome string

// The outcomes, by kind of review.
const (
	// For suspected fraud.
	OutcomeReturnPoints Outcome = "return_points"
	OutcomeForfeit      Outcome = "forfeit"
	// For a code that was used after its refund.
	OutcomeTakeBack   Outcome = "take_back"
	OutcomeAcceptLoss Outcome = "accept_loss"
	// For an unsettled movement: what the POS's own records say.
	OutcomeApplied    Outcome = "applied"
	OutcomeNotApplied Outcome = "not_applied"
	// For a voided order: a new code for the used one, its points, or neither. OutcomeReturnPoints is for a
	// code that is still good.
	OutcomeReissue Outcome = "reissue"
	OutcomeGrant   Outcome = "grant_points"
	OutcomeRefuse  Outcome = "refuse"
)

// Why an order was voided, where it was not cancelled for one of the shop's own reasons.
const (
	ReasonRefunded          = "refunded"
	ReasonPartiallyRefunded = "partially_refunded"
	// ReasonUnreadable: the shop told that something was taken back of an order that is too old for it to show.
	ReasonUnreadable = "unreadable"
	// ReasonPaymentExpired and ReasonPaymentVoided: the order stands without a payment.
	ReasonPaymentExpired = "payment_expired"
	ReasonPaymentVoided  = "payment_voided"
	reasonFraud          = "fraud"
	reasonDeclined       = "declined"
)

// Why a person has to look at an order that carries a code.
const (
	// LookSecondOrder: another order used the coupon.
	LookSecondOrder = "second_order"
	// LookOtherCustomer: the order is somebody else's. LookNoCustomer: it is nobody's.
	LookOtherCustomer = "other_customer"
	LookNoCustomer    = "no_customer"
)

// What of an order a review is about, where not the whole of it was voided; else it is the gid of a refund.
const (
	PartUnpaid = "unpaid"
	PartCode   = "code"
	// PartUnreadable: nobody can say how much.
	PartUnreadable = "unreadable"
	// PartRefund is a refund of which the shop does not say which one it is.
	PartRefund = "refund"
)

// Reasons lists why a review about an order can have been opened.
func Reasons() []string {
	return []string{"customer", reasonDeclined, reasonFraud, "inventory", "staff", "other", ReasonRefunded,
		ReasonPartiallyRefunded, ReasonUnreadable, ReasonPaymentExpired, ReasonPaymentVoided, LookSecondOrder,
		LookOtherCustomer, LookNoCustomer}
}

// OfOrder reports whether the review is about an order: a voided one, or one that carries a code it did not use up.
func (k ReviewKind) OfOrder() bool {
	return k == ReviewOrderCancelled || k == ReviewOrderRefunded || k == ReviewOrderUnpaid || k == ReviewCodeElsewhere
}

// NeedsNote reports whether a decision has to say why: the customer is given nothing.
func (o Outcome) NeedsNote() bool { return o == OutcomeRefuse }

// Outcomes lists what can be decided in a kind of review; Review.Outcomes says what can be decided in one as it stands.
func (k ReviewKind) Outcomes() []Outcome {
	switch k {
	case ReviewSuspectedFraud:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit}
	case ReviewUsedAfterRefund:
		return []Outcome{OutcomeTakeBack, OutcomeAcceptLoss}
	case ReviewUnsettled:
		return []Outcome{OutcomeApplied, OutcomeNotApplied}
	case ReviewOrderCancelled, ReviewOrderRefunded, ReviewOrderUnpaid, ReviewCodeElsewhere:
		return []Outcome{OutcomeReissue, OutcomeGrant, OutcomeReturnPoints, OutcomeRefuse}
	default:
		return nil
	}
}

// Review is what a person has to look at and decide.
type Review struct {
	ID        int64
	Kind      ReviewKind
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
	Payment Payment
	// RefundID is the gid of the refund of a part of the order, Refunded what went back by it; empty for anything else.
	RefundID string
	Refunded domain.Money
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

// ReviewsWithin is how far back a person's reviews are counted.
const ReviewsWithin = 30 * 24 * time.Hour

// Outcomes lists what can be decided now: a coupon that was replaced, or paid out, or is used by another order, has no
// second way to its value.
func (r Review) Outcomes(now time.Time) []Outcome {
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

// VoidedOrder is what happened to an order, and a coupon whose code it holds.
type VoidedOrder struct {
	CouponID  int64
	OrderID   string
	OrderName string
	Kind      ReviewKind
	Reason    string
	// Part says what of the order it is about, where not the whole order was voided: one of the Part constants, or the
	// gid of Refund.
	Part   string
	Refund OrderRefund
	// Payment is how the order's money stood in the state of the order that was last changed at SeenAt.
	Payment Payment
	SeenAt  time.Time
	At      time.Time
	// Entry goes into the audit when there is something new.
	Entry domain.AuditEntry
	// Jobs are committed with a review that is new.
	Jobs []domain.Job
}

// Verdict closes a review.
type Verdict struct {
	ReviewID int64
	Outcome  Outcome
	Note     string
	By       string // the name, for people
	Actor    string // Caller.ID
	At       time.Time
}

// Proposal is the first of two people deciding a review.
type Proposal struct {
	ReviewID int64
	Outcome  Outcome
	Note     string
	By       string
	Actor    string
	At       time.Time
}

// Reopened opens the coupon's review about an order again that was closed with this outcome.
type Reopened struct {
	Outcome Outcome
	Problem string
}

// ReviewFilter chooses reviews for a list, newest first.
type ReviewFilter struct {
	Status string // "open", "closed" or "" for both
	// Kind and CustomerID choose reviews of one kind and of one customer, PersonOf those of everybody who is one
	// person with a customer; empty for all.
	Kind       ReviewKind
	CustomerID string
	PersonOf   string
	// Before continues a list: only reviews with a smaller id.
	Before int64
	Limit  int
}

// Decision is a person deciding a review.
type Decision struct {
	Caller   domain.Caller
	ReviewID int64
	Outcome  Outcome
	Note     string
	// Key is the caller's idempotency key; required.
	Key string

	auto bool
}
