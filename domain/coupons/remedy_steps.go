package coupons

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// usedAgain is why a used coupon cannot be made good: another order holds its code too.
const usedAgain = "used_again"

// createAgain makes the code that replaces a used one. The old code is ended first: whatever Shopify made of its use, it
// cannot be spent beside the new one. No points move.
func (s *Service) createAgain(ctx context.Context, st State) (Change, error) {
	refuse := func(detail string) (Change, error) {
		before, err := s.Catalogue.ByCode(ctx, st.Coupon.ReissuedFrom)
		if err != nil {
			return Change{}, err
		}
		return s.reissueRefused(st, before.Coupon, detail), nil
	}
	ch, made, err := s.madeEarlier(ctx, st, refuse)
	if made || err != nil {
		return ch, err
	}
	before, err := s.Catalogue.ByCode(ctx, st.Coupon.ReissuedFrom)
	if err != nil {
		return Change{}, err
	}
	again, err := s.endOld(ctx, before.Coupon)
	if err != nil {
		return Change{}, err
	}
	if again {
		return s.refuseQuietly(st, usedAgain, refuse)
	}
	return s.makeCode(ctx, st, refuse)
}

// endOld ends a used coupon's code, and tells whether an order other than the known one stands that holds it too.
func (s *Service) endOld(ctx context.Context, c domain.Coupon) (again bool, err error) {
	if c.DiscountID == "" {
		return false, nil
	}
	if c.EndSetUntil != nil && s.Clock.Now().Before(*c.EndSetUntil) {
		// A call of ours can still arrive that would make the code alive once it was ended.
		return false, &waitError{For: c.EndSetUntil.Sub(s.Clock.Now())}
	}
	if c.DiscountDeletedAt == nil {
		if _, err := s.endCode(ctx, c); err != nil {
			return false, err
		}
	}
	q := s.Policy.UsageOf(c)
	q.Beside = c.UsedOrderID
	usage, err := s.usageAnywhere(ctx, q)
	return err == nil && usage.Live(), err
}

// endCode ends a code in Shopify, and tells whether there is none.
func (s *Service) endCode(ctx context.Context, c domain.Coupon) (gone bool, err error) {
	if c.DiscountID == "" {
		return true, nil
	}
	_, err = act(ctx, s, "shopify.deactivate", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Shop.DeactivateDiscount(ctx, c.DiscountID)
	})
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return true, s.endAnew(ctx, c)
	}
	return false, err
}

// endAnew ends a code that somebody deleted and made again for the same customer: it can be spent under the same text.
func (s *Service) endAnew(ctx context.Context, c domain.Coupon) error {
	found, err := s.findText(ctx, c.Code)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	switch {
	case err != nil:
		return err
	case found.ID == c.DiscountID:
		// Gone and there at once: the shop has not made up its mind, and nothing follows from it.
		return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "deactivate", Reason: "contradiction"}
	case !StandsInFor(c, found):
		return nil
	}
	return s.endFound(ctx, found)
}

// endFound ends a code that was found by its text. One that is gone by now is as dead.
func (s *Service) endFound(ctx context.Context, found FoundDiscount) error {
	_, err := act(ctx, s, "shopify.deactivate", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Shop.DeactivateDiscount(ctx, found.ID)
	})
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	return err
}

// endBeforeGrant is the first act of a grant. As long as it is not written down, no credit was sent.
func (s *Service) endBeforeGrant(ctx context.Context, st State, grant domain.Movement) (Change, error) {
	again, err := s.endOld(ctx, st.Coupon)
	if err != nil {
		return Change{}, err
	}
	if again {
		return s.grantRefused(st, grant, usedAgain), nil
	}
	return s.dead(st, false), nil
}

// grant sends the credit.
func (s *Service) grant(ctx context.Context, st State, grant domain.Movement) (Change, error) {
	got, err := s.move(ctx, st, grant, "pos.add", s.Ledger.Add)
	if err == nil {
		return s.granted(st, grant, got), nil
	}
	if errors.Is(err, errUnaskable) {
		return s.park(st, grant), nil
	}
	if kind := domain.KindOf(err); kind != domain.KindRefused && kind != domain.KindNotFound {
		return Change{}, err
	}
	if !s.quiet(st, grant.CreatedAt) {
		return Change{}, s.later(st, err)
	}
	return s.grantRefused(st, grant, detailOf(err)), nil
}
