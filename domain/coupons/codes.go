package coupons

import (
	"context"

	"pointbridge/domain"
)

// codes are the discounts of coupons in the shop: they are found and ended here, and that can be repeated.
type codes struct {
	shop     Shop
	clock    domain.Clock
	observer domain.StepObserver
}

func (s *Service) codes() codes { return codes{s.Shop, s.Clock, s.Observer} }

// find asks Shopify for the coupon's code: by the discount's id, and by the text only where no id is known yet.
// Somebody can call a code otherwise, and it is the same discount.
func (k codes) find(ctx context.Context, c domain.Coupon) (FoundDiscount, error) {
	if c.DiscountID == "" {
		return k.findText(ctx, c.Code)
	}
	return domain.Timed(ctx, k.clock, k.observer, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return k.shop.ReadDiscount(ctx, c.DiscountID)
	})
}

func (k codes) findText(ctx context.Context, code string) (FoundDiscount, error) {
	return domain.Timed(ctx, k.clock, k.observer, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return k.shop.FindDiscount(ctx, code)
	})
}

// deactivate ends a coupon's code in Shopify, and reports whether there is none.
func (k codes) deactivate(ctx context.Context, c domain.Coupon) (gone bool, err error) {
	if c.DiscountID == "" {
		return true, nil
	}
	err = k.deactivateID(ctx, c.DiscountID)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return true, k.deactivateStandIn(ctx, c)
	}
	return false, err
}

// deactivateStandIn ends a code that somebody deleted and made again for the same customer: it can be spent under the
// same text.
func (k codes) deactivateStandIn(ctx context.Context, c domain.Coupon) error {
	found, err := k.findText(ctx, c.Code)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	switch {
	case err != nil:
		return err
	case found.ID == c.DiscountID:
		// Gone and there at once: the shop has not made up its mind, and nothing follows from it.
		return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "deactivate",
			Reason: "contradiction"}
	case !StandsInFor(c, found):
		return nil
	}
	return k.deactivateFound(ctx, found)
}

// deactivateFound ends a code that was found by its text. One that is gone by now cannot be spent either.
func (k codes) deactivateFound(ctx context.Context, found FoundDiscount) error {
	err := k.deactivateID(ctx, found.ID)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	return err
}

func (k codes) deactivateID(ctx context.Context, id string) error {
	_, err := domain.Timed(ctx, k.clock, k.observer, "shopify.deactivate", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, k.shop.DeactivateDiscount(ctx, id)
	})
	return err
}
