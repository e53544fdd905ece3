package reviews

import (
	"time"
)

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
