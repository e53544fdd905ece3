package web

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/staff"
)

// Service is what pages ask to be done; see coupons.Service.
type Service interface {
	Points(ctx context.Context, customerID string) (coupons.Points, error)
	Quote(ctx context.Context, customerID string, points int64) (coupons.Quote, error)
	Convert(ctx context.Context, c coupons.Conversion) (coupons.Result, error)
	Conversion(ctx context.Context, callerID, key string) (coupons.Result, error)
	Cancel(ctx context.Context, c coupons.Cancellation) (coupons.Ending, error)
	Suspend(ctx context.Context, c coupons.Suspension) (coupons.Ending, error)
	Decide(ctx context.Context, d coupons.Decision) (review coupons.Review, replayed bool, err error)
	Unlock(ctx context.Context, caller domain.Caller, customerID string) error
}

// Coupons reads coupons, customers and cases.
type Coupons interface {
	List(ctx context.Context, f coupons.Filter) ([]domain.Coupon, error)
	ByCode(ctx context.Context, code string) (coupons.State, error)
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	Customer(ctx context.Context, id string) (domain.Customer, error)
	Reviews(ctx context.Context, f coupons.ReviewFilter) ([]coupons.Review, error)
	Review(ctx context.Context, id int64) (coupons.Review, error)
	// Circumstances reads what a case's risk is made of.
	Circumstances(ctx context.Context, r coupons.Review) (coupons.Circumstances, error)
}

// Lists is what stands around a list of coupons.
type Lists interface {
	// Counts gives how many coupons there are in each true status at the filter's Now: of one customer, of those that its
	// Text finds, or of all. It gives nil for a text that finds more than coupons.CountedMatches: that figure would cost
	// more than it tells.
	Counts(ctx context.Context, f coupons.Filter) (map[domain.Status]int64, error)
	// Names gives the names of customers by their ids.
	Names(ctx context.Context, ids []string) (map[string]string, error)
	// Member reads a customer with the state of their metafield. Errors: customer_not_found.
	Member(ctx context.Context, id string) (coupons.Member, error)
	// OwnMember tells whether a member is one of the people behind a credential; see coupons.Staff.
	OwnMember(ctx context.Context, who domain.Caller, member domain.Customer) (bool, error)
	// Chain lists the coupons of a chain of reissues, oldest first. A coupon that was never reissued is a chain of one.
	Chain(ctx context.Context, code string) ([]coupons.ChainLink, error)
	// OpenCases counts the cases that wait for a decision, by kind.
	OpenCases(ctx context.Context) (map[coupons.ReviewKind]int64, error)
}

// Mails tells of the mails about a coupon, oldest first, as far as the queue still knows of them.
type Mails interface {
	Mails(ctx context.Context, couponID int64) ([]domain.MailState, error)
}

// Audit reads the record, newest first.
type Audit interface {
	Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error)
}

// Record keeps what happened and changed nothing.
type Record interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Policy says which role may do what.
type Policy interface {
	Allow(role domain.Role, object, action string) bool
	// Permits tells whether a caller may: their role may, and it is a person where it takes one.
	Permits(who domain.Caller, object, action string) bool
	// RightsOf lists what a caller may do, as object:action, in a stable order.
	RightsOf(who domain.Caller) []string
}

// Machines hands out keys to programs; see staff.Machines.
type Machines interface {
	AddOnce(ctx context.Context, by domain.Caller, k staff.NewKey, occasion string) (token string, key domain.APIKey, err error)
	Revoke(ctx context.Context, by domain.Caller, prefix string) error
	List(ctx context.Context) ([]domain.APIKey, error)
}
