package orders

import (
	"context"
	"errors"
	"slices"

	"pointbridge/domain"
)

// An order names a code by the text that it had then, and a merchant can give a code another text: the discount is the
// same one, and so is the coupon. Its order is known by the text that the discount has now.

// named gives the order the coupon's own code beside the text by which a discount of ours was entered. Only texts
// that no coupon of ours has are asked about, and only where the order's customer has a code to spend, or where the
// order used one and does not name it.
func (s *Service) named(ctx context.Context, o Order) (Order, error) {
	texts, err := s.unknownTexts(ctx, o)
	if err != nil || len(texts) == 0 {
		return o, err
	}
	mine, err := s.Coupons.UsedBy(ctx, o.ID)
	if err != nil {
		return o, err
	}
	mine = slices.DeleteFunc(mine, func(c domain.Coupon) bool { return o.Holds(c.Code) })
	if o.CustomerGID != "" {
		good, err := s.Coupons.ActiveOf(ctx, o.CustomerGID)
		if err != nil {
			return o, err
		}
		mine = append(mine, good...)
	}
	if len(mine) == 0 {
		return o, nil
	}
	for _, text := range texts {
		id, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.find", func(ctx context.Context) (string, error) {
			return s.Shop.DiscountOf(ctx, text)
		})
		if err != nil && domain.KindOf(err) == domain.KindNotFound {
			continue
		}
		if err != nil {
			return o, err
		}
		i := slices.IndexFunc(mine, func(c domain.Coupon) bool { return c.DiscountID == id })
		if i >= 0 {
			o.Applied = append(slices.Clone(o.Applied), mine[i].Code)
		}
	}
	return o, nil
}

// unknownTexts are those that were entered as codes and are no coupon's.
func (s *Service) unknownTexts(ctx context.Context, o Order) (list []string, err error) {
	for _, text := range o.Applied {
		if code, ours := domain.NormalizeCode(text); ours {
			_, _, err := s.Saga.Find(ctx, code)
			if err == nil {
				continue
			}
			if !errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}) {
				return nil, err
			}
		}
		list = append(list, text)
	}
	return list, nil
}
