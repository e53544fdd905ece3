package orders

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

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
	return domain.Timed(ctx, s.Clock, s.Observer, "shopify.count", func(ctx context.Context) (Usage, error) {
		return s.Shop.Count(ctx, QueryOf(c, s.TestOrders))
	})
}

func (s *Service) usage(ctx context.Context, c domain.Coupon) (Usage, error) {
	ask := Inquiry{Shop: s.Shop, Cursor: s.Cursors, Clock: s.Clock, Observer: s.Observer}
	return ask.Ask(ctx, QueryOf(c, s.TestOrders))
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
		return claim{takes: true, look: reviews.LookNoCustomer}
	case b == buyerNobody:
		return claim{look: reviews.LookNoCustomer}
	default:
		return claim{look: reviews.LookOtherCustomer}
	}
}
