package coupons

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Conversion asks for points to become a coupon.
type Conversion struct {
	Caller     domain.Caller
	CustomerID string
	Points     int64
	// Key is the caller's idempotency key; required.
	Key string
	// Proof names what the caller proved this one request with; empty where a credential is good for many. One proof
	// starts one conversion: under its own key it is repeated, under another one it is used up.
	Proof string
}

// Issue asks for a personal code of a campaign.
type Issue struct {
	Caller domain.Caller
	// Key is the caller's idempotency key; required.
	Key string
	// Campaign is the campaign's key.
	Campaign string
	To       Recipient
	// Value is what the code takes off, within the campaign's range: minor units of its currency, or basis points. Zero
	// is the range's only value.
	Value int64
	// Points is what the code was said to cost, so that nobody pays a price that they were not shown; nil where nothing
	// was said.
	Points *int64
	// Proof is as a conversion's.
	Proof string
}

// Recipient is whom a code is for: exactly one of a member, a customer of the shop, and a mail address by which the shop
// knows one customer.
type Recipient struct {
	CustomerID         string
	ShopifyCustomerGID string
	Email              string
}

// Attempt is what is kept of a request that was refused.
type Attempt struct {
	Caller domain.Caller
	// CustomerID is empty where it is not known whom it was for.
	CustomerID string
	Points     int64
	// Campaign is the key of the campaign whose code it was for; empty for a conversion.
	Campaign string
	// Failed says that a coupon was begun and failed, whose own entry in the audit tells of the refusal: it counts once.
	Failed bool
}

// Result is the answer to a conversion, or to a request for a campaign's code.
type Result struct {
	// Coupon as the first answer showed it: active when Done, pending when not.
	Coupon domain.Coupon
	// Done tells a finished coupon (201) from one on its way (202).
	Done bool
	// Replayed marks the repeated answer to a repeated request.
	Replayed bool
}

// Cancellation asks for an active coupon to be ended and for its points to go back.
type Cancellation struct {
	Caller domain.Caller
	Code   string
	Reason string // one of domain.CancelReasons
	Note   string // any script, at most domain.MaxNote characters
	// Key is the caller's idempotency key; required.
	Key string
	// AskedBy is the name of whoever asked the caller for it, for the audit; empty for nobody.
	AskedBy string
	// Askers are the people behind whoever asked: what is their own coupon is not theirs to have decided either.
	Askers []int64
}

// Suspension asks for an active coupon to be suspended while a review is looked into; no points move.
type Suspension Cancellation

// Ending is the answer to a cancellation or suspension.
type Ending struct {
	// Coupon as the first answer showed it.
	Coupon   domain.Coupon
	Replayed bool
}

// RefundRequest is the POS asking for the points of a coupon.
type RefundRequest struct {
	Cancellation
	// Reference is the POS's own name for its request.
	Reference string
}

// RefundStatus says how far a refund is.
type RefundStatus string

// The statuses of a refund.
const (
	RefundAccepted RefundStatus = "accepted"
	RefundDone     RefundStatus = "done"
	RefundRefused  RefundStatus = "refused"
)

// Refund is a refund as the POS sees it.
type Refund struct {
	Reference    string
	Code         string
	Status       RefundStatus
	Points       int64
	POSReference string // the movement's reference in the POS
	// Balance is the POS's figure after the credit; nil before it, or when the POS gave none.
	Balance     *int64
	CreatedAt   time.Time
	CompletedAt *time.Time
	// Problem is why a refund was refused after it had been accepted.
	Problem  domain.Code
	Replayed bool
}

// Points is what a customer can spend, and under which rules.
type Points struct {
	CustomerID     string
	Balance        int64
	AsOf           time.Time
	Unit           int64
	Minimum        int64
	DailyLimit     int64
	DailyRemaining int64
	Rate           domain.Rate
	Currency       string
}

// Quote is the coupon that a conversion would make now; asking for one moves nothing.
type Quote struct {
	Points    int64
	Amount    domain.Money
	Rate      domain.Rate
	ExpiresAt time.Time
	Balance   int64
	AsOf      time.Time
}

// Decision is a person deciding a review.
type Decision struct {
	Caller   domain.Caller
	ReviewID int64
	Outcome  reviews.Outcome
	Note     string
	// Key is the caller's idempotency key; required.
	Key string

	auto bool
}
