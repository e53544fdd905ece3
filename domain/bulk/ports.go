package bulk

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notices"
	"pointbridge/domain/notifications"
)

// Store keeps jobs.
type Store interface {
	// Open keeps a new job with its rows. replayed says that the same request made it before. Errors:
	// idempotency_key_reused.
	Open(ctx context.Context, o Opening) (j Job, replayed bool, err error)
	// Job reads one by its public id. Errors: bulk_not_found.
	Job(ctx context.Context, publicID string) (Job, error)
	// Move is a compare-and-set on the status. Of an approval it also refuses a person who once made what the other
	// signs in with: second_person_required. Errors: domain.ErrConflict.
	Move(ctx context.Context, m Move) error
}

// Desk is what whoever works on jobs asks for.
type Desk interface {
	// Due lists running jobs that nobody works on.
	Due(ctx context.Context, now time.Time) ([]Job, error)
	// Claim takes a job's lease. Errors: domain.ErrConflict.
	Claim(ctx context.Context, id int64, now, until time.Time) error
	// Waiting lists rows without an outcome behind a place.
	Waiting(ctx context.Context, id int64, after, limit int) ([]Row, error)
	// Settle writes what became of a row, and renews the lease. Errors: domain.ErrConflict
	// where the job is no longer running, or somebody else has it.
	Settle(ctx context.Context, s Settled) error
	// Finish ends a job that has no rows left, or gives its lease up until a moment. Errors: as Settle.
	Finish(ctx context.Context, f Finished) error
}

// Opening is everything that a new job writes.
type Opening struct {
	Job       Job
	Rows      []Row
	Key, Hash string
	// Refusal is why it may not be opened; a job that was made before is answered all the same.
	Refusal error
	Entry   domain.AuditEntry
	Fact    *notifications.Fact
}

// Move is one step of a job by a person.
type Move struct {
	ID       int64
	From, To Status
	Approver *domain.Caller
	// Behind are the people behind the job that is approved; see Job.Behind.
	Behind []int64
	At     time.Time
	Entry  domain.AuditEntry
}

// Settled is the outcome of a row.
type Settled struct {
	JobID      int64
	Row        Row
	Lease, New time.Time
}

// Finished ends a slice of work: the job too where it is Done.
type Finished struct {
	JobID      int64
	Lease, New time.Time
	Done       bool
	Entry      *domain.AuditEntry
}

// Saga is what coupons are ended by; see coupons.Service.
type Saga interface {
	Cancel(ctx context.Context, c coupons.Cancellation) (coupons.Ending, error)
	Suspend(ctx context.Context, c coupons.Suspension) (coupons.Ending, error)
}

// Mails lets the mail about a coupon go once more; see notices.Service. Errors: mail_not_sendable, rate_limited.
type Mails interface {
	SendAgain(ctx context.Context, a notices.Again) error
}

// Callers says what a caller of some time ago is now: with the role of today, and with none where what let them in does
// so no longer.
type Callers interface {
	Now(ctx context.Context, who domain.Caller, at time.Time) (domain.Caller, error)
}

// Coupons reads coupons. Errors: coupon_not_found.
type Coupons interface {
	ByCode(ctx context.Context, code string) (coupons.State, error)
	// MovedToday is how many points a person moved since a moment, by whichever of their credentials.
	MovedToday(ctx context.Context, who domain.Caller, since time.Time) (int64, error)
}
