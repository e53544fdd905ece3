package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
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
	found, err := f.s.codes().find(ctx, f.st.Coupon)
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

// makeCode asks Shopify for the code. What its campaign's status means for a code on its way is a table in
// docs/architecture.md.
func (f flow) makeCode(ctx context.Context) (Change, error) {
	c := f.st.Coupon
	if f.s.tooLate(c) {
		return f.refuseOnceQuiet(ctx, tooLate)
	}
	d, stopped, err := f.s.discount(ctx, c)
	if err != nil {
		return Change{}, err
	}
	if stopped {
		return f.refuseOnceQuiet(ctx, campaignStopped)
	}
	if err := f.s.mayIssue(ctx, f.s.currencyOf(c)); err != nil {
		return Change{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create",
			Reason: string(domain.CodeShopSettings), Err: err}
	}
	id, err := act(ctx, f.s, "shopify.create", func(ctx context.Context) (string, error) {
		return f.s.Shop.CreateDiscount(ctx, d)
	})
	switch {
	case err == nil:
		return f.activated(id, d.Terms()), nil
	case domain.ReasonOf(err) == domain.ReasonCodeTaken:
		return f.codeTaken(ctx)
	case refusedUpstream(err), domain.KindOf(err) == domain.KindAuth:
		return f.refuseOnceQuiet(ctx, detailOf(err))
	}
	return Change{}, err
}

// currencyOf is the currency in which a coupon's code is made. A part of an order is one in every currency.
func (s *Service) currencyOf(c domain.Coupon) string {
	if c.Percent > 0 {
		return s.Policy.Currency
	}
	return c.Amount.Currency
}

// discount is the code this coupon asks for. A campaign's code is made by the rules that it was given by, whatever they
// are by now, so that its terms go with its value, and asking again asks for the same. stopped says that somebody
// stopped the campaign since: nothing is made of it any more but what replaces a code that was good. Errors:
// campaign_not_found.
func (s *Service) discount(ctx context.Context, c domain.Coupon) (d Discount, stopped bool, err error) {
	d = Discount{
		Code: c.Code, Title: titleOf(c), CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount, Percent: c.Percent,
		StartsAt: c.CreatedAt.Add(-startEarly), EndsAt: c.ExpiresAt, MinimumSubtotal: s.Policy.MinimumSubtotal,
		CombinesWith: s.Policy.CombinesWith, Tags: tagsOf(c),
	}
	if c.OfPoints() {
		return d, false, nil
	}
	of, err := s.givenBy(ctx, c)
	if err != nil {
		return Discount{}, false, err
	}
	n := campaigns.Native(of.Offer, of.Policy, s.Policy.Currency)
	d.MinimumSubtotal, d.CombinesWith = n.Minimum, Combines(n.Combines)
	d.Products, d.Collections = n.Products, n.Collections
	return d, of.Status != campaigns.Live && c.ReissuedFrom == "", nil
}

// givenBy is a coupon's campaign as it stands now, with the rules that the coupon was given by; the newest ones where
// nobody wrote down which.
func (s *Service) givenBy(ctx context.Context, c domain.Coupon) (campaigns.Campaign, error) {
	if c.Rules == 0 {
		return s.Campaigns.ByKey(ctx, c.Campaign)
	}
	return s.Campaigns.OfVersion(ctx, c.Campaign, c.Rules)
}

// madeWith are the terms with which a code was made that is found after the answer was lost. Where nobody wrote down
// which rules it was given by, as of a conversion, whose rules are the configuration's, they may have changed since it
// was sent: then the code itself says it.
func (s *Service) madeWith(ctx context.Context, c domain.Coupon, found FoundDiscount) (string, error) {
	if c.Rules == 0 {
		return found.Terms(), nil
	}
	d, _, err := s.discount(ctx, c)
	return d.Terms(), err
}

// startEarly is how long before the coupon's making its code is good in the shop. Nobody knows the code before, and a
// shop whose clock is behind ours would tell the customer who holds it that it is not started: so it is more than any
// clock is off with which signatures, tokens and certificates still work.
const startEarly = time.Hour

// activated is the last commit of a conversion: the code exists, so the customer may see it.
func (f flow) activated(discountID, terms string) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.Status, c.DiscountID, c.ActivatedAt, c.LeaseUntil, c.Attempts = domain.Active, discountID, &now, now, 0
	c.Terms = terms
	mail := domain.MailIssued
	if c.ReissuedFrom != "" {
		mail = domain.MailReissued
	}
	return Change{Coupon: c, Answer: AnswerDone, Project: true,
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionCouponActivated, domain.Pending, now,
			"discount", discountID)},
		Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: mail}}}
}

// codeTaken answers "this code is taken": by us, in a call whose answer was lost, or by somebody else.
func (f flow) codeTaken(ctx context.Context) (Change, error) {
	found, err := f.s.codes().find(ctx, f.st.Coupon)
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
	late, ours := f.s.tooLate(c), Marked(c, found)
	switch {
	case asWeAsked(c, found) && !late, ours && found.Usage > 0:
		terms, err := f.s.madeWith(ctx, c, found)
		if err != nil {
			return Change{}, err
		}
		return f.activated(found.ID, terms), nil
	case !ours:
		return f.codeRefused(ctx, domain.ReasonCodeTaken)
	}
	if err := f.s.codes().deactivateFound(ctx, found); err != nil {
		return Change{}, err
	}
	if f.s.tooLate(c) {
		return f.codeRefused(ctx, tooLate)
	}
	return f.codeRefused(ctx, codeChanged)
}

// asWeAsked reports whether a code that exists is the one this coupon asked for: it bears our mark, and is as we asked
// for it.
func asWeAsked(c domain.Coupon, f FoundDiscount) bool {
	return Marked(c, f) && f.CustomerGID == c.ShopifyCustomerGID && f.CustomerCount == 1 && sameValue(c, f) &&
		f.UsageLimit == 1 && f.EndsAt.Equal(c.ExpiresAt)
}

// Why a code of ours was not given out: somebody changed it in the shop before its making was known, its end had come,
// or somebody paused or ended its campaign before the shop was asked.
const (
	codeChanged     = "code_changed"
	tooLate         = "too_late"
	campaignStopped = "campaign_stopped"
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

// codeRefused is what follows when a code is not given out: a coupon that was paid for gives its points back, a reissue
// opens its review again.
func (f flow) codeRefused(ctx context.Context, detail string) (Change, error) {
	failure := domain.Failure{Code: domain.CodeConversionFailed, Detail: detail}
	switch c := f.st.Coupon; {
	case c.ReissuedFrom != "":
	case c.Free():
		return f.failedFree(failure), nil
	default:
		return f.intendCompensation(failure)
	}
	before, err := f.s.Catalogue.ByCode(ctx, f.st.Coupon.ReissuedFrom)
	if err != nil {
		return Change{}, err
	}
	return f.reissueRefused(before.Coupon, detail), nil
}

// deactivateCode is the first act of every ending. It can be sent any number of times. A code that somebody deleted by
// hand cannot be spent any more than one that was deactivated.
func (f flow) deactivateCode(ctx context.Context) (Change, error) {
	gone, err := f.s.codes().deactivate(ctx, f.st.Coupon)
	if err != nil {
		return Change{}, err
	}
	return f.deactivated(gone), nil
}

// deactivated writes down that the code cannot be spent. The lease outlasts the wait that follows.
func (f flow) deactivated(gone bool) Change {
	now := f.s.Clock.Now()
	c := f.s.extended(f.st.Coupon, now)
	c.DeactivatedAt = &now
	c.LeaseUntil = f.s.spentUntil(c).Add(f.s.Timing.Lease)
	if c.Status != domain.Cancelling && f.st.open(domain.Grant) == nil && f.st.open(domain.TakeBack) == nil {
		c.Unfinished, c.LeaseUntil = false, now
	}
	e := domain.EntryOf(c, domain.System(), domain.ActionDiscountDeactivated, c.Status, now, "discount", c.DiscountID)
	if gone {
		e.Detail["gone"] = true
	}
	return Change{Coupon: c, Audit: []domain.AuditEntry{e}}
}
