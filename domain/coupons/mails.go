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
	if c.StatusAt(s.Clock.Now()) != domain.Active {
		return nil
	}
	customer, err := s.Catalogue.Customer(ctx, c.CustomerID)
	if err != nil {
		return err
	}
	if customer.Email == "" {
		return nil
	}
	_, err = act(ctx, s, "mail.send", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Mailer.Send(ctx, Mail{
			Kind: kind, EventID: fmt.Sprintf("%s-%d-%d", kind, c.ID, step), To: customer.Email, Name: customer.Name,
			Locale: customer.Locale, Code: c.Code, Points: c.Points, Amount: c.Amount, IssuedAt: c.CreatedAt,
			ExpiresAt: c.ExpiresAt, DaysLeft: step, ApplyURL: s.ApplyURL + c.Code,
		})
	})
	return err
}
