package coupons

import (
	"time"

	"pointbridge/domain"
)

// Each function here says what one commit writes that makes an order good which came to nothing. None of them acts.

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

// intendReissue writes the coupon that replaces a used one. The old one stays used, and names its successor at once: from
// here on it has no other way to its value.
func (s *Service) intendReissue(old domain.Coupon, d Decision, now time.Time, line recording) (Change, error) {
	code, err := domain.NewCode(s.Random, old.CustomerID, old.Amount)
	if err != nil {
		return Change{}, err
	}
	next := domain.Coupon{Code: code, Status: domain.Pending, CustomerID: old.CustomerID, ShopifyCustomerGID: old.ShopifyCustomerGID,
		Points: old.Points, Amount: old.Amount, Rate: old.Rate, Rank: old.Rank, CreatedAt: now, ExpiresAt: s.Policy.reissueEnd(old, now),
		ReissuedFrom: old.Code, FirstCode: old.TakenAs(), LeaseUntil: now.Add(s.Timing.Lease)}
	old.SupersededBy = code
	return Change{Coupon: old, Audit: line(old), Also: []Change{{Coupon: next, Audit: []domain.AuditEntry{
		entry(next, d.Caller, domain.ActionReissueStarted, "", now, "reissued_from", old.Code, "points", next.Points, "amount", next.Amount.Minor, "review", d.ReviewID)}}}}, nil
}

// intendGrant writes the movement that gives points for a used coupon.
func (s *Service) intendGrant(c domain.Coupon, now time.Time, line recording) (Change, error) {
	grant, err := s.intend(domain.Grant, c, now)
	if err != nil {
		return Change{}, err
	}
	c = s.extended(c, now)
	// A code that was ended in a cancellation which its order stopped is ended, and asked about, once more.
	c.Unfinished, c.DeactivatedAt = true, nil
	return Change{Coupon: c, Movements: []domain.Movement{grant}, Audit: line(c)}, nil
}

// reissueRefused ends a reissue for good, and opens the case again: the old coupon has no successor any more.
func (s *Service) reissueRefused(st State, old domain.Coupon, detail string) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Status, c.LeaseUntil, c.Attempts, old.SupersededBy = domain.Failed, now, 0, ""
	c.Failure = &domain.Failure{Code: domain.CodeConversionFailed, Detail: detail}
	lines := []domain.AuditEntry{entry(c, domain.System(), domain.ActionReissueFailed, domain.Pending, now, "detail", detail),
		entry(old, domain.System(), domain.ActionReissueFailed, old.Status, now, "detail", detail, "reissued_as", c.Code)}
	for i := range lines {
		lines[i].Outcome = domain.OutcomeRefused
	}
	return Change{Coupon: c, Audit: lines[:1], Also: []Change{{Coupon: old, Audit: lines[1:], Reopened: &Reopened{Outcome: OutcomeReissue, Problem: detail}}}}
}

// granted is the commit after the credit.
func (s *Service) granted(st State, grant domain.Movement, got Entry) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Unfinished, c.LeaseUntil, c.Attempts = false, now, 0
	grant = settled(grant, got, now)
	e := moved(c, grant, domain.ActionPointsGranted, now)
	e.From = c.Status
	e.Detail["related_reference"], e.Detail["reason"], e.Detail["order"] = grant.RelatedReference, grant.Reason, c.UsedOrder
	return Change{Coupon: c, Movements: []domain.Movement{grant}, Audit: []domain.AuditEntry{e},
		Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailGranted}}}
}

// grantRefused ends a grant that was not made, and opens the case again.
func (s *Service) grantRefused(st State, grant domain.Movement, detail string) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Unfinished, c.LeaseUntil, c.Attempts = false, now, 0
	grant.State, grant.SettledAt = domain.MovementRefused, &now
	e := entry(c, domain.System(), domain.ActionPointsGrantRefused, c.Status, now, "detail", detail, "reference", grant.Reference)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{grant}, Audit: []domain.AuditEntry{e},
		Reopened: &Reopened{Outcome: OutcomeGrant, Problem: detail}}
}
