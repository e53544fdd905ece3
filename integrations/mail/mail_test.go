package mail_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/mail"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/mailbox"
	"pointbridge/templates"
)

func start(t *testing.T, zone string) (*mail.Mailer, *mailbox.Server, *sim.Faults) {
	t.Helper()
	faults := &sim.Faults{}
	box, err := mailbox.New(mailbox.Config{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = box.Serve(l) }()
	t.Cleanup(func() { _ = box.Close() })
	return mailer(t, l.Addr().String(), zone), box, faults
}

func mailer(t *testing.T, address, zone string) *mail.Mailer {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.New(mail.Config{Host: host, Port: n, TLS: "none", From: "shop@example.com", Timeout: 5 * time.Second, ShopName: "さくら商店",
		Footer: "Questions? Write to us.", Locale: "ja", Zone: location})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func issued(locale string) coupons.Mail {
	return coupons.Mail{Kind: domain.MailIssued, EventID: "issued-1-0", To: "Taro.Yamada+shop@example.com", Name: "山田太郎", Locale: locale, Code: "70934-AB72CD-500",
		Points: 500, Amount: domain.Money{Minor: 500, Currency: "JPY"}, IssuedAt: time.Date(2026, 1, 20, 15, 0, 0, 0, time.UTC),
		ExpiresAt: time.Date(2027, 1, 20, 15, 0, 0, 0, time.UTC), DaysLeft: 7, ApplyURL: "https://shop.example/discount/70934-AB72CD-500"}
}

func TestMails(t *testing.T) {
	t.Parallel()
	for _, locale := range templates.Locales() {
		for _, kind := range []domain.MailKind{domain.MailIssued, domain.MailReminder} {
			t.Run("001-42 002-17 "+string(kind)+" in "+locale, func(t *testing.T) {
				t.Parallel()
				m, box, _ := start(t, "Asia/Tokyo")
				what := issued(locale)
				what.Kind = kind
				if err := m.Send(t.Context(), what); err != nil {
					t.Fatal(err)
				}
				got := box.Messages()[0]
				amount := map[string]string{"ja": "500円", "en": "¥500"}[locale]
				for _, part := range []string{got.Text, got.HTML} {
					for _, want := range []string{what.Name, what.Code, amount, what.ApplyURL, "さくら商店", "Questions?"} {
						if !strings.Contains(part, want) {
							t.Errorf("%q is missing in %s", want, part)
						}
					}
					if strings.Contains(part, "no value") || strings.Contains(part, "{{") {
						t.Errorf("a gap in %s", part)
					}
				}
				if got.Subject == "" || got.To != what.To {
					t.Errorf("T-07 subject %q to %q", got.Subject, got.To)
				}
			})
		}
	}
	t.Run("001-37 the steps to use it", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, "Asia/Tokyo")
		if err := m.Send(t.Context(), issued("en")); err != nil {
			t.Fatal(err)
		}
		if text := box.Messages()[0].Text; !strings.Contains(text, "1. Open this link") || !strings.Contains(text, "discount code field") {
			t.Fatal(text)
		}
	})
	t.Run("T-09 the end is told in the shop's zone, as the last moment at which the code works", func(t *testing.T) {
		t.Parallel()
		for zone, want := range map[string]string{"Asia/Tokyo": "January 20, 2027, 23:59 JST", "America/New_York": "January 20, 2027, 09:59 EST"} {
			m, box, _ := start(t, zone)
			if err := m.Send(t.Context(), issued("en")); err != nil {
				t.Fatal(err)
			}
			if text := box.Messages()[0].Text; !strings.Contains(text, want) {
				t.Errorf("%s: %s", zone, text)
			}
		}
	})
	t.Run("names can do no harm", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, "Asia/Tokyo")
		what := issued("ja")
		what.Name = "<script>alert(1)</script>\r\nBcc: everybody@example.com"
		if err := m.Send(t.Context(), what); err != nil {
			t.Fatal(err)
		}
		got := box.Messages()[0]
		if strings.Contains(got.HTML, "<script>") || strings.Contains(got.Subject, "Bcc") || got.To != what.To {
			t.Fatalf("%+v", got)
		}
	})
	t.Run("the same event has the same Message-ID, another has another", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, "Asia/Tokyo")
		other := issued("ja")
		other.EventID = "issued-2-0"
		for _, what := range []coupons.Mail{issued("ja"), issued("ja"), other} {
			if err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
		}
		got := box.Messages()
		if got[2].MessageID != got[1].MessageID || got[1].MessageID == got[0].MessageID || got[0].MessageID == "" {
			t.Fatalf("%q %q %q", got[2].MessageID, got[1].MessageID, got[0].MessageID)
		}
	})
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule sim.Rule
		want domain.Kind
		kept int
	}{
		"refused for now":        {sim.Rule{Act: "mail.rcpt", Mode: sim.Status, Code: 451}, domain.KindUnavailable, 0},
		"refused for good":       {sim.Rule{Act: "mail.rcpt", Mode: sim.Refuse, Code: 550}, domain.KindRefused, 0},
		"taken, the answer lost": {sim.Rule{Act: "mail.data", Mode: sim.LoseAnswer}, domain.KindUnknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, box, faults := start(t, "Asia/Tokyo")
			faults.Add(c.rule)
			err := m.Send(t.Context(), issued("ja"))
			if err == nil || domain.KindOf(err) != c.want || len(box.Messages()) != c.kept {
				t.Fatalf("%v, %d mails", err, len(box.Messages()))
			}
			if strings.Contains(err.Error(), "example.com") {
				t.Fatalf("an address stands in %v", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if err := mailer(t, l.Addr().String(), "Asia/Tokyo").Send(t.Context(), issued("ja")); domain.KindOf(err) != domain.KindUnavailable {
			t.Fatal(err)
		}
	})
	t.Run("a mail without a text is refused, not half sent", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, "Asia/Tokyo")
		what := issued("ja")
		what.Kind = domain.MailCancelled
		if err := m.Send(t.Context(), what); domain.KindOf(err) != domain.KindRefused || len(box.Messages()) != 0 {
			t.Fatal(err)
		}
	})
}
