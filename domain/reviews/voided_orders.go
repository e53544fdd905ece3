package reviews

import (
	"time"

	"pointbridge/domain"
)

// VoidedOrder is what happened to an order, and a coupon whose code it holds.
type VoidedOrder struct {
	CouponID  int64
	OrderID   string
	OrderName string
	Kind      Kind
	Reason    string
	// Part says what of the order it is about, where not the whole order was voided: one of the Part constants, or the
	// gid of Refund.
	Part   string
	Refund domain.OrderRefund
	// Payment is how the order's money stood in the state of the order that was last changed at SeenAt.
	Payment domain.Payment
	SeenAt  time.Time
	At      time.Time
	// Entry goes into the audit when there is something new.
	Entry domain.AuditEntry
	// Jobs are committed with a review that is new.
	Jobs []domain.Job
}
