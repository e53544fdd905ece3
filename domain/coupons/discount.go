package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
)

// createCode is the second act of a conversion: Shopify makes the code.
func (f flow) createCode(ctx context.Context) (Change, error) {
	if ch, made, err := f.madeEarlier(ctx); made || err != nil {
		return ch, err
	}
	return f.makeCode(ctx)
}

// madeEarlier asks Shopify first if an earlier actor may have sent the call, because there the code itself is the
// only key.
func (f flow) madeEarlier(ctx context.Context) (ch Change, made bool, err error) {
	if f.st.fresh(f.st.codeIntendedAt()) {
		return Change{}, false, nil
	}
	found, err := f.findCode(ctx, f.st.Coupon)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, err
	}
	ch, err = f.codeFound(ctx, found)
	return ch, true, err
}

// codeIntendedAt is when the making of a code was begun: whoever had a lease after it may have called Shopify. A
// reissue takes no points.
func (st State) codeIntendedAt() time.Time {
	if take := st.Movement(domain.Take); take != nil {
		return take.CreatedAt
	}
	return st.Coupon.CreatedAt
}

// makeCode asks Shopify for the code.
func (f flow) makeCode(ctx context.Context) (Change, error) {
	c := f.st.Coupon
	if f.tooLate(c) {
		return f.refuseOnceQuiet(ctx, tooLate)
	}
	if err := f.mayIssue(ctx, c.Amount.Currency); err != nil {
		return Change{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create",
			Reason: string(domain.CodeShopSettings), Err: err}
	}
	id, err := act(ctx, f.Service, "shopify.create", func(ctx context.Context) (string, error) {
		return f.Shop.CreateDiscount(ctx, f.discount(c))
	})
	switch {
	case err == nil:
		return f.activated(id), nil
	case domain.ReasonOf(err) == domain.ReasonCodeTaken:
		return f.codeTaken(ctx)
	case refusedUpstream(err), domain.KindOf(err) == domain.KindAuth:
		return f.refuseOnceQuiet(ctx, detailOf(err))
	}
	return Change{}, err
}

// discount is the code this coupon asks for.
func (s *Service) discount(c domain.Coupon) Discount {
	return Discount{
		Code: c.Code, Title: titleOf(c), CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount,
		StartsAt: c.CreatedAt.Add(-startEarly), EndsAt: c.ExpiresAt, MinimumSubtotal: s.Policy.MinimumSubtotal,
		CombinesWith: s.Policy.CombinesWith, Tags: tagsOf(c),
	}
}

// startEarly is how long before the coupon's making its code is good in the shop. Nobody knows the code before, and a
// shop whose clock is behind ours would tell the customer who holds it that it is not started: so it is more than any
// clock is off with which signatures, tokens and certificates still work.
const startEarly = time.Hour

// activated is the last commit of a conversion: the code exists, so the customer may see it.
func (f flow) activated(discountID string) Change {
	now := f.Clock.Now()
	c := f.st.Coupon
	c.Status, c.DiscountID, c.ActivatedAt, c.LeaseUntil, c.Attempts = domain.Active, discountID, &now, now, 0
	c.Terms = f.discount(c).Terms()
	mail := domain.MailIssued
	if c.ReissuedFrom != "" {
		mail = domain.MailReissued
	}
	return Change{Coupon: c, Answer: AnswerDone, Project: true,
		Audit: []domain.AuditEntry{entry(c, domain.System(), domain.ActionCouponActivated, domain.Pending, now,
			"discount", discountID)},
		Jobs: []domain.Job{
			{Kind: domain.JobMetafield, CustomerID: c.CustomerID},
			{Kind: domain.JobMail, CouponID: c.ID, Mail: mail},
		}}
}

// codeTaken answers "this code is taken": by us, in a call whose answer was lost, or by somebody else.
func (f flow) codeTaken(ctx context.Context) (Change, error) {
	found, err := f.findCode(ctx, f.st.Coupon)
	if err != nil {
		return Change{}, err
	}
	return f.codeFound(ctx, found)
}

// codeFound answers a code that exists. One that bears our mark and was changed before we knew of it must not outlive
// the points: it is deactivated before it is refused, and if it was used the coupon stands. Any other one is somebody
// else's, be it for the same customer: another text is drawn.
func (f flow) codeFound(ctx context.Context, found FoundDiscount) (Change, error) {
	c := f.st.Coupon
	late, ours := f.tooLate(c), Marked(c, found)
	switch {
	case asWeAsked(c, found) && !late, ours && found.Usage > 0:
		return f.activated(found.ID), nil
	case !ours:
		return f.codeRefused(ctx, domain.ReasonCodeTaken)
	}
	if err := f.deactivateFound(ctx, found); err != nil {
		return Change{}, err
	}
	if f.tooLate(c) {
		return f.codeRefused(ctx, tooLate)
	}
	return f.codeRefused(ctx, codeChanged)
}

// asWeAsked reports whether a code that exists is the one this coupon asked for: it bears our mark, and is as we asked
// for it.
func asWeAsked(c domain.Coupon, f FoundDiscount) bool {
	return Marked(c, f) && f.CustomerGID == c.ShopifyCustomerGID && f.CustomerCount == 1 && f.Amount == c.Amount &&
		f.UsageLimit == 1 && f.EndsAt.Equal(c.ExpiresAt)
}

// Why a code of ours was not given out: somebody changed it in the shop before its making was known, or its end had
// come.
const (
	codeChanged = "code_changed"
	tooLate     = "too_late"
)

// tooLate reports whether a coupon on its way would be over before anybody has seen it.
func (s *Service) tooLate(c domain.Coupon) bool { return !s.Clock.Now().Before(c.ExpiresAt) }

// refuseOnceQuiet refuses once nothing that an earlier actor sent can still arrive.
func (f flow) refuseOnceQuiet(ctx context.Context, detail string) (Change, error) {
	if !f.quiet(f.st.codeIntendedAt()) {
		return Change{}, f.later()
	}
	return f.codeRefused(ctx, detail)
}

// codeRefused is what follows when a code is not given out: a conversion gives its points back, a reissue opens its
// review again.
func (f flow) codeRefused(ctx context.Context, detail string) (Change, error) {
	if f.st.Coupon.ReissuedFrom == "" {
		return f.intendCompensation(domain.Failure{Code: domain.CodeConversionFailed, Detail: detail})
	}
	before, err := f.Catalogue.ByCode(ctx, f.st.Coupon.ReissuedFrom)
	if err != nil {
		return Change{}, err
	}
	return f.reissueRefused(before.Coupon, detail), nil
}

// findCode asks Shopify for the coupon's code: by the discount's id, and by the text only where no id is known yet.
// Somebody can call a code otherwise, and it is the same discount.
func (s *Service) findCode(ctx context.Context, c domain.Coupon) (FoundDiscount, error) {
	if c.DiscountID == "" {
		return s.findText(ctx, c.Code)
	}
	return act(ctx, s, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return s.Shop.ReadDiscount(ctx, c.DiscountID)
	})
}

func (s *Service) findText(ctx context.Context, code string) (FoundDiscount, error) {
	return act(ctx, s, "shopify.find", func(ctx context.Context) (FoundDiscount, error) {
		return s.Shop.FindDiscount(ctx, code)
	})
}

// deactivateCode is the first act of every ending. It can be sent any number of times. A code that somebody deleted by
// hand cannot be spent any more than one that was deactivated.
func (f flow) deactivateCode(ctx context.Context) (Change, error) {
	gone, err := f.deactivate(ctx, f.st.Coupon)
	if err != nil {
		return Change{}, err
	}
	return f.deactivated(gone), nil
}

// deactivated writes down that the code cannot be spent. The lease outlasts the wait that follows.
func (f flow) deactivated(gone bool) Change {
	now := f.Clock.Now()
	c := f.extended(f.st.Coupon, now)
	c.DeactivatedAt = &now
	c.LeaseUntil = f.spentUntil(c).Add(f.Timing.Lease)
	if c.Status != domain.Cancelling && f.st.open(domain.Grant) == nil && f.st.open(domain.TakeBack) == nil {
		c.Unfinished, c.LeaseUntil = false, now
	}
	e := entry(c, domain.System(), domain.ActionDiscountDeactivated, c.Status, now, "discount", c.DiscountID)
	if gone {
		e.Detail["gone"] = true
	}
	return Change{Coupon: c, Audit: []domain.AuditEntry{e}}
}

// deactivate ends a coupon's code in Shopify, and reports whether there is none.
func (s *Service) deactivate(ctx context.Context, c domain.Coupon) (gone bool, err error) {
	if c.DiscountID == "" {
		return true, nil
	}
	err = s.deactivateDiscount(ctx, c.DiscountID)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return true, s.deactivateStandIn(ctx, c)
	}
	return false, err
}

// deactivateStandIn ends a code that somebody deleted and made again for the same customer: it can be spent under the
// same text.
func (s *Service) deactivateStandIn(ctx context.Context, c domain.Coupon) error {
	found, err := s.findText(ctx, c.Code)
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
	return s.deactivateFound(ctx, found)
}

// deactivateFound ends a code that was found by its text. One that is gone by now cannot be spent either.
func (s *Service) deactivateFound(ctx context.Context, found FoundDiscount) error {
	err := s.deactivateDiscount(ctx, found.ID)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	return err
}

func (s *Service) deactivateDiscount(ctx context.Context, id string) error {
	_, err := act(ctx, s, "shopify.deactivate", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Shop.DeactivateDiscount(ctx, id)
	})
	return err
}
