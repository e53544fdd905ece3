package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// A remedy is what a decision lets follow for a coupon that rests: a used one is reissued or its points are granted,
// and points that went back for a code which was used all the same are taken back.

// usualReissue is how long a reissued code is good at least, where nothing else is configured.
const usualReissue = 30 * 24 * time.Hour

// reissueEnd is the later of the old code's end and the shortest life a new one has: it is never in the past.
func (p Policy) reissueEnd(old domain.Coupon, now time.Time) time.Time {
	validity := p.ReissueValidity
	if validity <= 0 {
		validity = usualReissue
	}
	if end := now.Truncate(time.Second).Add(validity).UTC(); end.After(old.ExpiresAt) {
		return end
	}
	return old.ExpiresAt
}

// intendReissue writes the coupon that replaces a used one. The old one stays used, and names its successor at once:
// from here on it has no other way to its value.
func (f flow) intendReissue(d Decision, now time.Time, decided recording) (Change, error) {
	old := f.st.Coupon
	next := domain.Coupon{Code: domain.CampaignPrefix(old.Code), Status: domain.Pending, CustomerID: old.CustomerID,
		ShopifyCustomerGID: old.ShopifyCustomerGID, Campaign: old.Campaign, Rules: old.Rules, Points: old.Points, Amount: old.Amount,
		Percent: old.Percent, Rate: old.Rate, Rank: old.Rank, CreatedAt: now,
		ExpiresAt: f.s.Policy.reissueEnd(old, now), LeaseUntil: now.Add(f.s.Timing.Lease),
		ReissuedFrom: old.Code, FirstCode: old.TakenAs()}
	code, err := f.s.draw(next)
	if err != nil {
		return Change{}, err
	}
	next.Code, old.SupersededBy = code, code
	started := domain.EntryOf(next, d.Caller, domain.ActionReissueStarted, "", now,
		append([]any{"reissued_from", old.Code, "review", d.ReviewID}, worthAgain(next)...)...)
	return Change{Coupon: old, Audit: decided(old),
		Also: []Change{{Coupon: next, Audit: []domain.AuditEntry{started}}}}, nil
}

// worthAgain is what the audit says of what a reissued coupon is worth: the rate was that of the first one.
func worthAgain(c domain.Coupon) []any {
	if c.OfPoints() {
		return []any{"points", c.Points, "amount", c.Amount.Minor}
	}
	return worth(c)
}

// reissueCode makes the code that replaces a used one. The old code is deactivated first: whatever Shopify made of its
// use, it cannot be spent beside the new one. No points move.
func (f flow) reissueCode(ctx context.Context) (Change, error) {
	if ch, made, err := f.madeEarlier(ctx); made || err != nil {
		return ch, err
	}
	before, err := f.s.Catalogue.ByCode(ctx, f.st.Coupon.ReissuedFrom)
	if err != nil {
		return Change{}, err
	}
	again, err := f.s.deactivateUsed(ctx, before.Coupon)
	if err != nil {
		return Change{}, err
	}
	if again {
		return f.refuseOnceQuiet(ctx, usedAgain)
	}
	return f.makeCode(ctx)
}

// usedAgain is why a used coupon cannot be made good: another order holds its code too.
const usedAgain = "used_again"

// deactivateUsed ends a used coupon's code, and reports whether an order other than the known one stands that holds it
// too.
func (s *Service) deactivateUsed(ctx context.Context, c domain.Coupon) (again bool, err error) {
	if c.DiscountID == "" {
		return false, nil
	}
	if c.EndSetUntil != nil && s.Clock.Now().Before(*c.EndSetUntil) {
		// A call of ours can still arrive that would switch the code on once it was deactivated.
		return false, &waitError{For: c.EndSetUntil.Sub(s.Clock.Now())}
	}
	if c.DiscountDeletedAt == nil {
		if _, err := s.codes().deactivate(ctx, c); err != nil {
			return false, err
		}
	}
	q := s.Policy.UsageOf(c)
	q.Beside = c.UsedOrderID
	usage, err := s.inquiry().Anywhere(ctx, q)
	return err == nil && usage.Live(), err
}

// reissueRefused ends a reissue for good, and opens the review again: the old coupon has no successor any more.
func (f flow) reissueRefused(old domain.Coupon, detail string) Change {
	now := f.s.Clock.Now()
	c := f.st.Coupon
	c.Status, c.LeaseUntil, c.Attempts, old.SupersededBy = domain.Failed, now, 0, ""
	c.Failure = &domain.Failure{Code: domain.CodeConversionFailed, Detail: detail}
	ofNew := domain.EntryOf(c, domain.System(), domain.ActionReissueFailed, domain.Pending, now, "detail", detail)
	ofOld := domain.EntryOf(old, domain.System(), domain.ActionReissueFailed, old.Status, now,
		"detail", detail, "reissued_as", c.Code)
	ofNew.Outcome, ofOld.Outcome = domain.OutcomeRefused, domain.OutcomeRefused
	return Change{Coupon: c, Audit: []domain.AuditEntry{ofNew},
		Also: []Change{{Coupon: old, Audit: []domain.AuditEntry{ofOld},
			Reopened: &reviews.Reopened{Outcome: reviews.OutcomeReissue, Problem: detail}}}}
}

// intendGrant writes the movement that gives points for a used coupon.
func (f flow) intendGrant(now time.Time, decided recording) (Change, error) {
	grant, err := f.s.intend(domain.Grant, f.st.Coupon, now)
	if err != nil {
		return Change{}, err
	}
	c := f.s.extended(f.st.Coupon, now)
	// A code that was deactivated in a cancellation which its order stopped is deactivated, and asked about, once more.
	c.Unfinished, c.DeactivatedAt = true, nil
	return Change{Coupon: c, Movements: []domain.Movement{grant}, Audit: decided(c)}, nil
}

// deactivateForGrant is the first act of a grant. As long as it is not written down, no credit was sent.
func (f flow) deactivateForGrant(ctx context.Context) (Change, error) {
	again, err := f.s.deactivateUsed(ctx, f.st.Coupon)
	if err != nil {
		return Change{}, err
	}
	if again {
		return f.grantRefused(*f.st.open(domain.Grant), usedAgain), nil
	}
	return f.deactivated(false), nil
}

// grant sends the credit.
func (f flow) grant(ctx context.Context) (Change, error) {
	return f.settle(ctx, *f.st.open(domain.Grant), f.granted, func(m domain.Movement, err error) Change {
		return f.grantRefused(m, detailOf(err))
	})
}

// granted is the commit after the credit.
func (f flow) granted(grant domain.Movement, got Entry) Change {
	now := f.s.Clock.Now()
	c := remedied(f.st.Coupon, now)
	grant = asApplied(grant, got, now)
	e := moved(c, grant, domain.ActionPointsGranted, now)
	e.From = c.Status
	e.Detail["related_reference"], e.Detail["reason"] = grant.RelatedReference, grant.Reason
	e.Detail["order"] = c.UsedOrder
	return Change{Coupon: c, Movements: []domain.Movement{grant}, Audit: []domain.AuditEntry{e},
		Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailGranted}}}
}

// grantRefused ends a grant that was not made, and opens the review again.
func (f flow) grantRefused(grant domain.Movement, detail string) Change {
	now := f.s.Clock.Now()
	c := remedied(f.st.Coupon, now)
	e := domain.EntryOf(c, domain.System(), domain.ActionPointsGrantRefused, c.Status, now,
		"detail", detail, "reference", grant.Reference)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{asRefused(grant, now)}, Audit: []domain.AuditEntry{e},
		Reopened: &reviews.Reopened{Outcome: reviews.OutcomeGrant, Problem: detail}}
}

// intendTakeBack writes the movement that takes the points of a coupon a second time: they went back, and it was used.
func (f flow) intendTakeBack(now time.Time, decided recording) (Change, error) {
	if f.st.Movement(domain.TakeBack) != nil {
		return Change{}, domain.Refuse(domain.CodeOutcomeNotAllowed, "outcomes",
			[]reviews.Outcome{reviews.OutcomeAcceptLoss})
	}
	c := f.s.extended(f.st.Coupon, now)
	again, err := f.s.intend(domain.TakeBack, c, now)
	if err != nil {
		return Change{}, err
	}
	c.Unfinished = true
	return Change{Coupon: c, Movements: []domain.Movement{again}, Audit: decided(c)}, nil
}

// takeBack takes the points again.
func (f flow) takeBack(ctx context.Context) (Change, error) {
	return f.settle(ctx, *f.st.open(domain.TakeBack), f.takenBack, f.takeBackRefused)
}

// takenBack is the commit after it.
func (f flow) takenBack(again domain.Movement, got Entry) Change {
	now := f.s.Clock.Now()
	c := remedied(f.st.Coupon, now)
	again = asApplied(again, got, now)
	e := moved(c, again, domain.ActionPointsTakenBack, now)
	e.From = c.Status
	return Change{Coupon: c, Movements: []domain.Movement{again}, Audit: []domain.AuditEntry{e}}
}

// takeBackRefused opens the review again: the customer has spent the points.
func (f flow) takeBackRefused(again domain.Movement, err error) Change {
	now := f.s.Clock.Now()
	c := remedied(f.st.Coupon, now)
	e := domain.EntryOf(c, domain.System(), domain.ActionPointsTakeBackRefused, c.Status, now, "detail", detailOf(err))
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{asRefused(again, now)}, Review: reviews.UsedAfterRefund,
		Audit: []domain.AuditEntry{e}}
}

// remedied is a coupon that rests again: nothing more is owed for it.
func remedied(c domain.Coupon, now time.Time) domain.Coupon {
	c.Unfinished, c.LeaseUntil, c.Attempts = false, now, 0
	return c
}
