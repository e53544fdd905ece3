package domain

import "time"

// JobKind names a piece of work for the queue.
type JobKind string

// The kinds of job. The strings are stored in the queue and never change.
const (
	// JobAdvance finishes a coupon that is on the way. CouponID.
	JobAdvance JobKind = "advance"
	// JobProject tells whoever writes metafields that some are behind. It is only told, never kept: which ones, stands
	// with the customers.
	JobProject JobKind = "project"
	// JobMail sends one mail. CouponID, Mail, Step; Ref where a person asked for it once more.
	JobMail JobKind = "mail"
	// JobRemoveDiscount removes a code that was deactivated long ago from Shopify. CouponID.
	JobRemoveDiscount JobKind = "remove_discount"
	// JobOrder reads one order of the shop anew and does what it means. Ref is the order's gid, Hint what was told of
	// it.
	JobOrder JobKind = "order"
	// JobWebhook works on one stored delivery that is not about an order. Ref is the delivery's webhook id.
	JobWebhook JobKind = "webhook"
	// JobTag puts the tag for review on an order of the shop, Ref is its gid, or on the customer of a coupon, CouponID:
	// a customer's own gid is not kept in the queue.
	JobTag JobKind = "tag"
	// JobAuditHead ships the head of the audit to where it is kept elsewhere. Ref is its number in the chain.
	JobAuditHead JobKind = "audit_head"
	// JobUse reads what an order with a code of a protected campaign shows, and decides about it. Ref is the order's gid,
	// At how new the order was that asked for it.
	JobUse JobKind = "identity_use"
	// The others act in the shop on a decision about an order. Ref is the decision's public id: they tag the order or its
	// customer, assess its risk, hold its fulfilment, and release it again once a person has decided.
	JobDecisionOrderTag    JobKind = "decision_order_tag"
	JobDecisionCustomerTag JobKind = "decision_customer_tag"
	JobDecisionRisk        JobKind = "decision_risk"
	JobDecisionHold        JobKind = "decision_hold"
	JobDecisionRelease     JobKind = "decision_release"
	// JobGuard brings one of the metafields up to date that the checkout's Function reads. Ref is its number.
	JobGuard JobKind = "guard"
	// JobCampaignCodes looks at batches of codes about which there is something to do.
	JobCampaignCodes JobKind = "campaign_codes"
	// JobBulk looks at jobs on many coupons about which there is something to do.
	JobBulk JobKind = "bulk"
	// JobNotice tells somebody of the staff by mail what changed about their sign-in. Ref is the notice's number.
	JobNotice JobKind = "notice"
	// JobEvent tells one of the merchant's own systems of an event. Ref is the delivery's number.
	JobEvent JobKind = "event"
)

// Job is work that follows from a state and is committed with it. It holds ids only.
type Job struct {
	Kind       JobKind
	CouponID   int64
	CustomerID string
	Mail       MailKind
	// Step is the reminder's number of days before the end; zero for other mails.
	Step int
	// Ref names what a job of the outside is about; see the kinds.
	Ref string
	// Hint is what was told of an order; it counts only where the order itself cannot be read.
	Hint OrderHint
	// At is the state that the job has to know of at least; see JobUse.
	At time.Time
	// RunAt delays the job; the zero time means at once.
	RunAt time.Time
}

// OrderHint is what the shop told of an order.
type OrderHint string

// The hints. The strings are stored in the queue and never change.
const (
	// HintNone: that it changed, or nothing at all.
	HintNone      OrderHint = ""
	HintRefunded  OrderHint = "refunded"
	HintCancelled OrderHint = "cancelled"
	HintDeleted   OrderHint = "deleted"
)

// MailKind names a mail and its template.
type MailKind string

// The kinds of mail.
const (
	MailIssued    MailKind = "issued"
	MailReminder  MailKind = "reminder"
	MailCancelled MailKind = "cancelled"
	// MailReissued tells a customer the code that replaces a used one, MailGranted that points were given for it.
	MailReissued MailKind = "reissued"
	MailGranted  MailKind = "granted"
	// MailHeld tells that a coupon is being looked into and its points are kept aside, MailForfeited that they do not
	// come back.
	MailHeld      MailKind = "held"
	MailForfeited MailKind = "forfeited"
)

// MailKinds lists them.
func MailKinds() []MailKind {
	return []MailKind{MailIssued, MailReminder, MailCancelled, MailReissued, MailGranted, MailHeld, MailForfeited}
}

// MailProgress says how far a mail is.
type MailProgress string

// How far a mail can be. Done also means that there was nothing to send any more.
const (
	MailWaiting MailProgress = "waiting"
	MailDone    MailProgress = "done"
	MailGivenUp MailProgress = "given_up"
)

// MailState is one mail about a coupon and how far it is. Step is the reminder's days before the end.
type MailState struct {
	Mail  MailKind
	Step  int
	State MailProgress
	// Again names the request of a person for it; empty for a mail that follows from a state.
	Again string
}
