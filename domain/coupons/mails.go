package coupons

import (
	"context"
	"fmt"

	"pointbridge/domain"
)

// SendMail sends one mail about a coupon, unless it has become untrue since it was asked for, or the customer has no
// address. Errors: coupon_not_found; a *domain.UpstreamError.
func (s *Service) SendMail(ctx context.Context, couponID int64, kind domain.MailKind, step int) error {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil {
		return err
	}
	c := st.Coupon
	if c.StatusAt(s.Clock.Now()) != statusOf(kind) {
		return nil
	}
	customer, err := s.Catalogue.Customer(ctx, c.CustomerID)
	if err != nil {
		return err
	}
	if customer.Email == "" {
		return nil
	}
	balance, err := s.balanceAfter(ctx, c, kind)
	if err != nil {
		return err
	}
	_, err = act(ctx, s, "mail.send", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Mailer.Send(ctx, Mail{
			Kind: kind, EventID: fmt.Sprintf("%s-%d-%d", kind, c.ID, step), To: customer.Email, Name: customer.Name,
			Locale: customer.Locale, Code: c.Code, Points: c.Points, Amount: c.Amount, IssuedAt: c.CreatedAt,
			ExpiresAt: c.ExpiresAt, DaysLeft: step, ApplyURL: s.ApplyURL + c.Code,
			Balance: balance, Replaces: c.ReissuedFrom, Order: c.UsedOrder,
		})
	})
	return err
}

// statusOf is what a coupon must still be for a mail to be true.
func statusOf(kind domain.MailKind) domain.Status {
	switch kind {
	case domain.MailCancelled:
		return domain.Cancelled
	case domain.MailGranted:
		return domain.Used
	case domain.MailIssued, domain.MailReminder, domain.MailReissued:
	}
	return domain.Active
}

// balanceAfter reads the balance that a mail about returned points tells: the till's own figure now, because other sales
// may have come between. Errors: a *domain.UpstreamError; the mail then waits.
func (s *Service) balanceAfter(ctx context.Context, c domain.Coupon, kind domain.MailKind) (*int64, error) {
	if kind != domain.MailCancelled && kind != domain.MailGranted {
		return nil, nil
	}
	balance, err := act(ctx, s, "pos.balance", func(ctx context.Context) (Balance, error) {
		return s.Ledger.Balance(ctx, c.CustomerID)
	})
	return &balance.Points, err
}
