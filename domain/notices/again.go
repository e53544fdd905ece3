package notices

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// A person lets the mail about a coupon go once more: the one that is true of it now.

const (
	// againMost is how many mails of one coupon people let go once more within againWithin.
	againMost   = 3
	againWithin = time.Hour
)

// Again asks for the mail about a coupon once more.
type Again struct {
	Caller domain.Caller
	State  coupons.State
	// Key names the request: the same one twice is one mail.
	Key string
}

// TrueNow is the mail that is true of a coupon now; "" where there is none to send.
func (s *Service) TrueNow(st coupons.State) domain.MailKind {
	c := st.Coupon
	switch c.StatusAt(s.Clock.Now()) {
	case domain.Active:
		if c.ReissuedFrom != "" {
			return domain.MailReissued
		}
		return domain.MailIssued
	case domain.Cancelled:
		return domain.MailCancelled
	case domain.Suspended:
		return domain.MailHeld
	case domain.Forfeited:
		return domain.MailForfeited
	case domain.Used:
		if grant := st.Movement(domain.Grant); grant != nil && grant.State == domain.MovementApplied {
			return domain.MailGranted
		}
	case domain.Pending, domain.Expired, domain.Cancelling, domain.Failed:
	}
	return ""
}

// SendAgain lets the mail that is true of a coupon now go once more, to the address that the member has now. Errors:
// mail_not_sendable, rate_limited.
func (s *Service) SendAgain(ctx context.Context, a Again) error {
	c, now := a.State.Coupon, s.Clock.Now()
	kind := s.TrueNow(a.State)
	if kind == "" {
		return domain.Refuse(domain.CodeMailNotSendable)
	}
	customer, err := s.Members.Customer(ctx, c.CustomerID)
	if err != nil {
		return err
	}
	if customer.Email == "" {
		return domain.Refuse(domain.CodeMailNotSendable)
	}
	e := Entry{Event: eventOf(kind, c.ID, 0, a.Key), CouponID: c.ID, Kind: kind, Again: a.Key, AskedBy: a.Caller.Name,
		Address: customer.Email, State: Waiting, ChangedAt: now}
	return s.Log.Ask(ctx, e, now.Add(-againWithin), againMost,
		domain.Job{Kind: domain.JobMail, CouponID: c.ID, Mail: kind, Ref: a.Key},
		domain.EntryOf(c, a.Caller, domain.ActionMailAgain, c.Status, now, "mail", string(kind)))
}
