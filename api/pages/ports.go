package pages

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/bulk"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/notices"
	"pointbridge/domain/requests"
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
	Undos
}

// Undos are customers who take an unused coupon back.
type Undos interface {
	Undo(ctx context.Context, u coupons.Undo) (coupons.Ending, error)
	// UndoUntil is the moment until which the owner takes a coupon back; the zero time when they cannot.
	UndoUntil(c domain.Coupon) time.Time
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
	// AddNote writes a note about a member. Errors: validation_failed, customer_not_found.
	AddNote(ctx context.Context, by domain.Caller, customerID, text, key string) error
}

// Finder finds members and orders; see members.Finder.
type Finder interface {
	FindMembers(ctx context.Context, s members.Search, limit int) (found []members.Found, more bool, err error)
	ListMembers(ctx context.Context, l members.List) ([]domain.Customer, error)
	FindOrders(ctx context.Context, name string, limit int) ([]members.OrderUse, error)
}

// File reads what a member's page shows beside their coupons; see members.File.
type File interface {
	Moves(ctx context.Context, customerID string, limit int) ([]members.Move, error)
	OrdersOf(ctx context.Context, customerID string, limit int) ([]members.OrderUse, error)
	Notes(ctx context.Context, customerID string, limit int) ([]members.Note, error)
}

// Coupons reads coupons.
type Coupons interface {
	ByCode(ctx context.Context, code string) (coupons.State, error)
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	// MovedAfter tells of coupons whose points were granted after a use, or taken again after they had gone back.
	MovedAfter(ctx context.Context, couponIDs []int64) (map[int64][]domain.MovementKind, error)
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

// Requests are asked for by those who may not cancel, and decided by those who may; see requests.Service.
type Requests interface {
	Ask(ctx context.Context, a requests.Asked) (r requests.Request, replayed bool, err error)
	Decide(ctx context.Context, d requests.Decision) (requests.Request, error)
	Withdraw(ctx context.Context, who domain.Caller, id int64) (requests.Request, error)
}

// RequestBook reads requests to cancel.
type RequestBook interface {
	// Request reads one. Errors: request_not_found.
	Request(ctx context.Context, id int64) (requests.Request, error)
	Requests(ctx context.Context, f requests.Filter) ([]requests.Request, error)
	// Waiting counts those that wait for a decision, and the answers that somebody has not seen.
	Waiting(ctx context.Context, askedBy string) (open, answers int64, err error)
	// Seen notes that whoever asked has seen the answers up to a request.
	Seen(ctx context.Context, askedBy string, upTo int64, at time.Time) error
}

// Bulk does one thing to many coupons; see bulk.Service.
type Bulk interface {
	Preview(ctx context.Context, who domain.Caller, kind bulk.Kind, codes []string) (bulk.Plan, error)
	Make(ctx context.Context, a bulk.Asked) (j bulk.Job, replayed bool, err error)
	Approve(ctx context.Context, who domain.Caller, publicID string) (bulk.Job, error)
	SetStatus(ctx context.Context, who domain.Caller, publicID string, to bulk.Status) (bulk.Job, error)
}

// BulkBook reads jobs on many coupons.
type BulkBook interface {
	// Job reads one. Errors: bulk_not_found.
	Job(ctx context.Context, publicID string) (bulk.Job, error)
	Jobs(ctx context.Context, before int64, limit int) ([]bulk.Job, error)
	Rows(ctx context.Context, id int64) ([]bulk.Row, error)
}

// Mails tells what became of mails, oldest first, and lets one go once more.
type Mails interface {
	OfCoupon(ctx context.Context, couponID int64) ([]notices.Entry, error)
	OfCustomer(ctx context.Context, customerID string) ([]notices.Entry, error)
	// TrueNow is the mail that is true of a coupon now; "" where there is none to send.
	TrueNow(st coupons.State) domain.MailKind
	// SendAgain lets that mail go once more. Errors: mail_not_sendable, rate_limited.
	SendAgain(ctx context.Context, a notices.Again) error
}

// Proofs shows mails with sample data, and lets one go to whoever asks; see notices.Proofs.
type Proofs interface {
	Samples() []string
	// Sample writes one. Errors: not_found.
	Sample(kind, locale string) (notices.Preview, error)
	// Send lets one go. Errors: not_found, mail_not_sendable, rate_limited.
	Send(ctx context.Context, p notices.Proof) (notices.Proven, error)
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
