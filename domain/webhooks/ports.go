package webhooks

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Incoming is a request as it arrived.
type Incoming struct {
	Topic, Signature, Shop, APIVersion, WebhookID, EventID, TriggeredAt string
	Body                                                                []byte
}

// Reader proves a request and finds the ids in it. Errors: unauthenticated when the signature or the shop is not the right
// one, validation_failed when a header is missing. A body that cannot be read leaves the ids empty and is no error.
type Reader interface {
	ReadWebhook(in Incoming) (Delivery, error)
}

// Store keeps deliveries and the links between members and the shop's customers. Every method that changes something is
// one transaction.
type Store interface {
	// KeepDelivery stores a delivery and its jobs in one commit. fresh is false, and nothing is written, when its webhook
	// id is known.
	KeepDelivery(ctx context.Context, d Delivery, jobs []domain.Job) (fresh bool, err error)
	// KeepCustomerUpdate stores a delivery about a customer. Where a member is linked to them, their metafield is to be
	// compared from then on, and the job for that is asked for in the same commit unless one is still to come: any number of
	// deliveries become one look. Where nobody is, the delivery is Ignored and nothing is
	// stored: a store has many customers who are nobody's members. fresh as KeepDelivery has it.
	KeepCustomerUpdate(ctx context.Context, d Delivery) (outcome Outcome, fresh bool, err error)
	// Delivery reads one. Errors: not_found.
	Delivery(ctx context.Context, webhookID string) (Delivery, error)
	// DeliveryDone records that its job has been done.
	DeliveryDone(ctx context.Context, webhookID string) error
	// ForgetDeliveries removes what was received before a moment and gives the number.
	ForgetDeliveries(ctx context.Context, before time.Time) (int64, error)

	// CouponOfDiscount finds the coupon whose code the discount is. Errors: coupon_not_found.
	CouponOfDiscount(ctx context.Context, discountGID string) (domain.Coupon, error)
	// Unlink takes the link to a customer who is gone from the member who has it, if any, and writes record's entry with it.
	Unlink(ctx context.Context, customerGID string, at time.Time, record func(memberID string) domain.AuditEntry) error
	// MergeLinks moves the link and the coupons of a customer who is gone to the one who stays. When that one is linked to
	// another member, whom holder then names, the coupons follow all the same, and the first member is left without a link.
	MergeLinks(ctx context.Context, gone, stays string, at time.Time, record func(memberID, holder string) domain.AuditEntry) error

	// Uninstalled tells since when the app is known to be gone from the shop; the zero time when it is not.
	Uninstalled(ctx context.Context) (time.Time, error)
	// SetUninstalled changes that, the zero time for installed, and writes the entry with it; what is so already is left
	// alone.
	SetUninstalled(ctx context.Context, at time.Time, entry domain.AuditEntry) error
	// Record writes what happened and changes nothing else.
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Shop is what the store itself says. Errors: a *domain.UpstreamError.
type Shop interface {
	// Ping tells whether the store answers and accepts us. Errors: KindAuth when the app is not installed.
	Ping(ctx context.Context) error
	// CustomerExists tells whether the store has a customer.
	CustomerExists(ctx context.Context, gid string) (bool, error)
}

// Privacy takes the requests that people have a right to. Each may come more than once.
type Privacy interface {
	AskForData(ctx context.Context, webhookID, customerGID string) error
	Redact(ctx context.Context, webhookID, customerGID string) error
	RedactShop(ctx context.Context, webhookID string, installed bool) error
}

// Observer is told of what a person should hear about. It must not block.
type Observer interface {
	Alert(kind string)
}
