package api

import (
	"context"
	"time"

	"pointbridge/api/web"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/reports"
)

// Service is what customers and the till can ask to be done. Its errors are *domain.Error; anything else is a fault of
// ours and is told to nobody.
type Service interface {
	Points(ctx context.Context, customerID string) (coupons.Points, error)
	Quote(ctx context.Context, customerID string, points int64) (coupons.Quote, error)
	Convert(ctx context.Context, c coupons.Conversion) (coupons.Result, error)
	// Conversion tells how a conversion stands that this caller asked for under this key; the error of one that failed
	// is the refusal it failed with.
	Conversion(ctx context.Context, callerID, key string) (coupons.Result, error)
	// Cancel, Suspend, Refund and Decide answer after their first commit; what follows is done without the request.
	Cancel(ctx context.Context, c coupons.Cancellation) (coupons.Ending, error)
	Suspend(ctx context.Context, c coupons.Suspension) (coupons.Ending, error)
	Refund(ctx context.Context, r coupons.RefundRequest) (coupons.Refund, error)
	FindRefund(ctx context.Context, reference string) (coupons.Refund, error)
	Decide(ctx context.Context, d coupons.Decision) (review coupons.Review, replayed bool, err error)
}

// Members changes what is known about members; see members.Service.
type Members interface {
	Link(ctx context.Context, l members.Link) (customer domain.Customer, created bool, err error)
	// MemberOf finds the member whom a customer of the shop is, and links the two where the shop itself says so.
	MemberOf(ctx context.Context, caller domain.Caller, shopCustomerGID string) (domain.Customer, error)
	// RefusedPoints is told of a conversion whose points were refused before Convert could be asked.
	RefusedPoints(ctx context.Context, caller domain.Caller, customerID string)
	// Unlock lifts the lock on a customer's conversions, if there is one.
	Unlock(ctx context.Context, caller domain.Caller, customerID string) error
}

// Coupons reads coupons and cases.
type Coupons interface {
	ByCode(ctx context.Context, code string) (coupons.State, error)
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	Reviews(ctx context.Context, f coupons.ReviewFilter) ([]coupons.Review, error)
	Review(ctx context.Context, id int64) (coupons.Review, error)
	// Circumstances reads what a case's risk is made of.
	Circumstances(ctx context.Context, r coupons.Review) (coupons.Circumstances, error)
}

// Audit reads the record of what happened, newest first.
type Audit interface {
	Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error)
}

// Reports adds up what happened.
type Reports interface {
	// Summary reports the days from one date to another, both included. Errors: reports.ErrPeriod.
	Summary(ctx context.Context, from, to time.Time) (reports.Summary, error)
	// Today is the shop's date, as midnight UTC.
	Today() time.Time
}

// Keys finds API keys by their public part. Errors: unauthenticated when there is none.
type Keys interface {
	FindKey(ctx context.Context, prefix string) (domain.APIKey, error)
	// KeyUsed writes down that a key let somebody in.
	KeyUsed(ctx context.Context, prefix string, at time.Time) error
}

// Record keeps what happened and belongs to no change of state.
type Record interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
	// Count has an entry told with others like it, by their number, when its minute is over.
	Count(entry domain.AuditEntry)
}

// Staff is who works here. Its errors are *domain.Error; see staff.Service.
type Staff interface {
	web.Staff
	ByID(ctx context.Context, id int64) (domain.Staff, error)
	AddToken(ctx context.Context, by domain.Caller, id int64, name string) (token string, key domain.APIKey, err error)
}

// Policy says which role may do what.
type Policy interface {
	Allow(role domain.Role, object, action string) bool
	// Permits tells whether a caller may: their role may, and it is a person where it takes one.
	Permits(who domain.Caller, object, action string) bool
	// RightsOf lists what a caller may do, as object:action, in a stable order.
	RightsOf(who domain.Caller) []string
}

// Metrics is told of every request, under its route's pattern, so that no label ever holds an id, and of alerts by their
// kind. It must not block.
type Metrics interface {
	Request(method, route string, status int, took time.Duration)
	Alert(kind string)
}

// Check is one thing that must work before requests are sent here. Its error goes to the log, its name to the answer.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}
