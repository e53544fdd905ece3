package coupons

import (
	"context"

	"pointbridge/domain"
)

// claim weighs an order. The count is asked for where it decides: about an order of somebody else, and about a coupon
// whose code may be left alive.
func (s *OrderService) claim(ctx context.Context, o Order, c domain.Coupon) (claim, error) {
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

func (s *OrderService) count(ctx context.Context, c domain.Coupon) (Usage, error) {
	return domain.Timed(ctx, s.Clock, s.Observer, "shopify.count", func(ctx context.Context) (Usage, error) {
		return s.Shop.Count(ctx, QueryOf(c, s.TestOrders))
	})
}

func (s *OrderService) usage(ctx context.Context, c domain.Coupon) (Usage, error) {
	ask := Inquiry{Shop: s.Shop, Cursor: s.Cursors, Clock: s.Clock, Observer: s.Observer}
	return ask.Ask(ctx, QueryOf(c, s.TestOrders))
}
