package coupons

import (
	"context"
	"errors"
	"fmt"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// open makes the first commit: coupon, code, and the movement it intends, where it costs points. It waits while another movement of the
// customer is open, and draws another code when the drawn one exists. again is the conversion that is being started
// over. Of a commit in doubt it asks until it knows: nothing is said before, and nothing is done twice.
func (s *Service) open(ctx context.Context, a asking, again *State) (st State, earlier *Request, err error) {
	doubt := false
	barred := s.mayIssue(ctx, s.Policy.Currency) // asked here, because nobody is asked within a transaction
	if barred == nil && again == nil {
		barred = s.mayHave(ctx, a, false)
	}
	for tries := 0; tries < openTries; {
		st, earlier, err = s.tryOpen(ctx, a, again, barred)
		wait := busyWait
		if doubt {
			wait = doubtWait
		}
		switch {
		case errors.Is(err, errRevised):
			tries++
			if a, barred, err = s.renewed(ctx, a, again != nil); outwaited(ctx, err) {
				return State{}, nil, inProgress()
			} else if err != nil {
				return State{}, nil, err
			}
		case errors.Is(err, domain.ErrConflict):
			doubt = doubt || errors.Is(err, domain.ErrUnavailable)
			tries++
		case errors.Is(err, errBusy), doubt && errors.Is(err, domain.ErrUnavailable):
			select {
			case <-s.Clock.After(wait):
			case <-ctx.Done():
				return State{}, nil, inProgress()
			}
		case outwaited(ctx, err):
			return State{}, nil, inProgress()
		default:
			return st, earlier, err
		}
	}
	if a.renew != nil && err == nil {
		return State{}, nil, domain.Refuse(domain.CodeCampaignChanged) // with every look it was another one
	}
	return State{}, nil, fmt.Errorf("open a request for a coupon: %w", err)
}

// renewed is what is asked by the campaign as it is now, and what is in the way of it now.
func (s *Service) renewed(ctx context.Context, a asking, again bool) (_ asking, barred, err error) {
	if a, err = a.renew(ctx); err != nil {
		return a, nil, err
	}
	if barred = s.mayIssue(ctx, s.Policy.Currency); barred == nil {
		barred = s.mayHave(ctx, a, again)
	}
	return a, barred, nil
}

// mayIssue asks the gate, where there is one.
func (s *Service) mayIssue(ctx context.Context, currency string) error {
	if s.Gate == nil {
		return nil
	}
	return s.Gate.MayIssue(ctx, currency)
}

// mayHave asks the guard, where there is one, about a request that is new: a repetition is no second attempt. One that is
// started over is known, and asked about all the same.
func (s *Service) mayHave(ctx context.Context, a asking, again bool) error {
	if s.Guard == nil {
		return nil
	}
	if _, err := s.Store.FindRequest(ctx, a.request); err == nil && !again {
		return nil
	}
	return s.Guard.MayIssueCode(ctx, campaigns.Wish{By: a.attempt.Caller, Campaign: a.campaign, Who: s.who(a),
		Worth: a.worth, Protected: a.protected})
}

// outwaited reports whether the request's patience ended while it was in the database. Whether the commit was made does
// not matter: the same request finds it.
func outwaited(ctx context.Context, err error) bool {
	var refusal *domain.Error
	return err != nil && ctx.Err() != nil && !errors.As(err, &refusal)
}

func (s *Service) tryOpen(ctx context.Context, a asking, again *State, barred error) (State, *Request, error) {
	now := s.Clock.Now()
	o := Opening{
		CustomerID: a.customerID,
		Shopper:    a.shopper,
		Campaign:   a.campaign,
		Request:    a.request,
		Proof:      a.proof,
		DayStart:   s.Policy.DayStart(now),
		Now:        now,
	}
	var earlier *Request
	st, err := s.Store.Open(ctx, o, func(in Intake) (Change, error) {
		if in.Replay != nil && (again == nil || in.Replay.CouponID != again.Coupon.ID) {
			earlier = in.Replay
			return Change{}, nil
		}
		if in.ProofUsed && again == nil {
			return Change{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: nextProof}
		}
		if barred != nil {
			return Change{}, barred
		}
		if in.Busy && a.points > 0 {
			return Change{}, errBusy
		}
		if err := a.check(in, now); err != nil {
			return Change{}, err
		}
		return s.newCoupon(a, o, in, again)
	})
	return st, earlier, err
}

// newCoupon is everything the first commit writes.
func (s *Service) newCoupon(a asking, o Opening, in Intake, again *State) (Change, error) {
	c, err := a.coupon(in, o.Now)
	if err != nil {
		return Change{}, err
	}
	c.Status, c.Campaign, c.Points = domain.Pending, a.campaign, a.points
	c.CustomerID, c.ShopifyCustomerGID = in.Customer.ID, in.Customer.ShopifyCustomerGID
	c.CreatedAt, c.LeaseUntil = o.Now, o.Now.Add(s.Timing.Lease)
	if c.Code, err = s.draw(c); err != nil {
		return Change{}, err
	}
	ch := Change{Coupon: c, Request: &Request{Key: o.Request, At: o.Now, Proof: o.Proof}}
	if again != nil {
		ch.Request.ID = again.RequestID
	}
	started := domain.EntryOf(c, a.attempt.Caller, a.started, "", o.Now, worth(c)...)
	if !c.Free() {
		take, err := s.intend(domain.Take, c, o.Now)
		if err != nil {
			return Change{}, err
		}
		ch.Movements = []domain.Movement{take}
		started.Detail["reference"] = take.Reference
	}
	ch.Audit = []domain.AuditEntry{started}
	return ch, nil
}

// draw draws a code of the coupon's campaign. A coupon of a campaign's comes with what the code begins with.
func (s *Service) draw(c domain.Coupon) (string, error) {
	if c.OfPoints() {
		return domain.NewCode(s.Random, c.CustomerID, c.Amount)
	}
	return domain.NewCampaignCode(s.Random, c.Code)
}

// worth is what the audit says of what a coupon costs and takes off.
func worth(c domain.Coupon) []any {
	switch {
	case c.OfPoints():
		return []any{"points", c.Points, "amount", c.Amount.Minor, "rate", c.Rate.String()}
	case c.Percent > 0:
		return []any{"campaign", c.Campaign, "points", c.Points, "percent", c.Percent}
	default:
		return []any{"campaign", c.Campaign, "points", c.Points, "amount", c.Amount.Minor}
	}
}
