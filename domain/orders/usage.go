package orders

import (
	"time"
)

// UsageQuery names a code, and whose orders since when can hold it.
type UsageQuery struct {
	DiscountID  string
	Code        string
	CustomerGID string
	Since       time.Time
	// Tests lets the shop's test orders count as orders.
	Tests bool
	// Beside is an order that is left out: whether there is another one is the question.
	Beside string
}

// Usage is what Shopify knows of a code's use. Order is nil when only the count tells it.
type Usage struct {
	// Count is how often the discount itself was used. Uses by test orders are not in it where those are no orders.
	Count int
	Order *Order
	// Codes are the texts that the discount has now, where it is known by its id: an order names it by one of them.
	// Alive says that it can be entered.
	Codes []string
	Alive bool
	// CodeGone and CustomerGone say that Shopify has neither any more: nothing follows from what is not there.
	CodeGone     bool
	CustomerGone bool
}

// Used reports whether an order took the coupon. One that was cancelled or refunded proves nothing by itself: Shopify's
// own count tells whether it used the code up, and where it has not, nothing was taken off anything that was paid.
func (u Usage) Used() bool { return u.Count > 0 || u.Live() }

// Live reports whether an order that stands took the coupon.
func (u Usage) Live() bool { return u.Order != nil && !u.Order.Voided() }

// Add weighs one order. An order that stands goes before a voided one.
func (u *Usage) Add(q UsageQuery, o Order) {
	evidence := o.Evidence(q.Code)
	for _, text := range u.Codes {
		evidence = max(evidence, o.Evidence(text))
	}
	switch {
	case evidence == EvidenceNone || q.Beside != "" && o.ID == q.Beside:
		return
	case o.Test && !q.Tests:
		if evidence == EvidenceCode {
			u.Count = max(0, u.Count-1)
		}
		return
	}
	if weigh(evidence, buyerOf(o, q.CustomerGID), u.Count > 0 || u.CustomerGone).takes && !u.Live() {
		u.Order = &o
	}
}
