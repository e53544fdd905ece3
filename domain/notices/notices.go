// Package notices says what mails about a coupon tell, and leaves out what has become untrue before it was sent.
package notices

import (
	"context"
	"fmt"
	"log/slog"
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
	Send(ctx context.Context, m Mail) (Receipt, error)
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
	// Undone says that the customer took the coupon back themselves.
	Undone bool
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
	Coupons Coupons
	Members Members
	POS     POS
	Mailer  Mailer
	// Log is told of every mail.
	Log    Log
	Logger *slog.Logger
	// Keep is how long the log is kept.
	Keep     time.Duration
	Clock    domain.Clock
	Observer domain.StepObserver
	// ApplyURL is the address before the code that applies it to a cart: https://shop.example/discount/.
	ApplyURL string
}

// SendMail sends one mail about a coupon, unless it has become untrue since it was asked for, or the customer has no
// address. again names the request of a person for it; empty for a mail that follows from a state. What is written of a
// mail before it is sent has to be written; what is written of it afterwards has not: a mail that is gone does not go
// again because nobody could write it down. Errors: coupon_not_found; a *domain.UpstreamError.
func (s *Service) SendMail(ctx context.Context, couponID int64, kind domain.MailKind, step int, again string) error {
	st, err := s.Coupons.Load(ctx, couponID)
	if err != nil {
		return err
	}
	c := st.Coupon
	e := Entry{Event: eventOf(kind, c.ID, step, again), CouponID: c.ID, Kind: kind, Step: step, Again: again}
	if c.StatusAt(s.Clock.Now()) != statusOf(kind) {
		return s.notSent(ctx, e, ReasonUntrue)
	}
	customer, err := s.Members.Customer(ctx, c.CustomerID)
	if err != nil {
		return err
	}
	if e.Address = customer.Email; e.Address == "" {
		return s.notSent(ctx, e, ReasonNoAddress)
	}
	balance, err := s.balanceAfter(ctx, c, kind)
	if err != nil {
		return err
	}
	if sent, err := s.note(ctx, e, Sending); sent || err != nil {
		return err
	}
	receipt, err := domain.Timed(ctx, s.Clock, s.Observer, "mail.send", func(ctx context.Context) (Receipt, error) {
		return s.Mailer.Send(ctx, Mail{
			Kind: kind, EventID: e.Event, To: customer.Email, Name: customer.Name,
			Locale: customer.Locale, Code: c.Code, Points: c.Points, Amount: c.Amount, Percent: c.Percent, IssuedAt: c.CreatedAt,
			ExpiresAt: c.ExpiresAt, DaysLeft: step, ApplyURL: s.ApplyURL + c.Code,
			Balance: balance, Replaces: c.ReissuedFrom, Order: c.UsedOrder, Undone: c.Reason == domain.ReasonUndone,
		})
	})
	e.Reply, e.QueueID, e.Reason = receipt.Reply, receipt.QueueID, domain.ReasonOf(err)
	if _, failed := s.note(context.WithoutCancel(ctx), e, stateAfter(err)); failed != nil {
		s.Logger.WarnContext(ctx, "how a mail ended was not written down", "coupon_id", c.ID, "error", failed)
	}
	return err
}

// eventOf names a mail once and for all.
func eventOf(kind domain.MailKind, couponID int64, step int, again string) string {
	event := fmt.Sprintf("%s-%d-%d", kind, couponID, step)
	if again != "" {
		event += "-" + again
	}
	return event
}

func (s *Service) notSent(ctx context.Context, e Entry, why string) error {
	e.Reason = why
	_, err := s.note(ctx, e, NotSent)
	return err
}

func (s *Service) note(ctx context.Context, e Entry, state State) (sent bool, err error) {
	e.State, e.ChangedAt = state, s.Clock.Now()
	return s.Log.Note(ctx, e)
}

// stateAfter is what is known of a mail after one attempt.
func stateAfter(err error) State {
	if err == nil {
		return Sent
	}
	switch domain.KindOf(err) {
	case domain.KindRefused, domain.KindNotFound:
		return Refused
	case domain.KindAuth, domain.KindThrottled, domain.KindUnavailable:
		return Unavailable
	case domain.KindUnknown:
	}
	return Unknown
}

// Forget removes what has been kept for long enough.
func (s *Service) Forget(ctx context.Context) error {
	_, err := s.Log.Forget(ctx, s.Clock.Now().Add(-s.Keep))
	return err
}

// statusOf is what a coupon must still be for a mail to be true.
func statusOf(kind domain.MailKind) domain.Status {
	switch kind {
	case domain.MailCancelled:
		return domain.Cancelled
	case domain.MailGranted:
		return domain.Used
	case domain.MailHeld:
		return domain.Suspended
	case domain.MailForfeited:
		return domain.Forfeited
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
