package webhooks

import (
	"context"
	"errors"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Discounts does what a look at a coupon's discount asks for, as coupons.Service does.
type Discounts interface {
	LookAtDiscount(ctx context.Context, couponID int64) (coupons.Look, error)
}

// discount looks at a discount of ours that somebody changed or removed, whatever has become of its coupon: a code that
// has ended can be switched on again. That the change was our own is found out by the look, which then finds nothing.
func (s *Service) discount(ctx context.Context, d Delivery) error {
	c, err := s.Store.CouponOfDiscount(ctx, d.Discount)
	if errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}) {
		return nil // not ours
	}
	if err != nil {
		return err
	}
	look, err := s.Discounts.LookAtDiscount(ctx, c.ID)
	if look.Action != "" {
		s.Logger.WarnContext(ctx, "somebody changed a code in the shop", "coupon_id", c.ID, "what", look.Differs,
			"action", look.Action)
		s.Observer.Alert("discount_changed")
	}
	return err
}
