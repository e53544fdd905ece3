package coupons

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// Points returns the live balance and the rules. The balance is the POS's, read now; nothing here is remembered.
// Errors: customer_not_found, upstream_unavailable.
func (s *Service) Points(ctx context.Context, customerID string) (Points, error) {
	customer, err := s.member(ctx, customerID)
	if err != nil {
		return Points{}, err
	}
	now := s.Clock.Now()
	spent, err := s.Members.SpentSince(ctx, customerID, s.Policy.DayStart(now))
	if err != nil {
		return Points{}, err
	}
	balance, err := s.balance(ctx, customerID)
	if err != nil {
		return Points{}, err
	}
	return Points{CustomerID: customerID, Balance: balance.Points, AsOf: balance.AsOf, Unit: s.Policy.Unit,
		Minimum: s.Policy.Minimum, DailyLimit: s.Policy.DailyLimit, DailyRemaining: s.Policy.Remaining(spent),
		Rate: s.Policy.RateFor(customer.Rank, now), Currency: s.Policy.Currency}, nil
}

// Quote returns the coupon that a conversion of these points would make now. It reads and moves nothing. Errors: those
// of Convert that can be known beforehand.
func (s *Service) Quote(ctx context.Context, by domain.Caller, customerID string, points int64) (Quote, error) {
	if err := s.Policy.checkPoints(points); err != nil {
		return Quote{}, err
	}
	customer, err := s.member(ctx, customerID)
	if err != nil {
		return Quote{}, err
	}
	now := s.Clock.Now()
	spent, err := s.Members.SpentSince(ctx, customerID, s.Policy.DayStart(now))
	if err != nil {
		return Quote{}, err
	}
	if err := s.Policy.checkCustomer(Intake{Customer: customer, SpentToday: spent}, points, now); err != nil {
		return Quote{}, err
	}
	if s.Guard != nil {
		who := func(context.Context) (domain.Customer, error) { return customer, nil }
		if err := s.Guard.MayIssueCode(ctx, campaigns.Wish{By: by, Campaign: domain.CampaignPoints, Who: who,
			Rehearsal: true}); err != nil {
			return Quote{}, err
		}
	}
	balance, err := s.balance(ctx, customerID)
	if err != nil {
		return Quote{}, err
	}
	if balance.Points < points {
		return Quote{}, domain.Refuse(domain.CodeInsufficientPoints, "balance", balance.Points, "required", points)
	}
	rate := s.Policy.RateFor(customer.Rank, now)
	amount, err := rate.Amount(points, s.Policy.Currency)
	if err != nil {
		return Quote{}, domain.Refuse(domain.CodeValidation, "field", "points")
	}
	return Quote{Points: points, Amount: amount, Rate: rate, ExpiresAt: s.Policy.ExpiresAt(now),
		Balance: balance.Points, AsOf: balance.AsOf}, nil
}

// member reads a member. The POS is not asked about somebody who is none. Errors: customer_not_found.
func (s *Service) member(ctx context.Context, id string) (domain.Customer, error) {
	customer, err := s.Members.Customer(ctx, id)
	if err == nil && !customer.Member() {
		return customer, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return customer, err
}

func (s *Service) balance(ctx context.Context, customerID string) (Balance, error) {
	balance, err := act(ctx, s, "pos.balance", func(ctx context.Context) (Balance, error) {
		return s.Ledger.Balance(ctx, customerID)
	})
	if err == nil {
		return balance, nil
	}
	if domain.ReasonOf(err) == domain.ReasonCustomerNotFound {
		return Balance{}, &domain.Error{Code: domain.CodeCustomerNotFound, Err: err}
	}
	return Balance{}, &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: domain.RetryAfterOf(err),
		Err: err}
}
