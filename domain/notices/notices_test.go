package notices_test

import (
	"context"
	"log/slog"
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
	// refusal is how the mail server answers; nil for taking the mail.
	refusal error
	log     couponstest.MailLog
	// moves are the movements of the coupon.
	moves []domain.Movement
}

func (d *desk) Load(context.Context, int64) (coupons.State, error) {
	return coupons.State{Coupon: d.coupon, Movements: d.moves}, nil
}

func (d *desk) Customer(context.Context, string) (domain.Customer, error) { return d.member, nil }

func (d *desk) Balance(context.Context, string) (coupons.Balance, error) {
	return coupons.Balance{Points: 1050}, d.away
}

func (d *desk) Send(_ context.Context, m notices.Mail) (notices.Receipt, error) {
	d.sent = append(d.sent, m)
	return notices.Receipt{Reply: 250, QueueID: "4XyZ"}, d.refusal
}

func (d *desk) Step(_ context.Context, name, outcome string, _ time.Duration) {
	d.acts = append(d.acts, name+" "+outcome)
}

func open(status domain.Status) (*desk, *notices.Service) {
	clock := couponstest.NewClock()
	d := &desk{member: domain.Customer{ID: "8812370934", Email: "taro@example.com", Locale: "ja"}}
	d.coupon = domain.Coupon{ID: 7, Code: "70934-AB72CD-500", CustomerID: "8812370934", Status: status, Points: 500,
		CreatedAt: clock.Now(), ExpiresAt: clock.Now().Add(time.Hour)}
	return d, &notices.Service{Coupons: d, Members: d, POS: d, Mailer: d, Log: &d.log,
		Logger: slog.New(slog.DiscardHandler), Clock: clock, Observer: d,
		ApplyURL: "https://shop.example/discount/"}
}

func TestAMailIsSentOnlyWhileItIsTrue(t *testing.T) {
	t.Parallel()
	trueWhile := map[domain.MailKind]domain.Status{domain.MailIssued: domain.Active, domain.MailReminder: domain.Active,
		domain.MailReissued: domain.Active, domain.MailCancelled: domain.Cancelled, domain.MailGranted: domain.Used,
		domain.MailHeld: domain.Suspended, domain.MailForfeited: domain.Forfeited}
	for kind, needs := range trueWhile {
		for _, status := range domain.Statuses() {
			d, s := open(status)
			if err := s.SendMail(t.Context(), 7, kind, 0, ""); err != nil {
				t.Fatal(err)
			}
			if (len(d.sent) == 1) != (status == needs) {
				t.Errorf("%s of a coupon that is %s: %d mails", kind, status, len(d.sent))
			}
		}
	}
	d, s := open(domain.Active)
	d.coupon.ExpiresAt = s.Clock.Now()
	if err := s.SendMail(t.Context(), 7, domain.MailReminder, 1, ""); err != nil || len(d.sent) != 0 {
		t.Errorf("a coupon that has just ended: %d mails, %v", len(d.sent), err)
	}
}

func TestWhoHasNoAddressGetsNoMail(t *testing.T) {
	t.Parallel()
	d, s := open(domain.Cancelled)
	d.member.Email = ""
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0, ""); err != nil || len(d.sent) != 0 || len(d.acts) != 0 {
		t.Errorf("%d mails, acts %v, %v", len(d.sent), d.acts, err)
	}
}

func TestAMailAboutReturnedPointsWaitsForThePOSsOwnFigure(t *testing.T) {
	t.Parallel()
	d, s := open(domain.Cancelled)
	d.away = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "balance"}
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0, ""); domain.KindOf(err) != domain.KindUnavailable ||
		len(d.sent) != 0 {
		t.Fatalf("%d mails, %v", len(d.sent), err)
	}
	d.away = nil
	if err := s.SendMail(t.Context(), 7, domain.MailCancelled, 0, ""); err != nil || len(d.sent) != 1 {
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

func TestTheLogSaysWhatBecameOfAMail(t *testing.T) {
	t.Parallel()
	refused := func(kind domain.Kind, reason string) error {
		return &domain.UpstreamError{Kind: kind, Upstream: "mail", Act: "send", Reason: reason}
	}
	for name, c := range map[string]struct {
		change func(*desk)
		state  notices.State
		reason string
	}{
		"taken":           {func(*desk) {}, notices.Sent, ""},
		"refused":         {func(d *desk) { d.refusal = refused(domain.KindRefused, "smtp_550") }, notices.Refused, "smtp_550"},
		"not now":         {func(d *desk) { d.refusal = refused(domain.KindUnavailable, "smtp_451") }, notices.Unavailable, "smtp_451"},
		"answer lost":     {func(d *desk) { d.refusal = refused(domain.KindUnknown, "") }, notices.Unknown, ""},
		"no address":      {func(d *desk) { d.member.Email = "" }, notices.NotSent, notices.ReasonNoAddress},
		"not true":        {func(d *desk) { d.coupon.Status = domain.Used }, notices.NotSent, notices.ReasonUntrue},
		"the POS is away": {func(d *desk) { d.coupon.Status, d.away = domain.Cancelled, refused(domain.KindUnavailable, "") }, "", ""},
	} {
		d, s := open(domain.Active)
		c.change(d)
		kind := domain.MailIssued
		if d.away != nil {
			kind = domain.MailCancelled
		}
		err := s.SendMail(t.Context(), 7, kind, 0, "")
		if c.state == "" {
			if len(d.log.Entries) != 0 || err == nil {
				t.Errorf("%s: written %v, %v", name, d.log.Entries, err)
			}
			continue
		}
		if len(d.log.Entries) != 1 {
			t.Errorf("%s: %d entries", name, len(d.log.Entries))
			continue
		}
		e := d.log.Entries[0]
		if e.State != c.state || e.Reason != c.reason || (e.Address == "") != (d.member.Email == "" || c.reason == notices.ReasonUntrue) ||
			(c.state == notices.Sent) != (e.QueueID == "4XyZ" && err == nil && e.Reply == 250) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestAMailThatIsGoneDoesNotGoAgainBecauseOfTheLog(t *testing.T) {
	t.Parallel()
	d, s := open(domain.Active)
	d.log.Broken = domain.ErrUnavailable
	if err := s.SendMail(t.Context(), 7, domain.MailIssued, 0, ""); err == nil || len(d.sent) != 0 {
		t.Fatalf("what cannot be written down first is not sent: %d mails, %v", len(d.sent), err)
	}
	d.log.Broken = nil
	s.Mailer = breaking{d}
	if err := s.SendMail(t.Context(), 7, domain.MailIssued, 0, ""); err != nil || len(d.sent) != 1 {
		t.Fatalf("what cannot be written down afterwards is sent: %d mails, %v", len(d.sent), err)
	}
	d.log.Broken, s.Mailer = nil, d
	d.log.Entries[0].State = notices.Sent
	if err := s.SendMail(t.Context(), 7, domain.MailIssued, 0, ""); err != nil || len(d.sent) != 1 {
		t.Fatalf("the job once more: %d mails, %v", len(d.sent), err)
	}
	if err := s.SendMail(t.Context(), 7, domain.MailIssued, 0, "k1"); err != nil || len(d.sent) != 2 ||
		d.sent[1].EventID != "issued-7-0-k1" {
		t.Fatalf("a person asked for it: %d mails, %v", len(d.sent), err)
	}
}

// breaking is a mail server after whose answer the log breaks.
type breaking struct{ *desk }

func (b breaking) Send(ctx context.Context, m notices.Mail) (notices.Receipt, error) {
	b.log.Broken = domain.ErrUnavailable
	return b.desk.Send(ctx, m)
}

func TestAPersonLetsOnlyTheMailThatIsTrueGoOnceMore(t *testing.T) {
	t.Parallel()
	granted := []domain.Movement{{Kind: domain.Grant, State: domain.MovementApplied}}
	for name, c := range map[string]struct {
		coupon domain.Coupon
		moves  []domain.Movement
		want   domain.MailKind
	}{
		"active":       {domain.Coupon{Status: domain.Active}, nil, domain.MailIssued},
		"active again": {domain.Coupon{Status: domain.Active, ReissuedFrom: "x"}, nil, domain.MailReissued},
		"cancelled":    {domain.Coupon{Status: domain.Cancelled}, nil, domain.MailCancelled},
		"held":         {domain.Coupon{Status: domain.Suspended}, nil, domain.MailHeld},
		"forfeited":    {domain.Coupon{Status: domain.Forfeited}, nil, domain.MailForfeited},
		"used":         {domain.Coupon{Status: domain.Used}, nil, ""},
		"granted":      {domain.Coupon{Status: domain.Used}, granted, domain.MailGranted},
		"cancelling":   {domain.Coupon{Status: domain.Cancelling}, nil, ""},
	} {
		d, s := open(domain.Active)
		c.coupon.ID, c.coupon.ExpiresAt = 7, d.coupon.ExpiresAt
		st := coupons.State{Coupon: c.coupon, Movements: c.moves}
		err := s.SendAgain(t.Context(), notices.Again{Caller: domain.Caller{ID: "staff:1", Name: "Sato"}, State: st, Key: "k1"})
		if c.want == "" {
			if domain.CodeOf(err) != domain.CodeMailNotSendable || len(d.log.Entries) != 0 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(d.log.Jobs) != 1 || d.log.Jobs[0].Mail != c.want || d.log.Jobs[0].Ref != "k1" ||
			d.log.Entries[0].AskedBy != "Sato" || d.log.Audit[0].Action != domain.ActionMailAgain {
			t.Errorf("%s: %+v, %v", name, d.log.Jobs, err)
		}
	}
	d, s := open(domain.Active)
	d.member.Email = ""
	if err := s.SendAgain(t.Context(), notices.Again{State: coupons.State{Coupon: d.coupon}, Key: "k"}); domain.CodeOf(err) !=
		domain.CodeMailNotSendable {
		t.Errorf("without an address: %v", err)
	}
}

func TestWhatTheQueueKnowsStandsBesideWhatIsWritten(t *testing.T) {
	t.Parallel()
	entry := func(state notices.State) []notices.Entry {
		return []notices.Entry{{Kind: domain.MailIssued, State: state}}
	}
	queue := func(state domain.MailProgress) []domain.MailState {
		return []domain.MailState{{Mail: domain.MailIssued, State: state}}
	}
	for name, c := range map[string]struct {
		entries []notices.Entry
		queued  []domain.MailState
		want    notices.State
	}{
		"only in the queue":           {nil, queue(domain.MailWaiting), notices.Waiting},
		"done before there was a log": {nil, queue(domain.MailDone), notices.Sent},
		"tried again":                 {entry(notices.Unavailable), queue(domain.MailWaiting), notices.Unavailable},
		"tried no more":               {entry(notices.Unavailable), queue(domain.MailGivenUp), notices.GivenUp},
		"forgotten by the queue":      {entry(notices.Unavailable), nil, notices.GivenUp},
		"on its way":                  {entry(notices.Sending), queue(domain.MailWaiting), notices.Sending},
		"nobody knows":                {entry(notices.Sending), nil, notices.Unknown},
		"sent":                        {entry(notices.Sent), queue(domain.MailGivenUp), notices.Sent},
	} {
		got := notices.Merged(c.entries, c.queued)
		if len(got) != 1 || got[0].State != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
