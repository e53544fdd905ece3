// Package notices says what mails about a coupon tell, and leaves out what has become untrue before it was sent.
package notices

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Coupons reads coupons.
type Coupons interface {
	// Load reads a coupon. Errors: coupon_not_found.
	Load(ctx context.Context, couponID int64) (coupons.State, error)
}

// Members reads members.
type Members interface {
	// Customer reads a member. Errors: customer_not_found.
	Customer(ctx context.Context, id string) (domain.Customer, error)
}

// POS reads balances: the figure that the POS has now. Errors: a *domain.UpstreamError.
type POS interface {
	Balance(ctx context.Context, customerID string) (coupons.Balance, error)
}

// Mailer sends one mail: nil when the mail server took it, else a *domain.UpstreamError.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Mail is what a mail has to say; words and layout are the templates'.
type Mail struct {
	Kind domain.MailKind
	// EventID names the event once and for all: the same event sent twice carries the same Message-ID.
	EventID string
	To      string
	Name    string
	Locale  string // "ja", "en", or "" for the shop's
	Code    string
	// Replaces is the code that this one stands for after a reissue; Order is the order that the coupon was used in.
	Replaces string
	Order    string
	Points   int64
	Amount   domain.Money
	// Percent is what the coupon takes off in basis points, where it has no amount.
	Percent   int64
	IssuedAt  time.Time
	ExpiresAt time.Time
	DaysLeft  int
	ApplyURL  string
	// Balance is the POS balance read after a refund; nil when the mail does not tell it.
	Balance *int64
}

// Service tells members of their coupons. Its fields are set once, before the first call.
type Service struct {
	Coupons  Coupons
	Members  Members
	POS      POS
	Mailer   Mailer
	Clock    domain.Clock
	Observer domain.StepObserver
	// ApplyURL is the address before the code that applies it to a cart: https://shop.example/discount/.
	ApplyURL string
}

// SendMail sends one mail about a coupon, unless it has become untrue since it was asked for, or the customer has no
// address. Errors: coupon_not_found; a *domain.UpstreamError.
func (s *Service) SendMail(ctx context.Context, couponID int64, kind domain.MailKind, step int) error {
	st, err := s.Coupons.Load(ctx, couponID)
	if err != nil {
		return err
	}
	c := st.Coupon
	if c.StatusAt(s.Clock.Now()) != statusOf(kind) {
		return nil
	}
	customer, err := s.Members.Customer(ctx, c.CustomerID)
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
	_, err = domain.Timed(ctx, s.Clock, s.Observer, "mail.send", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Mailer.Send(ctx, Mail{
			Kind: kind, EventID: fmt.Sprintf("%s-%d-%d", kind, c.ID, step), To: customer.Email, Name: customer.Name,
			Locale: customer.Locale, Code: c.Code, Points: c.Points, Amount: c.Amount, Percent: c.Percent, IssuedAt: c.CreatedAt,
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

// balanceAfter reads the balance that a mail about returned points tells: the POS's own figure now, because other sales
// may have come between. Errors: a *domain.UpstreamError; the mail then waits.
func (s *Service) balanceAfter(ctx context.Context, c domain.Coupon, kind domain.MailKind) (*int64, error) {
	if c.Free() || kind != domain.MailCancelled && kind != domain.MailGranted {
		return nil, nil
	}
	balance, err := domain.Timed(ctx, s.Clock, s.Observer, "pos.balance",
		func(ctx context.Context) (coupons.Balance, error) {
			return s.POS.Balance(ctx, c.CustomerID)
		})
	return &balance.Points, err
}
