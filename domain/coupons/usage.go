package coupons

import (
	"context"
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

// UsageOf is the question about a coupon. Whoever asks it asks it by this, so that all agree on which orders exist.
func (p Policy) UsageOf(c domain.Coupon) UsageQuery {
	return UsageQuery{DiscountID: c.DiscountID, Code: c.Code, CustomerGID: c.ShopifyCustomerGID, Since: c.CreatedAt,
		Tests: p.TestOrders}
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

func (s *Service) usage(ctx context.Context, c domain.Coupon) (Usage, error) {
	return s.ask(ctx, s.Policy.UsageOf(c))
}

func (s *Service) ask(ctx context.Context, q UsageQuery) (Usage, error) {
	return act(ctx, s, "shopify.usage", func(ctx context.Context) (Usage, error) { return s.Shop.Usage(ctx, q) })
}

// usageAnywhere asks what there is to ask before something is done that cannot be undone. The customer's orders do not
// show one that the customer was taken off, or all of them once the customer was merged with another one: so every
// order that changed since the orders were last read is looked at as well. What was read before has been done already.
func (s *Service) usageAnywhere(ctx context.Context, q UsageQuery) (Usage, error) {
	u, err := s.ask(ctx, q)
	if err != nil || u.Live() || q.Beside == "" && u.Used() {
		return u, err
	}
	since, err := s.Backlog.Cursor(ctx, ordersCursor)
	if err != nil {
		return Usage{}, err
	}
	if since.Before(q.Since) {
		since = q.Since
	}
	since = s.withinHorizon(since.Add(-ordersOverlap))
	for after := ""; ; {
		page, err := act(ctx, s, "shopify.orders", func(ctx context.Context) (OrderPage, error) {
			return s.Shop.OrdersSince(ctx, since, after)
		})
		if err != nil {
			return Usage{}, err
		}
		for _, o := range page.Orders {
			if o.CustomerGID != q.CustomerGID { // the customer's own were weighed with the count
				u.Add(q, o)
			}
		}
		if after = page.Next; after == "" || u.Live() {
			return u, nil
		}
	}
}

// withinHorizon is a moment, but for one before which Shopify shows nothing.
func (s *Service) withinHorizon(since time.Time) time.Time {
	if oldest := s.Clock.Now().Add(-ordersHorizon); since.Before(oldest) {
		return oldest
	}
	return since
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
// Whatever used a coupon without being counted leaves a code behind that can be spent: it is deactivated. A second
// order that stands with a code that is good once is always a review.

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

// claim weighs an order. The count is asked for where it decides: about an order of somebody else, and about a coupon
// whose code may be left alive.
func (s *Service) claim(ctx context.Context, o Order, c domain.Coupon) (claim, error) {
	b := buyerOf(o, c.ShopifyCustomerGID)
	var u Usage
	if b != buyerMember || c.Status == domain.Active || c.Status == domain.Expired || c.Status == domain.Cancelling {
		var err error
		if u, err = s.count(ctx, c); err != nil {
			return claim{}, err
		}
	}
	k := weigh(o.Evidence(c.Code), b, u.Count > 0 || u.CustomerGone)
	k.uncounted, k.gone = u.Count == 0, u.CodeGone
	return k, nil
}

func (s *Service) count(ctx context.Context, c domain.Coupon) (Usage, error) {
	return act(ctx, s, "shopify.count", func(ctx context.Context) (Usage, error) {
		return s.Shop.Count(ctx, s.Policy.UsageOf(c))
	})
}

// lookInto opens the review of an order that carries a code and may have given its value a second time.
func (s *Service) lookInto(ctx context.Context, o Order, c domain.Coupon, why string) error {
	now, action := s.Clock.Now(), domain.ActionOrderNamesCode
	if why == LookSecondOrder {
		action = domain.ActionOrderSecondUse
	}
	_, err := s.Store.OpenVoidedOrder(ctx, VoidedOrder{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name,
		Kind: ReviewCodeElsewhere, Reason: why, Part: PartCode, At: now, Payment: o.Payment, SeenAt: o.UpdatedAt,
		Entry: entry(c, domain.System(), action, c.Status, now, "order", o.Name, "order_id", o.ID, "reason", why)})
	return err
}
