package coupons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pointbridge/domain"
)

// takePoints is the first act: the POS takes the points. What is refused here has moved nothing.
func (s *Service) takePoints(ctx context.Context, st State, take domain.Movement) (Change, error) {
	got, err := s.move(ctx, st, take, "pos.deduct", s.Ledger.Deduct)
	if err == nil {
		return s.taken(st, take, got), nil
	}
	kind := domain.KindOf(err)
	switch {
	case errors.Is(err, errUnaskable):
		return s.park(st, take), nil
	case kind == domain.KindRefused || kind == domain.KindNotFound:
		if !s.quiet(st, take.CreatedAt) {
			return Change{}, s.later(st, err)
		}
		return s.takeRefused(st, take, err), nil
	case (kind == domain.KindAuth || kind == domain.KindUnavailable) && st.fresh(take.CreatedAt):
		return s.takeRefused(st, take, err), nil
	default:
		return Change{}, err
	}
}

// refusal says what follows when a code is not given out: a conversion gives its points back, a reissue opens its case again.
type refusal func(detail string) (Change, error)

// createCode is the second act of a conversion: Shopify makes the code.
func (s *Service) createCode(ctx context.Context, st State) (Change, error) {
	refuse := func(detail string) (Change, error) {
		return s.compensate(st, domain.Failure{Code: domain.CodeConversionFailed, Detail: detail})
	}
	ch, made, err := s.madeEarlier(ctx, st, refuse)
	if made || err != nil {
		return ch, err
	}
	return s.makeCode(ctx, st, refuse)
}

// madeEarlier asks Shopify first if an earlier actor may have sent the call, because there the code itself is the only key.
func (s *Service) madeEarlier(ctx context.Context, st State, refuse refusal) (ch Change, made bool, err error) {
	if st.fresh(intendedAt(st)) {
		return Change{}, false, nil
	}
	found, err := s.findCode(ctx, st)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, err
	}
	ch, err = s.codeFound(ctx, st, found, refuse)
	return ch, true, err
}

// makeCode asks Shopify for the code.
func (s *Service) makeCode(ctx context.Context, st State, refuse refusal) (Change, error) {
	if s.tooLate(st.Coupon) {
		return s.refuseQuietly(st, tooLate, refuse)
	}
	if err := s.mayIssue(ctx, st.Coupon.Amount.Currency); err != nil {
		return Change{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create", Reason: string(domain.CodeShopSettings), Err: err}
	}
	id, err := act(ctx, s, "shopify.create", func(ctx context.Context) (string, error) {
		return s.Shop.CreateDiscount(ctx, s.discount(st.Coupon))
	})
	if err == nil {
		return s.activated(st, id), nil
	}
	if domain.ReasonOf(err) == domain.ReasonCodeTaken {
		return s.codeTaken(ctx, st, refuse)
	}
	if kind := domain.KindOf(err); kind != domain.KindRefused && kind != domain.KindNotFound && kind != domain.KindAuth {
		return Change{}, err
	}
	return s.refuseQuietly(st, detailOf(err), refuse)
}

// refuseQuietly refuses once nothing that an earlier actor sent can still arrive.
func (s *Service) refuseQuietly(st State, detail string, refuse refusal) (Change, error) {
	if !s.quiet(st, intendedAt(st)) {
		return Change{}, s.later(st, nil)
	}
	return refuse(detail)
}

// codeTaken answers "this code is taken": by us, in a call whose answer was lost, or by somebody else.
func (s *Service) codeTaken(ctx context.Context, st State, refuse refusal) (Change, error) {
	found, err := s.findCode(ctx, st)
	if err != nil {
		return Change{}, err
	}
	return s.codeFound(ctx, st, found, refuse)
}

// codeFound answers a code that exists. One that bears our mark and was changed before we knew of it must not outlive the
// points: it is ended before it is refused, and if it was used the coupon stands. Any other one is somebody else's, be it
// for the same customer: another text is drawn.
func (s *Service) codeFound(ctx context.Context, st State, found FoundDiscount, refuse refusal) (Change, error) {
	switch ours := Marked(st.Coupon, found); {
	case s.isOurs(st.Coupon, found) && !s.tooLate(st.Coupon), ours && found.Usage > 0:
		return s.activated(st, found.ID), nil
	case !ours:
		return refuse(domain.ReasonCodeTaken)
	}
	if err := s.endFound(ctx, found); err != nil {
		return Change{}, err
	}
	return refuse(s.whyEnded(st.Coupon))
}

// Why a code of ours was not given out: somebody changed it in the shop before its making was settled, or its end had come.
const (
	codeChanged = "code_changed"
	tooLate     = "too_late"
)

// tooLate tells whether a coupon on its way would be over before anybody has seen it.
func (s *Service) tooLate(c domain.Coupon) bool { return !s.Clock.Now().Before(c.ExpiresAt) }

func (s *Service) whyEnded(c domain.Coupon) string {
	if s.tooLate(c) {
		return tooLate
	}
	return codeChanged
}

// findCode asks Shopify for the coupon's code: by the discount's id, and by the text only where no id is known yet. Somebody
// can call a code otherwise, and it is the same discount.
func (s *Service) findCode(ctx context.Context, st State) (FoundDiscount, error) {
	if st.Coupon.DiscountID == "" {
		return s.findText(ctx, st.Coupon.Code)
	}
	return act(ctx, s, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return s.Shop.ReadDiscount(ctx, st.Coupon.DiscountID)
	})
}

func (s *Service) findText(ctx context.Context, code string) (FoundDiscount, error) {
	return act(ctx, s, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return s.Shop.FindDiscount(ctx, code)
	})
}

// isOurs tells whether a code that exists is the one this coupon asked for: it bears our mark, and is as we asked for it.
func (s *Service) isOurs(c domain.Coupon, f FoundDiscount) bool {
	return Marked(c, f) && f.CustomerGID == c.ShopifyCustomerGID && f.CustomerCount == 1 && f.Amount == c.Amount &&
		f.UsageLimit == 1 && f.EndsAt.Equal(c.ExpiresAt)
}

// startEarly is how long before the coupon's making its code is good in the shop. Nobody knows the code before, and a shop
// whose clock is behind ours would tell the customer who holds it that it is not started: so it is more than any clock is off
// with which signatures, tokens and certificates still work.
const startEarly = time.Hour

// discount is the code this coupon asks for.
func (s *Service) discount(c domain.Coupon) Discount {
	return Discount{
		Code: c.Code, Title: titleOf(c), CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount,
		StartsAt: c.CreatedAt.Add(-startEarly), EndsAt: c.ExpiresAt, MinimumSubtotal: s.Policy.MinimumSubtotal,
		CombinesWith: s.Policy.CombinesWith, Tags: tagsOf(c),
	}
}

// returned is the commit after a credit: it ends a cancellation, or a conversion that failed.
func (s *Service) returned(st State, back domain.Movement, got Entry) Change {
	if st.Coupon.Status == domain.Cancelling {
		return s.cancelled(st, back, got)
	}
	return s.givenBack(st, back, got)
}

// compensation gives the points of a failed conversion back.
func (s *Service) compensation(ctx context.Context, st State) (Change, error) {
	back := st.Movement(domain.GiveBack)
	if back == nil {
		return Change{}, fmt.Errorf("coupon %d failed without a credit", st.Coupon.ID)
	}
	return s.giveBack(ctx, st, *back)
}

// giveBack sends the credit: no usable code exists, so the points return.
func (s *Service) giveBack(ctx context.Context, st State, back domain.Movement) (Change, error) {
	got, err := s.move(ctx, st, back, "pos.add", s.Ledger.Add)
	if err == nil {
		return s.returned(st, back, got), nil
	}
	if errors.Is(err, errUnaskable) {
		return s.park(st, back), nil
	}
	if kind := domain.KindOf(err); kind != domain.KindRefused && kind != domain.KindNotFound {
		return Change{}, err
	}
	if !s.quiet(st, back.CreatedAt) {
		return Change{}, s.later(st, err)
	}
	return s.park(st, back), nil
}
