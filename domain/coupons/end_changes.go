package coupons

import (
	"pointbridge/domain"
)

// Each function here says what one commit of an ending writes. None of them acts.

// begun is what every ending has in common: who, why, and the lease for the steps that follow.
func (s *Service) begun(st State, c Cancellation, to domain.Status) domain.Coupon {
	now := s.Clock.Now()
	k := s.extended(st.Coupon, now)
	k.Status, k.CancelActor, k.CancelledBy, k.CancelStartedAt = to, c.Caller.ID, c.Caller.Name, &now
	k.Reason, k.Note = c.Reason, c.Note
	return k
}

func (s *Service) cancelling(st State, c Cancellation) Change {
	k := s.begun(st, c, domain.Cancelling)
	return Change{Coupon: k, Project: true,
		Audit: []domain.AuditEntry{entry(k, c.Caller, domain.ActionCancellationStarted, domain.Active, *k.CancelStartedAt, "reason", c.Reason, "points", k.Points)},
		Jobs:  []domain.Job{{Kind: domain.JobMetafield, CustomerID: k.CustomerID}}}
}

func (s *Service) suspended(st State, c Cancellation) Change {
	k := s.begun(st, c, domain.Suspended)
	k.Unfinished = true // until the code is dead
	return Change{Coupon: k, Project: true, Review: ReviewSuspectedFraud,
		Audit: []domain.AuditEntry{entry(k, c.Caller, domain.ActionCouponSuspended, domain.Active, *k.CancelStartedAt, "reason", c.Reason)},
		Jobs:  append(s.Policy.Tags.jobs(k.UsedOrderID, k.ID), domain.Job{Kind: domain.JobMetafield, CustomerID: k.CustomerID})}
}

// dead writes down that the code is dead. The lease outlasts the wait that follows.
func (s *Service) dead(st State, gone bool) Change {
	now := s.Clock.Now()
	k := s.extended(st.Coupon, now)
	k.DeactivatedAt = &now
	k.LeaseUntil = s.spentUntil(k).Add(s.Timing.Lease)
	if k.Status != domain.Cancelling && st.open(domain.Grant) == nil && st.open(domain.TakeBack) == nil {
		k.Unfinished, k.LeaseUntil = false, now
	}
	e := entry(k, domain.System(), domain.ActionDiscountDeactivated, k.Status, now, "discount", k.DiscountID)
	if gone {
		e.Detail["gone"] = true
	}
	return Change{Coupon: k, Audit: []domain.AuditEntry{e}}
}

// usedFirst writes down that an order used the coupon. It ends a cancellation in which the order came first: nothing is given
// back.
func (s *Service) usedFirst(st State, seen Sighting) Change {
	now := s.Clock.Now()
	k := sighted(st.Coupon, seen)
	k.Status, k.LeaseUntil, k.Attempts = domain.Used, now, 0
	ch := Change{Coupon: k, Project: true,
		Audit: []domain.AuditEntry{entry(k, domain.System(), domain.ActionCouponUsed, st.Coupon.Status, now, "order", seen.OrderName)},
		Jobs:  []domain.Job{{Kind: domain.JobMetafield, CustomerID: k.CustomerID}}}
	if seen.Uncounted && k.DeactivatedAt == nil && k.DiscountID != "" && k.DiscountDeletedAt == nil {
		// The code can be spent beside the order: it is owed that it is ended.
		k.Unfinished = true
		ch.Coupon, ch.Jobs = k, append(ch.Jobs, domain.Job{Kind: domain.JobAdvance, CouponID: k.ID})
	}
	if st.Coupon.Status == domain.Cancelling {
		// If a case about an order asked for it, there is something else to decide now.
		ch.Reopened = &Reopened{Outcome: OutcomeReturnPoints, Problem: string(domain.CodeCouponUsed)}
	}
	return ch
}

func (s *Service) intendBack(st State) (Change, error) {
	now := s.Clock.Now()
	k := s.extended(st.Coupon, now)
	back, err := s.intend(domain.GiveBack, k, now)
	if err != nil {
		return Change{}, err
	}
	return Change{Coupon: k, Movements: []domain.Movement{back},
		Audit: []domain.AuditEntry{entry(k, domain.System(), domain.ActionRefundStarted, k.Status, now, "points", back.Points, "reference", back.Reference)}}, nil
}

// withdrawn takes back the intent of a credit that never reached the till, because an order came to light before it.
func (s *Service) withdrawn(st State, back domain.Movement) Change {
	now := s.Clock.Now()
	back.State, back.SettledAt = domain.MovementRefused, &now
	k := st.Coupon
	ch := s.usedFirst(st, Sighting{OrderID: k.UsedOrderID, OrderName: k.UsedOrder, At: *k.UsedAt})
	ch.Movements = []domain.Movement{back}
	return ch
}

// cancelled is the last commit of a cancellation: the points are back. An order that turned up meanwhile opens a case.
func (s *Service) cancelled(st State, back domain.Movement, got Entry) Change {
	now := s.Clock.Now()
	k := st.Coupon
	k.Status, k.CancelledAt, k.LeaseUntil, k.Attempts = domain.Cancelled, &now, now, 0
	back = settled(back, got, now)
	line := moved(k, back, domain.ActionPointsGivenBack, now)
	line.From = domain.Cancelling
	line.Detail["related_reference"] = back.RelatedReference
	ch := Change{Coupon: k, Movements: []domain.Movement{back}, Project: true, Audit: []domain.AuditEntry{line},
		Jobs: []domain.Job{
			{Kind: domain.JobMetafield, CustomerID: k.CustomerID},
			{Kind: domain.JobMail, CouponID: k.ID, Mail: domain.MailCancelled},
		}}
	if k.UsedAt != nil {
		ch.Review = ReviewUsedAfterRefund
	}
	return ch
}

// sighted writes an order into a coupon.
func sighted(k domain.Coupon, seen Sighting) domain.Coupon {
	at := seen.At
	k.UsedAt, k.UsedOrder, k.UsedOrderID = &at, seen.OrderName, seen.OrderID
	return k
}
