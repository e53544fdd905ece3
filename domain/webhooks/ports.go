package webhooks

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Incoming is a request as it arrived.
type Incoming struct {
	Topic, Signature, Shop, APIVersion, WebhookID, EventID string
	Body                                                   []byte
}

// Reader proves a request and finds the ids in it.
type Reader interface {
	// CheckHeaders looks at what came before the body. Errors: unauthenticated when there is nothing that could be a
	// signature or the shop is another, validation_failed when the topic is not one of ours or the delivery has no id.
	CheckHeaders(in Incoming) error
	// ReadWebhook proves the whole. Errors: as CheckHeaders, unauthenticated when the signature is not the shop's,
	// validation_failed when the body is not what the topic's is.
	ReadWebhook(in Incoming) (Delivery, error)
}

// Store keeps deliveries and what follows from them. Every method that changes something is one transaction.
type Store interface {
	Deliveries
	CustomerLinks
	Installations
	Recorder
}

// Deliveries keeps what was delivered.
type Deliveries interface {
	// KeepDelivery stores a delivery and its jobs in one commit. fresh is false, and nothing is written, when it is
	// known: by its webhook id, or by its topic and body where the same body means nothing new (Delivery.Once). Errors:
	// ErrOtherDelivery when the webhook id is that of another body or topic.
	KeepDelivery(ctx context.Context, d Delivery, jobs []domain.Job) (fresh bool, err error)
	// KeepCustomerUpdate stores a delivery about a customer. Where a member is linked to them, their metafield is to be
	// compared from then on, and the job for that is asked for in the same commit unless one is still to come: any
	// number of deliveries become one look. Where nobody is, the delivery is Ignored and nothing is
	// stored: a store has many customers who are nobody's members. fresh and errors as KeepDelivery has them.
	KeepCustomerUpdate(ctx context.Context, d Delivery) (outcome Outcome, fresh bool, err error)
	// Delivery reads one. Errors: not_found.
	Delivery(ctx context.Context, webhookID string) (Delivery, error)
	// DeliveryDone records that its job has been done.
	DeliveryDone(ctx context.Context, webhookID string) error
	// ForgetDeliveries removes what was received before a moment and gives the number.
	ForgetDeliveries(ctx context.Context, before time.Time) (int64, error)
}

// CustomerLinks keeps which member is which of the shop's customers, and whose code a discount is.
type CustomerLinks interface {
	// CouponOfDiscount finds the coupon whose code the discount is. Errors: coupon_not_found.
	CouponOfDiscount(ctx context.Context, discountGID string) (domain.Coupon, error)
	// Unlink takes the link to a customer who is gone from the member who has it, if any, and writes record's entry
	// with it.
	Unlink(ctx context.Context, customerGID string, at time.Time, record func(memberID string) domain.AuditEntry) error
	// MergeLinks moves the link and the coupons of a customer who is gone to the one who stays. When that one is linked
	// to another member, whom holder then names, the coupons follow all the same, and the first member is left without
	// a link.
	MergeLinks(ctx context.Context, gone, stays string, at time.Time,
		record func(memberID, holder string) domain.AuditEntry) error
}

// Installations keeps how the app stands in the shop.
type Installations interface {
	// Installation tells what is known about the app in the shop.
	Installation(ctx context.Context) (Installation, error)
	// SetInstallation changes that and writes the entry with it, if it has an action. Errors: domain.ErrConflict when
	// it was changed since next was read.
	SetInstallation(ctx context.Context, next Installation, entry domain.AuditEntry) error
}

// Recorder writes what happened and changes nothing else.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Shop is what the store itself says. Errors: a *domain.UpstreamError.
type Shop interface {
	// Ping reports whether the store answers and accepts us. Errors: KindAuth with ReasonAppRefused when the app is not
	// known there; every other error says nothing about the app.
	Ping(ctx context.Context) error
	// CustomerExists reports whether the store has a customer.
	CustomerExists(ctx context.Context, gid string) (bool, error)
}

// Privacy takes the requests that people have a right to. Each may come more than once.
type Privacy interface {
	AskForData(ctx context.Context, webhookID, customerGID string) error
	// Redact forgets a customer, and whoever is found by person, which MarkOf made.
	Redact(ctx context.Context, webhookID, customerGID, person string) error
	// MarkOf makes digests by which somebody is found who showed an e-mail or a phone.
	MarkOf(email, phone string) (person string, err error)
	RedactShop(ctx context.Context, webhookID string) error
}

// Visitors are the customers of the shop who come by themselves. It is told of every change of one, a member or not.
type Visitors interface {
	CustomerChanged(customerGID string)
}

// Observer is told of what a person should hear about. It must not block.
type Observer interface {
	Alert(kind string)
}
