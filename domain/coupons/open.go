package coupons

import (
	"context"
	"errors"
	"fmt"

	"pointbridge/domain"
)

// open makes the first commit: coupon, code, and the movement it intends. It waits while another movement of the
// customer is open, and draws another code when the drawn one exists. again is the conversion that is being started
// over. Of a commit in doubt it asks until it knows: nothing is said before, and nothing is done twice.
func (s *Service) open(ctx context.Context, c Conversion, again *State) (st State, earlier *Request, err error) {
	doubt := false
	barred := s.mayIssue(ctx, s.Policy.Currency) // asked here, because nobody is asked within a transaction
	if barred == nil && again == nil {
		barred = s.mayConvert(ctx, c)
	}
	for tries := 0; tries < openTries; {
		st, earlier, err = s.tryOpen(ctx, c, again, barred)
		wait := busyWait
		if doubt {
			wait = doubtWait
		}
		switch {
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
	return State{}, nil, fmt.Errorf("open a conversion: %w", err)
}

// mayIssue asks the gate, where there is one.
func (s *Service) mayIssue(ctx context.Context, currency string) error {
	if s.Gate == nil {
		return nil
	}
	return s.Gate.MayIssue(ctx, currency)
}

// mayConvert asks the guard, where there is one, about a request that is new: a repetition is no second attempt.
func (s *Service) mayConvert(ctx context.Context, c Conversion) error {
	if s.Guard == nil {
		return nil
	}
	if _, err := s.Store.FindRequest(ctx, c.request()); err == nil {
		return nil
	}
	return s.Guard.MayConvert(ctx, c.Caller, c.CustomerID, false)
}

// outwaited reports whether the request's patience ended while it was in the database. Whether the commit was made does
// not matter: the same request finds it.
func outwaited(ctx context.Context, err error) bool {
	var refusal *domain.Error
	return err != nil && ctx.Err() != nil && !errors.As(err, &refusal)
}

func (s *Service) tryOpen(ctx context.Context, c Conversion, again *State, barred error) (State, *Request, error) {
	now := s.Clock.Now()
	o := Opening{
		CustomerID: c.CustomerID,
		Request:    c.request(),
		Proof:      c.Proof,
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
		if in.Busy {
			return Change{}, errBusy
		}
		if err := s.Policy.checkCustomer(in, c.Points, now); err != nil {
			return Change{}, err
		}
		return s.newCoupon(c, o, in, again)
	})
	return st, earlier, err
}

// newCoupon is everything the first commit writes.
func (s *Service) newCoupon(c Conversion, o Opening, in Intake, again *State) (Change, error) {
	rate := s.Policy.RateFor(in.Customer.Rank, o.Now)
	amount, err := rate.Amount(c.Points, s.Policy.Currency)
	if err != nil || amount.Minor <= 0 {
		return Change{}, &domain.Error{Code: domain.CodeValidation, Params: map[string]any{"field": "points"}, Err: err}
	}
	code, err := domain.NewCode(s.Random, c.CustomerID, amount)
	if err != nil {
		return Change{}, err
	}
	coupon := domain.Coupon{
		Code: code, Status: domain.Pending, CustomerID: c.CustomerID,
		ShopifyCustomerGID: in.Customer.ShopifyCustomerGID, Points: c.Points, Amount: amount, Rate: rate,
		Rank: in.Customer.Rank, CreatedAt: o.Now, ExpiresAt: s.Policy.ExpiresAt(o.Now),
		LeaseUntil: o.Now.Add(s.Timing.Lease),
	}
	take, err := s.intend(domain.Take, coupon, o.Now)
	if err != nil {
		return Change{}, err
	}
	request := &Request{Key: o.Request, At: o.Now, Proof: o.Proof}
	if again != nil {
		request.ID = again.RequestID
	}
	return Change{
		Coupon: coupon, Movements: []domain.Movement{take}, Request: request,
		Audit: []domain.AuditEntry{domain.EntryOf(coupon, c.Caller, domain.ActionConversionStarted, "", o.Now,
			"points", c.Points, "amount", amount.Minor, "rate", rate.String(), "reference", take.Reference)},
	}, nil
}
