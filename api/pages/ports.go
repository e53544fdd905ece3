package pages

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	"pointbridge/domain/staff"
)

// Service is what pages ask to be done; see coupons.Service.
type Service interface {
	Conversions
	Endings
}

// Conversions turn points into coupons.
type Conversions interface {
	Points(ctx context.Context, customerID string) (coupons.Points, error)
	Quote(ctx context.Context, by domain.Caller, customerID string, points int64) (coupons.Quote, error)
	Convert(ctx context.Context, c coupons.Conversion) (coupons.Result, error)
	Conversion(ctx context.Context, callerID, key string) (coupons.Result, error)
}

// Codes are personal codes of campaigns; see coupons.Service.
type Codes interface {
	Issue(ctx context.Context, i coupons.Issue) (coupons.Result, error)
	Issued(ctx context.Context, callerID, key string) (coupons.Result, error)
}

// Endings end coupons, and decide about those that wait for a person.
type Endings interface {
	Cancel(ctx context.Context, c coupons.Cancellation) (coupons.Ending, error)
	Suspend(ctx context.Context, c coupons.Suspension) (coupons.Ending, error)
	Decide(ctx context.Context, d coupons.Decision) (review reviews.Review, replayed bool, err error)
}

// Members changes what is known about members; see members.Service.
type Members interface {
	Unlock(ctx context.Context, caller domain.Caller, customerID string) error
	// Renumber moves a member to the number that the POS has given them.
	Renumber(ctx context.Context, r members.Renumbering) (domain.Customer, error)
	// FormerNumbers lists the numbers that a member had before, HolderOf finds who has one of them. Errors:
	// customer_not_found.
	FormerNumbers(ctx context.Context, id string) ([]string, error)
	HolderOf(ctx context.Context, former string) (domain.Customer, error)
}

// Coupons reads coupons.
type Coupons interface {
	ByCode(ctx context.Context, code string) (coupons.State, error)
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
}

// Reviews reads reviews.
type Reviews interface {
	Reviews(ctx context.Context, f reviews.Filter) ([]reviews.Review, error)
	Review(ctx context.Context, id int64) (reviews.Review, error)
	// Circumstances reads what a review's risk is made of.
	Circumstances(ctx context.Context, r reviews.Review) (reviews.Circumstances, error)
}

// Listing lists coupons; see listing.Service.
type Listing interface {
	Page(ctx context.Context, f listing.Filter, statuses ...domain.Status) (listing.Page, error)
	listing.Around
}

// Directory reads members.
type Directory interface {
	// Customer reads a member. Errors: customer_not_found.
	Customer(ctx context.Context, id string) (domain.Customer, error)
	// Names returns the names of customers by their ids.
	Names(ctx context.Context, ids []string) (map[string]string, error)
	// Member reads a customer with the state of their metafield. Errors: customer_not_found.
	Member(ctx context.Context, id string) (members.Member, error)
	// OwnMember reports whether a member is one of the people behind a credential; see members.Staff.
	OwnMember(ctx context.Context, who domain.Caller, member domain.Customer) (bool, error)
}

// Lists is what stands around reviews.
type Lists interface {
	// OpenReviews counts the reviews that wait for a decision, by kind.
	OpenReviews(ctx context.Context) (map[reviews.Kind]int64, error)
}

// Mails tells of the mails about a coupon, oldest first, as far as the queue still knows of them.
type Mails interface {
	Mails(ctx context.Context, couponID int64) ([]domain.MailState, error)
}

// Audit reads the audit, newest first.
type Audit interface {
	Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error)
}

// Recorder keeps what happened and changed nothing.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Machines hands out keys to programs; see staff.Machines.
type Machines interface {
	AddOnce(ctx context.Context, by domain.Caller, k staff.NewKey, occasion string) (token string, key domain.APIKey,
		err error)
	Revoke(ctx context.Context, by domain.Caller, prefix string) error
	List(ctx context.Context) ([]domain.APIKey, error)
}
