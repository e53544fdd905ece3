package reviews

// Why an order was voided, where it was not cancelled for one of the shop's own reasons.
const (
	ReasonRefunded          = "refunded"
	ReasonPartiallyRefunded = "partially_refunded"
	// ReasonUnreadable: the shop told that something was taken back of an order that is too old for it to show.
	ReasonUnreadable = "unreadable"
	// ReasonPaymentExpired and ReasonPaymentVoided: the order stands without a payment.
	ReasonPaymentExpired = "payment_expired"
	ReasonPaymentVoided  = "payment_voided"
	reasonFraud          = "fraud"
	reasonDeclined       = "declined"
)

// Why a person has to look at an order that carries a code.
const (
	// LookSecondOrder: another order used the coupon.
	LookSecondOrder = "second_order"
	// LookOtherCustomer: the order is somebody else's. LookNoCustomer: it is nobody's.
	LookOtherCustomer = "other_customer"
	LookNoCustomer    = "no_customer"
	// LookTooMany: more coupons stand in the order than may.
	LookTooMany = "too_many_coupons"
)

// What of an order a review is about, where not the whole of it was voided; else it is the gid of a refund.
const (
	PartUnpaid = "unpaid"
	PartCode   = "code"
	PartLimit  = "limit"
	// PartUnreadable: nobody can say how much.
	PartUnreadable = "unreadable"
	// PartRefund is a refund of which the shop does not say which one it is.
	PartRefund = "refund"
)

// Reasons lists why a review about an order can have been opened.
func Reasons() []string {
	return []string{"customer", reasonDeclined, reasonFraud, "inventory", "staff", "other", ReasonRefunded,
		ReasonPartiallyRefunded, ReasonUnreadable, ReasonPaymentExpired, ReasonPaymentVoided, LookSecondOrder,
		LookOtherCustomer, LookNoCustomer, LookTooMany}
}
