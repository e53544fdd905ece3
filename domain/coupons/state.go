package coupons

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// State is one coupon with what is known of its acts.
type State struct {
	Coupon    domain.Coupon
	Movements []domain.Movement
	RequestID int64
	// ActedBy is the latest moment at which an earlier actor can have started an act; zero when this process is the
	// first and only one.
	ActedBy time.Time
}

// Movement finds the movement of a kind, or nil.
func (st State) Movement(kind domain.MovementKind) *domain.Movement {
	for i := range st.Movements {
		if st.Movements[i].Kind == kind {
			return &st.Movements[i]
		}
	}
	return nil
}

// open finds the movement of a kind that is intended and not settled, or nil.
func (st State) open(kind domain.MovementKind) *domain.Movement {
	if m := st.Movement(kind); m != nil && m.State == domain.MovementOpen {
		return m
	}
	return nil
}

// foreign says that the code in the shop is somebody else's, because none was made for the coupon.
func (st State) foreign() bool {
	paid := !st.Coupon.Free()
	return st.Coupon.Status == domain.Failed &&
		(codeWasTaken(st.Coupon) || paid && st.Movement(domain.GiveBack) == nil)
}

// toMove says that somebody has to move the coupon on, and that it is not a person.
func (st State) toMove() bool { return st.Coupon.OnTheWay() && st.Coupon.ParkedAt == nil }

// After is the state that a commit led to: the changed movements in the place of what they were.
func (st State) After(next State) State {
	next.ActedBy, next.RequestID = st.ActedBy, st.RequestID
	for _, old := range st.Movements {
		if next.Movement(old.Kind) == nil {
			next.Movements = append(next.Movements, old)
		}
	}
	return next
}

// fresh reports whether nobody can have sent an act whose intent was written at since: no earlier actor, or an intent
// younger than the last moment at which one could act.
func (st State) fresh(since time.Time) bool {
	return st.ActedBy.IsZero() || since.After(st.ActedBy)
}

// actedAt is the latest moment at which whoever acts now can have acted: a clock that was set back meanwhile must not
// make its acts older than the intents they followed from.
func (st State) actedAt(now time.Time) time.Time {
	if st.Coupon.CreatedAt.After(now) {
		now = st.Coupon.CreatedAt
	}
	for _, m := range st.Movements {
		if m.CreatedAt.After(now) {
			now = m.CreatedAt
		}
		if m.Before != nil && m.Before.At.After(now) {
			now = m.Before.At
		}
	}
	return now
}

// Change is everything one commit writes. Coupon and movements carry their new values; a zero ID is an insert. The
// coupon is updated where its stored version equals Coupon.Version, and the version goes up by one.
type Change struct {
	Coupon    domain.Coupon
	Movements []domain.Movement
	// Request is inserted with an opening, or pointed at the new coupon when it has an ID.
	Request *Request
	// Answer is recorded for the coupon's request unless it was answered already.
	Answer Answer
	Audit  []domain.AuditEntry
	Jobs   []domain.Job
	// Project says that the customer's metafield is to be written again.
	Project bool
	// Review opens a review for a person; one that is open already for this coupon and kind is left as it is.
	Review reviews.Kind
	// Evidence is what that review shows of what was found; nil for nothing.
	Evidence *domain.Evidence
	// Verdict closes a review.
	Verdict *reviews.Verdict
	// Proposal stands in a review until a second person decides.
	Proposal *reviews.Proposal
	// Reopened opens a review of this coupon again; none is left as it is.
	Reopened *reviews.Reopened
	// Also are changes of other coupons that are committed with this one; one without an ID is a new coupon.
	Also []Change
	// Refund is inserted with the commit that a refund begins with.
	Refund *RefundRow
	// Reminders records reminder steps (days before the end) as dealt with; a step recorded before is ErrConflict.
	Reminders []int
}
