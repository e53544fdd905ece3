package domain

import (
	"time"
)

// OrderRefund is money that went back to the buyer at once.
type OrderRefund struct {
	ID     string
	Amount Money
	At     time.Time
}

// Payment is Shopify's word for how an order's money stands, in lower case; empty where it says nothing.
type Payment string

// How an order's money can stand.
const (
	PaymentAuthorized        Payment = "authorized"
	PaymentExpired           Payment = "expired"
	PaymentPaid              Payment = "paid"
	PaymentPartiallyPaid     Payment = "partially_paid"
	PaymentPartiallyRefunded Payment = "partially_refunded"
	PaymentPending           Payment = "pending"
	PaymentRefunded          Payment = "refunded"
	PaymentVoided            Payment = "voided"
)

// Payments lists every state of an order's money.
func Payments() []Payment {
	return []Payment{PaymentAuthorized, PaymentExpired, PaymentPaid, PaymentPartiallyPaid, PaymentPartiallyRefunded,
		PaymentPending, PaymentRefunded, PaymentVoided}
}
