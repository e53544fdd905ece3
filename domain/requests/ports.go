package requests

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notifications"
)

// Store keeps requests.
type Store interface {
	// Open keeps a new one. Errors: request_open when one waits for the coupon; idempotency_key_reused. replayed says
	// that the same request was made before.
	Open(ctx context.Context, o Opening) (r Request, replayed bool, err error)
	// Request reads one. Errors: request_not_found.
	Request(ctx context.Context, id int64) (Request, error)
	// Requests lists them, newest first.
	Requests(ctx context.Context, f Filter) ([]Request, error)
	// Move is a compare-and-set on the state, with its audit entry and notification. Errors: domain.ErrConflict.
	Move(ctx context.Context, m Move) error
	// ToDo finds approved requests, and open ones whose coupon is active no longer.
	ToDo(ctx context.Context, now time.Time, limit int) ([]Request, error)
}

// Opening is everything that a new request writes.
type Opening struct {
	Request   Request
	Key, Hash string
	// Refusal is why it may not be opened; a request that was made before is answered all the same.
	Refusal error
	Entry   domain.AuditEntry
	Fact    notifications.Fact
}

func (o Opening) refusing(err error) Opening {
	o.Refusal = err
	return o
}

// Move is everything that one step of a request writes.
type Move struct {
	ID       int64
	From, To State
	// Of is whose approval the step is about, where it comes from approved: another one's meanwhile is not touched.
	Of string
	// Decider, Answer and At are written where the step is a decision; a step back to open forgets them.
	Decider *domain.Caller
	Answer  string
	Problem domain.Code
	At      time.Time
	Entry   *domain.AuditEntry
	Fact    *notifications.Fact
}

// Saga is what coupons are cancelled by; see coupons.Service.
type Saga interface {
	Cancel(ctx context.Context, c coupons.Cancellation) (coupons.Ending, error)
}

// Callers says what a caller of some time ago is now: with the role of today, and with none where what let them in does
// so no longer.
type Callers interface {
	Now(ctx context.Context, who domain.Caller, at time.Time) (domain.Caller, error)
}

// Coupons reads coupons. Errors: coupon_not_found.
type Coupons interface {
	ByCode(ctx context.Context, code string) (coupons.State, error)
}

// Members says whose a coupon is.
type Members interface {
	Customer(ctx context.Context, id string) (domain.Customer, error)
	// OwnMember reports whether a member is one of the people behind a credential.
	OwnMember(ctx context.Context, who domain.Caller, member domain.Customer) (bool, error)
}
