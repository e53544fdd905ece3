package notices_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/notices"
)

// desk is everything that notices ask: one coupon of one member, the POS and the mail server.
type desk struct {
	coupon domain.Coupon
	member domain.Customer
	// away is how the POS answers; nil for the balance.
	away error
	sent []notices.Mail
	acts []string
}

func (d *desk) Load(context.Context, int64) (coupons.State, error) {
	return coupons.State{Coupon: d.coupon}, nil
}

func (d *desk) Customer(context.Context, string) (domain.Customer, error) { return d.member, nil }

func (d *desk) Balance(context.Context, string) (coupons.Balance, error) {
	return coupons.Balance{Points: 1050}, d.away
}

func (d *desk) Send(_ context.Context, m notices.Mail) error {
	d.sent = append(d.sent, m)
	return nil
}

func (d *desk) Step(_ context.Context, name, outcome string, _ time.Duration) {
	d.acts = append(d.acts, name+" "+outcome)
}

func open(status domain.Status) (*desk, *notices.Service) {
	clock := couponstest.NewClock()
	d := &desk{member: domain.Customer{ID: "8812370934", Email: "taro@example.com", Locale: "ja"}}
	d.coupon = domain.Coupon{ID: 7, Code: "70934-AB72CD-500", CustomerID: "8812370934", Status: status, Points: 500,
		CreatedAt: clock.Now(), ExpiresAt: clock.Now().Add(time.Hour)}
	return d, &notices.Service{Coupons: d, Members: d, POS: d, Mailer: d, Clock: clock, Observer: d,
		ApplyURL: "https://shop.example/discount/"}
}

func TestAMailIsSentOnlyWhileItIsTrue(t *testing.T) {
	t.Parallel()
	trueWhile := map[domain.MailKind]domain.Status{domain.MailIssued: domain.Active, domain.MailReminder: domain.Active,
		domain.MailReissued: domain.Active, domain.MailCancelled: domain.Cancelled, domain.MailGranted: domain.Used}
	for kind, needs := range trueWhile {
		for _, status := range domain.Statuses() {
			d, s := open(status)
			if err := s.SendMail(t.Context(), 7, kind, 0); err != nil {
				t.Fatal(err)
			}
			if (len(d.sent) == 1) != (status == needs) {
				t.Errorf("%s of a coupon that is %s: %d mails", kind, status, len(d.sent))
			}
		}
	}
	d, s := open(domain.Active)
	d.coupon.ExpiresAt = s.Clock.Now()
	if err := s.SendMail(t.Context(), 7, domain.MailReminder, 1); err != nil || len(d.sent) != 0 {
		t.Errorf("a coupon that has just ended: %d mails, %v", len(d.sent), err)
	}
}

func TestWhoHasNoAddressGetsNoMail(t *testing.T) {
	t.Parallel()
	d, s := open(domain.Cancelled)
	d.member.Email = ""
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0); err != nil || len(d.sent) != 0 || len(d.acts) != 0 {
		t.Errorf("%d mails, acts %v, %v", len(d.sent), d.acts, err)
	}
}

func TestAMailAboutReturnedPointsWaitsForThePOSsOwnFigure(t *testing.T) {
	t.Parallel()
	d, s := open(domain.Cancelled)
	d.away = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "balance"}
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0); domain.KindOf(err) != domain.KindUnavailable ||
		len(d.sent) != 0 {
		t.Fatalf("%d mails, %v", len(d.sent), err)
	}
	d.away = nil
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0); err != nil || len(d.sent) != 1 {
		t.Fatalf("%d mails, %v", len(d.sent), err)
	}
	m := d.sent[0]
	if m.Balance == nil || *m.Balance != 1050 || m.EventID != "cancelled-7-0" ||
		m.ApplyURL != "https://shop.example/discount/70934-AB72CD-500" {
		t.Errorf("balance %v, event %s, %s", m.Balance, m.EventID, m.ApplyURL)
	}
	if last := d.acts[len(d.acts)-1]; last != "mail.send done" {
		t.Errorf("the last act is %q", last)
	}
}
