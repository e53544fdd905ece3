package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// Store keeps customers, coupons, movements, requests and the audit. Every method that changes something is one
// transaction with no network call inside; jobs that follow are committed with the state.
type Store interface {
	Requests
	Refunds
	Reviews
	Recorder
	// Open runs the first commit of a conversion. It locks the customer's row, reads what decides, calls decide with it,
	// and writes the change. decide must be pure: it may be called again in a transaction of its own. Errors: customer_not_found; whatever decide returns (nothing
	// is written then); domain.ErrConflict when the code is taken or a request with this key was committed meanwhile.
	// An Intake.Replay or Intake.Busy is decide's business, not an error.
	Open(ctx context.Context, o Opening, decide func(Intake) (Change, error)) (State, error)
	// Load reads a coupon with its movements. Errors: coupon_not_found.
	Load(ctx context.Context, couponID int64) (State, error)
	// Claim takes the lease of a coupon that is on the way, is not parked, and whose lease has passed. Errors:
	// domain.ErrConflict when somebody holds it or nothing is to be done, coupon_not_found. State.ActedBy is the end
	// of the lease before this one.
	Claim(ctx context.Context, couponID int64, now, until time.Time) (State, error)
	// Decide locks a coupon, reads what decides about ending it, calls decide once with it, and writes the change; a
	// zero Change writes nothing. decide must be pure. Errors: coupon_not_found; whatever decide returns (nothing is
	// written then); domain.ErrConflict when a request with this key, or a refund under this reference, was committed
	// meanwhile.
	Decide(ctx context.Context, q Question, decide func(Locked) (Change, error)) (State, error)
	// Commit writes one change: a compare-and-set on the coupon's version, and everything that goes with it. Errors:
	// domain.ErrConflict when the version is another one, or when a movement is to be opened while another one of the
	// customer is open. It returns the coupon as it is stored now, and the movements of the change with their ids.
	Commit(ctx context.Context, c Change) (State, error)
}

// Recorder writes what happened without changing a coupon: attempts that were refused.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Requests keeps which requests were made, and what they were told.
type Requests interface {
	// Answer records that the request was told "on its way", unless it was answered already; it returns the answer
	// that holds.
	Answer(ctx context.Context, requestID int64, a Answer) (Answer, error)
	// FindRequest reads a stored request by caller, operation and key. Errors: not_found.
	FindRequest(ctx context.Context, key RequestKey) (Request, error)
	// ForgetRequests removes stored requests that were answered before the given time and gives their number.
	ForgetRequests(ctx context.Context, before time.Time) (int64, error)
}

// Refunds reads what the POS asked to be given back.
type Refunds interface {
	// FindRefund reads the refund that the POS asked for under its own reference. Errors: refund_not_found.
	FindRefund(ctx context.Context, reference string) (RefundRow, error)
	// RefundOf reads the refund that the POS asked for of a coupon. Errors: refund_not_found.
	RefundOf(ctx context.Context, couponID int64) (RefundRow, error)
}

// Reviews reads what is to be decided.
type Reviews interface {
	// Review reads one. Errors: review_not_found.
	Review(ctx context.Context, id int64) (reviews.Review, error)
}

// Question says which coupon is to be decided about, and what has to be read for it.
type Question struct {
	Code    string
	Request RequestKey
	// Reference is the POS's own name for a refund; empty for other questions.
	Reference string
	// ReviewID names the review that the decision closes; zero for other questions.
	ReviewID int64
	// What Actor, and every key that belongs to PersonID, moved since DayStart is summed when Capped; their other
	// decisions wait for this one then.
	Actor    string
	DayStart time.Time
	Capped   bool
	// PersonID and MakerID are the people behind the credential that asks; see domain.Caller. Askers are those behind
	// whoever asked them.
	PersonID, MakerID int64
	Askers            []int64
}

// Locked is what Decide read, under the coupon's lock.
type Locked struct {
	State State
	// Replay is the earlier request with the same caller, operation and key; nil when this is the first.
	Replay *Request
	// Refund is the POS's refund of this coupon, or the one that already has the reference; nil when there is neither.
	Refund *RefundRow
	// Review is the one that Question.ReviewID names.
	Review *reviews.Review
	// MovedToday is the points of the coupons that the actor ended, or decided about by a capped act, since DayStart.
	MovedToday int64
	// Own says that the coupon's member is one of the people behind the credential, as far as mail addresses, phone
	// numbers and what is known of the staff can tell.
	Own bool
	// Entangled says that one of the two people who decide, the proposer and the one who asks, once made or reset
	// what the other signs in with: they may be one.
	Entangled bool
}

// RefundRow is a refund that the POS asked for.
type RefundRow struct {
	ID        int64
	Reference string
	CouponID  int64
	CallerID  string
	Reason    string
	Note      string
	CreatedAt time.Time
}

// Opening says what the first commit has to read.
type Opening struct {
	CustomerID string
	// Shopper is whom a code is for who was named by who they are in the shop; nil for a customer named by their id. They
	// are found by that, whoever they have become here, and kept as Shopper says where nobody is known who is them.
	Shopper *domain.Customer
	// Campaign is the key of the one whose coupons are counted.
	Campaign string
	Request  RequestKey
	// Proof is the request's; empty for none.
	Proof string
	// DayStart is the beginning of the shop's day: points converted since count towards the daily limit.
	DayStart time.Time
	Now      time.Time
}

// RequestKey identifies a request that must have one effect. An empty Key means that the caller sent none.
type RequestKey struct {
	CallerID  string
	Operation string // "conversion", "issue" and others
	Key       string
	Hash      string // of the request's meaning
}

// Intake is what the first commit read, under the customer's lock.
type Intake struct {
	Customer domain.Customer
	// Campaign is the one that the code is of, and it stays so until the commit; zero for that of points.
	Campaign campaigns.Campaign
	// SpentToday is the points of today's conversions that were not undone (failed and cancelled ones do not count).
	SpentToday int64
	// ActiveCoupons is how many coupons of the campaign the customer could spend now. Those on their way to be one count
	// for every campaign but that of points, whose coupons are made one after the other.
	ActiveCoupons int
	// Busy says that a movement of this customer is still open.
	Busy bool
	// Replay is the earlier request with the same caller, operation and key; nil when this is the first.
	Replay *Request
	// ProofUsed says that a request was started with this proof before.
	ProofUsed bool
}

// Request is a stored request: which coupon came of it and what was answered.
type Request struct {
	ID       int64
	Key      RequestKey
	CouponID int64
	Answer   Answer
	At       time.Time
	// Proof is what it was started with; it is written once and not read back.
	Proof string
}

// Answer is what a request was told first.
type Answer string

// The answers. None means that the request is still running.
const (
	AnswerNone     Answer = ""
	AnswerDone     Answer = "done"
	AnswerAccepted Answer = "accepted"
	AnswerFailed   Answer = "failed"
)

// Ledger is the POS: what it knows of points. Each method makes one attempt and returns a
// *domain.UpstreamError of one of the three outcomes.
type Ledger interface {
	Balance(ctx context.Context, customerID string) (Balance, error)
	Deduct(ctx context.Context, m domain.Movement) (Entry, error)
	Add(ctx context.Context, m domain.Movement) (Entry, error)
	// Find looks the movement's reference up, where the POS's Lookup is exact or scan. Errors: KindNotFound when there
	// is none, ReasonUnsupported when the POS cannot be asked.
	Find(ctx context.Context, m domain.Movement) (Entry, error)
}

// History is what a POS offers whose entries bear no reference (LookupAmount): every change of a member's points in a
// window, the ends included, in the order in which they were booked; whole, or an error.
type History interface {
	Entries(ctx context.Context, customerID string, from, to time.Time) ([]Entry, error)
}

// Accounts is what a POS offers where a member's id, such as a phone number, can come to mean another account.
type Accounts interface {
	// Account gives the account that the id means now; one that is an account's own is given as it is, unasked.
	Account(ctx context.Context, customerID string) (string, error)
}

// Lookup says how an entry of the POS can be found again.
type Lookup string

// The kinds of look-up.
const (
	// LookupNone: it cannot.
	LookupNone Lookup = "none"
	// LookupExact: by its reference, which is asked for by name.
	LookupExact Lookup = "exact"
	// LookupScan: the reference stands in the entry's text; the member's entries of a window are read.
	LookupScan Lookup = "scan"
	// LookupAmount: entries bear no reference; member, direction, amount and time are all there is.
	LookupAmount Lookup = "amount"
)

// Capabilities is what the POS promises. What is not said is not promised.
type Capabilities struct {
	// Replay: the same bytes under the same key apply once, so an unknown act is settled by sending it again.
	Replay bool
	// Lookup is how an entry is found again.
	Lookup Lookup
	// GuardsBelowZero: the POS itself refuses to take a balance below zero.
	GuardsBelowZero bool
	// ReasonLimit is how many characters of free text an entry keeps; 0 for none.
	ReasonLimit int
}

// finds says that Ledger.Find answers: a movement's reference is found, or it is proved not to be there.
func (c Capabilities) finds() bool { return c.Lookup == LookupExact || c.Lookup == LookupScan }

// Balance is the POS's figure and the moment it was read.
type Balance struct {
	Points int64
	AsOf   time.Time
	// PointsExpireOn is the day (2026-12-31) on which the points expire, where the POS keeps one; else empty.
	PointsExpireOn string
}

// Entry is a movement as the POS recorded it. The balances are nil when it does not say.
type Entry struct {
	ID              string
	Points          int64 // signed: negative when taken
	PreviousBalance *int64
	Balance         *int64
	At              time.Time
	Replayed        bool
	// Foreign says that it is certainly none of ours, such as a sale, or points that expired: it counts in a sum, and
	// is never taken for a movement.
	Foreign bool
	// PointsExpireOn is the day on which the member's points expire, see Balance.
	PointsExpireOn string
}

// Gate reports whether codes may be made.
type Gate interface {
	// MayIssue is asked before points are taken, and again before a code is made. Errors: shop_settings_differ,
	// upstream_unavailable.
	MayIssue(ctx context.Context, currency string) error
}

// Guard decides whether somebody may have a code, by the rules of its campaign.
type Guard interface {
	// MayIssueCode is asked before the first commit, and for a rehearsal by a quote. Errors: conversion_not_offered for
	// the campaign of points, code_not_offered for others; whatever keeps it from deciding, and then no code is made.
	MayIssueCode(ctx context.Context, w campaigns.Wish) error
}

// Shop is Shopify: one attempt per call, a *domain.UpstreamError of one of the three outcomes. It is this large because
// a coupon lives its whole life there: whoever makes a code must be able to find it, to end it, and to see that it was
// used, and a saga that had a shop for one of these and not for another could give points back for a code that still
// works.
type Shop interface {
	orders.Askable
	// CreateDiscount makes the code. A taken code is refused with ReasonCodeTaken.
	CreateDiscount(ctx context.Context, d Discount) (id string, err error)
	// FindDiscount reads a code, without regard to case. Errors: KindNotFound.
	FindDiscount(ctx context.Context, code string) (FoundDiscount, error)
	// ReadDiscount reads a discount by its id, by whatever text its code is called now. Errors: KindNotFound.
	ReadDiscount(ctx context.Context, id string) (FoundDiscount, error)
	// SetDiscountEnd gives a discount its end and changes nothing else of it. Errors: KindNotFound when somebody
	// deleted it.
	SetDiscountEnd(ctx context.Context, id string, at time.Time) error
	// DeleteDiscount removes a code for good; one that is gone already counts as removed.
	DeleteDiscount(ctx context.Context, id string) error
	// DeactivateDiscount ends a code at once; repeating it changes nothing. Errors: KindNotFound when somebody deleted
	// it.
	DeactivateDiscount(ctx context.Context, id string) error
}

// Discount is the code to be made: an amount or a part off the order, good once, for one customer.
type Discount struct {
	Code        string
	Title       string
	CustomerGID string
	// Amount is what it takes off, or, where that is nothing, Percent in basis points.
	Amount  domain.Money
	Percent int64
	// Products and Collections, of which at most one is not empty, are what it takes that off; all of the cart else.
	Products        []string
	Collections     []string
	StartsAt        time.Time
	EndsAt          time.Time
	MinimumSubtotal domain.Money // no minimum when zero
	CombinesWith    Combines
	Tags            []string
}

// Combines says with which other discounts a coupon may be combined in one order.
type Combines struct{ Order, Product, Shipping bool }

// Observer is told what the flows did, for metrics and the log. It must not block.
type Observer interface {
	domain.StepObserver
	// Ended reports a conversion that came to rest.
	Ended(ctx context.Context, c domain.Coupon)
}
