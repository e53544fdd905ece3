// Package requests lets those who may not cancel a coupon ask for it, and those who may decide.
//
// A request moves by compare-and-set, and the cancellation that follows from an approval is the saga's own: by whoever
// approved, within their caps, with whoever asked on record.
//
//	from      to         who                  when
//	-         open       asker                the coupon is active; one open request for a coupon
//	open      approved   another person       committed before the saga is asked, so that no approval is lost
//	approved  done       by itself            the saga began the cancellation, now or at an earlier try
//	approved  lapsed     by itself            the coupon is no longer active: used, expired, cancelled by others
//	approved  open       by itself            the saga refuses the approver: cap, right, own coupon. Somebody else may
//	open      refused    another person       says why
//	open      withdrawn  asker
//	open      lapsed     by itself            the coupon is no longer active
//
// A process that dies between approved and what follows leaves an approved request; the round asks the saga again under
// the same key, which has one effect.
package requests

import (
	"time"

	"pointbridge/domain"
)

// State is how far a request is.
type State string

// The states. The strings are stored and never change.
const (
	Open      State = "open"
	Approved  State = "approved"
	Done      State = "done"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Lapsed    State = "lapsed"
)

// States lists them.
func States() []State { return []State{Open, Approved, Done, Refused, Withdrawn, Lapsed} }

// CanBecome is the table above.
func (s State) CanBecome(to State) bool {
	switch s {
	case Open:
		return to == Approved || to == Refused || to == Withdrawn || to == Lapsed
	case Approved:
		return to == Done || to == Lapsed || to == Open
	case Done, Refused, Withdrawn, Lapsed:
	}
	return false
}

// Request is somebody asking for a coupon to be cancelled.
type Request struct {
	ID       int64
	CouponID int64
	Code     string
	State    State
	Reason   string // one of domain.CancelReasons
	Note     string
	Asker    domain.Caller
	AskedAt  time.Time
	// Decider is who approved or refused it; zero for nobody.
	Decider   domain.Caller
	Answer    string // what they said
	DecidedAt *time.Time
	// Problem is why it lapsed, or why an approval came to nothing.
	Problem domain.Code
	// SeenAt is when whoever asked looked at the answer.
	SeenAt *time.Time
	Coupon Subject
}

// Subject is the request's coupon as it is now.
type Subject struct {
	CustomerID string
	Status     domain.Status // as stored; see StatusAt
	Points     int64
	ExpiresAt  time.Time
}

// StatusAt is the true status of the coupon at an instant.
func (s Subject) StatusAt(now time.Time) domain.Status {
	return domain.Coupon{Status: s.Status, ExpiresAt: s.ExpiresAt}.StatusAt(now)
}

// By reports whether the caller is the person, or the program, that asked.
func (r Request) By(who domain.Caller) bool {
	return r.Asker.ID == who.ID || r.Asker.PersonID != 0 && r.Asker.PersonID == who.PersonID
}

// own reports whether somebody decided about what they asked for themselves, by whichever of their credentials: their
// own, one that they made, or one that they asked with.
func (r Request) own(who domain.Caller) bool {
	people := func(c domain.Caller) [2]int64 { return [2]int64{c.PersonID, c.MakerID} }
	if r.By(who) {
		return true
	}
	for _, a := range people(r.Asker) {
		for _, b := range people(who) {
			if a != 0 && a == b {
				return true
			}
		}
	}
	return false
}

// Filter chooses requests for a list, newest first.
type Filter struct {
	// States chooses those in any of them; none means all.
	States []State
	// AskedBy is a caller's id, CouponID a coupon; empty for all.
	AskedBy  string
	CouponID int64
	// Before continues a list: only requests with a smaller id.
	Before int64
	Limit  int
}
