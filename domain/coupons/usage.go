package coupons

import (
	"time"

	"pointbridge/domain"
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
	// Alive tells that it can be entered.
	Codes []string
	Alive bool
	// CodeGone and CustomerGone tell that Shopify has neither any more: nothing follows from what is not there.
	CodeGone     bool
	CustomerGone bool
}

// Used tells whether an order took the coupon. One that was cancelled or refunded proves nothing by itself: Shopify's
// own count tells whether it used the code up, and where it has not, nothing was taken off anything that was paid.
func (u Usage) Used() bool { return u.Count > 0 || u.Live() }

// Live tells whether an order that stands took the coupon.
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

// sighting is the order that Shopify named, or an unnamed one when only the count tells of it.
func (u Usage) sighting(c domain.Coupon, now time.Time) Sighting {
	seen := Sighting{Code: c.Code, At: now, Uncounted: u.Count == 0}
	if u.Order != nil {
		seen.OrderID, seen.OrderName, seen.At = u.Order.ID, u.Order.Name, u.Order.CreatedAt
	}
	return seen
}

// The text of a code in an order is no proof that the code was used: draft orders, ERP systems and whatever splits
// orders write it as a discount of their own, and Shopify's count of uses stays what it was. What an order does to a
// coupon follows from how it carries the code, who its customer is, and what the discount itself counts:
//
//	in the order   its customer     what is done
//	a code         the member       it uses the coupon
//	a code         nobody           it uses the coupon: a customer can be taken off an order. A review, unless it
//	                                is counted
//	a code         somebody else    it uses the coupon if that is counted, or if the member's customer is gone (merged).
//	                                Else a review
//	a text         the member       it uses the coupon: somebody gave the member its value by hand
//	a text         nobody, others   a review, and the coupon stays what it is
//
// Whatever used a coupon without being counted leaves a code behind that can be spent: it is ended. A second order that
// stands with a code that is good once is always a review.

// buyer is who an order's customer is to a coupon.
type buyer int

const (
	buyerMember buyer = iota
	buyerNobody
	buyerOther
)

func buyerOf(o Order, customerGID string) buyer {
	switch o.CustomerGID {
	case "":
		return buyerNobody
	case customerGID:
		return buyerMember
	default:
		return buyerOther
	}
}

// claim is what an order does to a coupon.
type claim struct {
	// takes: it uses the coupon. look is why a person has to look; empty for no reason.
	takes bool
	look  string
	// uncounted: Shopify counts no use. gone: it has no such discount.
	uncounted, gone bool
}

// weigh is the table above. proved tells that the use is counted, or that the member's customer is gone.
func weigh(e Evidence, b buyer, proved bool) claim {
	switch {
	case e == EvidenceCode && (b == buyerMember || proved), e == EvidenceText && b == buyerMember:
		return claim{takes: true}
	case e == EvidenceCode && b == buyerNobody:
		return claim{takes: true, look: LookNoCustomer}
	case b == buyerNobody:
		return claim{look: LookNoCustomer}
	default:
		return claim{look: LookOtherCustomer}
	}
}
