package coupons

import (
	"time"

	"pointbridge/domain"
)

// Each function here says what one commit writes after one act. None of them acts.

func (s *Service) taken(st State, take domain.Movement, got Entry) Change {
	now := s.Clock.Now()
	c := s.extended(st.Coupon, now)
	take = settled(take, got, now)
	return Change{Coupon: c, Movements: []domain.Movement{take},
		Audit: []domain.AuditEntry{moved(c, take, domain.ActionPointsTaken, now)}}
}

// takeRefused ends a conversion before anything moved.
func (s *Service) takeRefused(st State, take domain.Movement, err error) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Status, c.Failure, c.LeaseUntil = domain.Failed, takeFailure(take, err), now
	take.State, take.SettledAt = domain.MovementRefused, &now
	e := entry(c, domain.System(), domain.ActionConversionFailed, domain.Pending, now, "code", string(c.Failure.Code), "detail", c.Failure.Detail)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{take}, Answer: AnswerFailed, Audit: []domain.AuditEntry{e}}
}

// takeFailure words the POS's refusal for the caller.
func takeFailure(take domain.Movement, err error) *domain.Failure {
	switch {
	case domain.KindOf(err) == domain.KindAuth, domain.KindOf(err) == domain.KindUnavailable:
		return &domain.Failure{Code: domain.CodeUpstreamUnavailable, Detail: detailOf(err)}
	case domain.ReasonOf(err) == domain.ReasonInsufficientPoints:
		f := &domain.Failure{Code: domain.CodeInsufficientPoints, Params: map[string]any{"required": take.Points}, Detail: domain.ReasonOf(err)}
		if balance := domain.BalanceOf(err); balance != nil {
			f.Params["balance"] = *balance
		}
		return f
	case domain.ReasonOf(err) == domain.ReasonCustomerNotFound:
		return &domain.Failure{Code: domain.CodeCustomerNotFound, Detail: domain.ReasonOf(err)}
	default:
		return &domain.Failure{Code: domain.CodeConversionFailed, Detail: detailOf(err)}
	}
}

// activated is the last commit of a conversion: the code exists, so the customer may see it.
func (s *Service) activated(st State, discountID string) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Status, c.DiscountID, c.ActivatedAt, c.LeaseUntil, c.Attempts = domain.Active, discountID, &now, now, 0
	c.Terms = s.discount(c).Terms()
	mail := domain.MailIssued
	if c.ReissuedFrom != "" {
		mail = domain.MailReissued
	}
	return Change{Coupon: c, Answer: AnswerDone, Project: true,
		Audit: []domain.AuditEntry{entry(c, domain.System(), domain.ActionCouponActivated, domain.Pending, now, "discount", discountID)},
		Jobs: []domain.Job{
			{Kind: domain.JobMetafield, CustomerID: c.CustomerID},
			{Kind: domain.JobMail, CouponID: c.ID, Mail: mail},
		}}
}

// compensate writes the intent to give the points back: the code cannot be made, and none exists.
func (s *Service) compensate(st State, f domain.Failure) (Change, error) {
	now := s.Clock.Now()
	c := s.extended(st.Coupon, now)
	c.Failure = &f
	back, err := s.intend(domain.GiveBack, c, now)
	if err != nil {
		return Change{}, err
	}
	e := entry(c, domain.System(), domain.ActionDiscountRefused, domain.Pending, now, "detail", f.Detail)
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{back}, Audit: []domain.AuditEntry{e}}, nil
}

func (s *Service) givenBack(st State, back domain.Movement, got Entry) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Status, c.LeaseUntil = domain.Failed, now
	back = settled(back, got, now)
	line := moved(c, back, domain.ActionPointsGivenBack, now)
	line.To = domain.Pending // the line after it tells of the move: each move has one
	return Change{Coupon: c, Movements: []domain.Movement{back}, Answer: AnswerFailed, Audit: []domain.AuditEntry{
		line,
		entry(c, domain.System(), domain.ActionConversionFailed, domain.Pending, now, "code", string(c.Failure.Code), "detail", c.Failure.Detail),
	}}
}

// park hands a movement to a person: nobody but the till's own records can tell whether it was applied.
func (s *Service) park(st State, m domain.Movement) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.ParkedAt, c.LeaseUntil = &now, now
	m.State = domain.MovementParked
	e := entry(c, domain.System(), domain.ActionMovementParked, c.Status, now, "reference", m.Reference)
	e.Outcome = domain.OutcomeUnknown
	return Change{Coupon: c, Movements: []domain.Movement{m}, Review: ReviewUnsettled, Audit: []domain.AuditEntry{e}}
}

// extended renews the lease with a commit that is being made anyway.
func (s *Service) extended(c domain.Coupon, now time.Time) domain.Coupon {
	c.LeaseUntil, c.Attempts = now.Add(s.Timing.Lease), 0
	return c
}

func settled(m domain.Movement, got Entry, now time.Time) domain.Movement {
	m.State, m.EntryID, m.SettledAt = domain.MovementApplied, got.ID, &now
	m.PreviousBalance, m.Balance, m.Odd = got.PreviousBalance, got.Balance, odd(m, got)
	return m
}

// moved is the audit line of points that moved; an answer whose figures do not add up says so.
func moved(c domain.Coupon, m domain.Movement, action string, now time.Time) domain.AuditEntry {
	e := entry(c, domain.System(), action, domain.Pending, now, "points", m.Points, "reference", m.Reference, "entry", m.EntryID)
	if m.PreviousBalance != nil {
		e.Detail["previous_balance"] = *m.PreviousBalance
	}
	if m.Balance != nil {
		e.Detail["balance"] = *m.Balance
	}
	if m.Odd {
		e.Detail["odd"] = true
	}
	return e
}
