package mail_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/integrations/mail"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/mailbox"
	"pointbridge/templates"
	"pointbridge/test/expect"
)

func start(t *testing.T, change func(*mail.Config)) (*mail.Mailer, *mailbox.Server, *sim.Faults) {
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
	return mailer(t, l.Addr().String(), change), box, faults
}

func mailer(t *testing.T, address string, change func(*mail.Config)) *mail.Mailer {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	cfg := mail.Config{Host: host, Port: n, TLS: "none", From: "shop@example.com", Timeout: patience,
		ShopName: "さくら商店", Footer: "Questions? Write to us.", Locale: "ja", Zone: zone(t, "Asia/Tokyo"),
		Clock: func() time.Time { return sentAt }}
	if change != nil {
		change(&cfg)
	}
	m, err := mail.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	// patience is what a mailer has where the server answers: its limit ends a test that would never end.
	patience = 5 * time.Minute
	// longEnough is a limit where it does not, with time for the mail to be on its way.
	longEnough = 3 * time.Second
)

var sentAt = time.Date(2026, 1, 20, 15, 0, 1, 0, time.UTC)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func issued(locale string) notices.Mail {
	return notices.Mail{Kind: domain.MailIssued, EventID: "issued-1-0", To: "Taro.Yamada+shop@example.com",
		Name: "山田太郎", Locale: locale, Code: "70934-AB72CD-500", Points: 500, Amount: domain.Money{Minor: 500,
			Currency: "JPY"}, IssuedAt: time.Date(2026, 1, 20, 15, 0, 0, 0, time.UTC),
		ExpiresAt: time.Date(2027, 1, 20, 15, 0, 0, 0, time.UTC), DaysLeft: 7,
		ApplyURL: "https://shop.example/discount/70934-AB72CD-500"}
}

// covers: 000-06, 001-37, 001-42, 002-17, 004-07, 004-38, 004-39, 004-40, 004-41, 004-42, 004-43, 004-44, 004-45, T-07
// covers: T-09
func TestMails(t *testing.T) {
	t.Parallel()
	for _, locale := range templates.Locales() {
		for _, kind := range []domain.MailKind{domain.MailIssued, domain.MailReminder} {
			t.Run(string(kind)+" in "+locale, func(t *testing.T) {
				t.Parallel()
				m, box, _ := start(t, nil)
				what := issued(locale)
				what.Kind = kind
				if _, err := m.Send(t.Context(), what); err != nil {
					t.Fatal(err)
				}
				got := box.Messages()[0]
				amount := map[string]string{"ja": "500円", "en": "¥500"}[locale]
				for _, part := range []string{got.Text, got.HTML} {
					for _, want := range []string{what.Name, what.Code, amount, what.ApplyURL, "2027", "23:59",
						"さくら商店", "Questions?"} {
						if !strings.Contains(part, want) {
							t.Errorf("%q is missing in %s", want, part)
						}
					}
					if strings.Contains(part, "no value") || strings.Contains(part, "%!") || strings.Contains(part,
						"{{") {
						t.Errorf("a gap in %s", part)
					}
				}
				if got.Subject == "" || got.To != what.To {
					t.Errorf("subject %q to %q", got.Subject, got.To)
				}
			})
		}
	}
	t.Run("a code that replaces a used one", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for locale, subject := range map[string]string{"en": "A new coupon for ¥500 off replaces your used one",
			"ja": "500円引きのクーポンを再発行しました"} {
			what := issued(locale)
			what.Kind, what.EventID, what.Replaces = domain.MailReissued, "reissued-1-"+locale, "70934-ZZZZZZ-500"
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := box.Messages()[0]
			for _, part := range []string{got.Text, got.HTML} {
				for _, text := range []string{"70934-AB72CD-500", "70934-ZZZZZZ-500", what.ApplyURL, "さくら商店",
					"山田太郎"} {
					if !strings.Contains(part, text) {
						t.Errorf("%s: %q is missing in %s", locale, text, part)
					}
				}
			}
			if got.Subject != subject {
				t.Errorf("subject %q", got.Subject)
			}
		}
	})
	t.Run("points that were granted for a used coupon", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for locale, want := range map[string][]string{
			"en": {"Your points are back", "70934-AB72CD-500", "#1001", "500 points", "1,250 points", "さくら商店"},
			"ja": {"ポイントをお戻ししました", "70934-AB72CD-500", "#1001", "500ポイント", "1,250ポイント",
				"さくら商店"},
		} {
			what, balance := issued(locale), int64(1250)
			what.Kind, what.EventID, what.Balance, what.Order = domain.MailGranted, "granted-1-"+
				locale, &balance, "#1001"
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := box.Messages()[0]
			for _, part := range []string{got.Text, got.HTML} {
				for _, text := range want[1:] {
					if !strings.Contains(part, text) {
						t.Errorf("%s: %q is missing in %s", locale, text, part)
					}
				}
				if strings.Contains(part, what.ApplyURL) {
					t.Errorf("%s: a link to a deactivated code in %s", locale, part)
				}
			}
			if got.Subject != want[0] {
				t.Errorf("subject %q", got.Subject)
			}
		}
	})
	t.Run("a cancelled coupon", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for locale, want := range map[string][]string{
			"en": {"Your coupon has been cancelled", "山田太郎", "70934-AB72CD-500", "¥500 off", "January 21, 2026",
				"500 points", "1,250 points", "さくら商店", "Questions? Write to us."},
			"ja": {"クーポンがキャンセルされました", "山田太郎 様", "70934-AB72CD-500", "500円", "2026年1月21日",
				"500ポイント", "1,250ポイント", "さくら商店", "Questions? Write to us."},
		} {
			what, balance := issued(locale), int64(1250)
			what.Kind, what.EventID, what.Balance = domain.MailCancelled, "cancelled-1-"+locale, &balance
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := box.Messages()[0]
			for _, part := range []string{got.Text, got.HTML} {
				for _, text := range want[1:] {
					if !strings.Contains(part, text) {
						t.Errorf("%s: %q is missing in %s", locale, text, part)
					}
				}
				if strings.Contains(part, what.ApplyURL) || strings.Contains(part, "no value") || strings.Contains(part,
					"{{") {
					t.Errorf("%s: a gap, or a link to a deactivated code, in %s", locale, part)
				}
			}
			if got.Subject != want[0] {
				t.Errorf("subject %q", got.Subject)
			}
		}
	})
	t.Run("the steps to use it", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for locale, steps := range map[string][]string{
			"en": {"applied to your cart", "go to the checkout", "discount code field"},
			"ja": {"カートにクーポンが適用", "ご購入手続き", "クーポンコードの入力欄"},
		} {
			if _, err := m.Send(t.Context(), issued(locale)); err != nil {
				t.Fatal(err)
			}
			for _, want := range steps {
				if got := box.Messages()[0]; !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
					t.Errorf("%q is missing in %s", want, locale)
				}
			}
		}
	})
	t.Run("the end is told in the shop's zone, as the last moment at which the code works", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			name, locale, want string
			end                time.Time
		}{
			{"Asia/Tokyo", "en", "January 20, 2027, 23:59 JST", issued("").ExpiresAt},
			{"Asia/Tokyo", "ja", "2027年1月20日 23:59まで", issued("").ExpiresAt},
			{"America/New_York", "en", "January 20, 2027, 09:59 EST", issued("").ExpiresAt},
			{"America/New_York", "en", "July 4, 2026, 23:59 EDT", time.Date(2026, 7, 5, 4, 0, 0, 0, time.UTC)},
			{"America/New_York", "en", "March 8, 2026, 03:00 EDT", time.Date(2026, 3, 8, 7, 0, 30, 0, time.UTC)},
			{"America/New_York", "en", "March 8, 2026, 01:59 EST", time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)},
		} {
			m, box, _ := start(t, func(cfg *mail.Config) { cfg.Zone = zone(t, c.name) })
			what := issued(c.locale)
			what.ExpiresAt = c.end
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := box.Messages()[0]
			expect.That(t, "got.Text to contain c.want", strings.Contains(got.Text, c.want), c.want, got.Text, c)
			expect.That(t, "got.HTML to contain c.want", strings.Contains(got.HTML, c.want), c.want, got.HTML, c)
		}
	})
	t.Run("the customer's language, and the shop's where there is no text in it", func(t *testing.T) {
		t.Parallel()
		for wish, want := range map[string]string{"": "クーポン", "ja": "クーポン", "ja-JP": "クーポン",
			"fr": "クーポン", "en": "Your coupon", "en-GB": "Your coupon", "EN_us": "Your coupon"} {
			m, box, _ := start(t, nil)
			if _, err := m.Send(t.Context(), issued(wish)); err != nil {
				t.Fatal(err)
			}
			if got := box.Messages()[0]; !strings.Contains(got.Subject, want) {
				t.Errorf("%q gets %q", wish, got.Subject)
			}
		}
	})
	t.Run("money has the decimals of its currency", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for currency, want := range map[string]string{"JPY": "¥1,250 off", "USD": "$12.50 off"} {
			what := issued("en")
			what.Amount = domain.Money{Minor: 1250, Currency: currency}
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := box.Messages()[0]
			expect.That(t, "got.Text to contain want", strings.Contains(got.Text, want), currency, want, got.Text)
			expect.That(t, "got.HTML to contain want", strings.Contains(got.HTML, want), currency, want, got.HTML)
			expect.That(t, "got.Subject to contain want", strings.Contains(got.Subject, want), currency, want,
				got.Subject)
		}
	})
	t.Run("the address exactly as the customer gave it", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for _, to := range []string{"a.b+c@gmail.com", "ab@GMail.com", "A.B@Example.COM", "o'neil=x@example.co.jp"} {
			what := issued("ja")
			what.To = to
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			if got := box.Messages()[0]; got.To != to || got.Headers["To"][0] != "<"+to+">" {
				t.Errorf("%q became %q and %q", to, got.To, got.Headers["To"])
			}
		}
	})
	t.Run("dots where carriers allowed them are quoted on the way", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for to, quoted := range map[string]string{"taro..yamada.@docomo.ne.jp": `"taro..yamada."@docomo.ne.jp`,
			".taro@ezweb.ne.jp": `".taro"@ezweb.ne.jp`, `"a..b"@example.com`: `"a..b"@example.com`} {
			what := issued("ja")
			what.To = to
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatalf("%s: %v", to, err)
			}
			if got := box.Messages()[0].Headers["To"][0]; got != "<"+quoted+">" {
				t.Errorf("%s is written as %s", to, got)
			}
		}
	})
	t.Run("a placeholder is no name", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for _, name := range []string{"-", "未入力"} {
			what := issued("ja")
			what.Name = name
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			if got := box.Messages()[0].Text; !strings.HasPrefix(strings.TrimSpace(got), "お客様") {
				t.Errorf("%q is greeted with %q", name, got)
			}
		}
	})
	t.Run("a customer without a name", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for locale, want := range map[string]string{"ja": "お客様\n", "en": "Hello there,\n"} {
			what := issued(locale)
			what.Name = " "
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(box.Messages()[0].Text, "\r\n", "\n")
			expect.That(t, "strings.TrimSpace(got) to begin with want", strings.HasPrefix(strings.TrimSpace(got), want),
				locale, got, want)
		}
	})
	t.Run("headers: sender, date, no answer from machines", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, func(c *mail.Config) { c.ShopName = "Bob \"B\" & Söhne\r\nBcc: x@example.com" })
		if _, err := m.Send(t.Context(), issued("ja")); err != nil {
			t.Fatal(err)
		}
		h := box.Messages()[0].Headers
		expect.MustThat(t, `h["From"][0] to contain "<shop@example.com>"`,
			strings.Contains(h["From"][0], "<shop@example.com>"), h["From"][0], h)
		expect.MustThat(t, `h["From"][0] to contain "Söhne"`, strings.Contains(h["From"][0], "Söhne"), h["From"][0], h)
		expect.MustEqual(t, `len(h["Bcc"])`, len(h["Bcc"]), 0, h)
		expect.MustEqual(t, `h["Auto-Submitted"][0]`, h["Auto-Submitted"][0], "auto-generated", h)
		expect.MustThat(t, `h["Date"][0] to begin with "Tue, 20 Jan 2026 15:00:01"`,
			strings.HasPrefix(h["Date"][0], "Tue, 20 Jan 2026 15:00:01"), h["Date"][0], h)
	})
	t.Run("names can do no harm", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		what := issued("ja")
		what.Name = "<script>alert(1)</script>\r\nBcc: everybody@example.com"
		if _, err := m.Send(t.Context(), what); err != nil {
			t.Fatal(err)
		}
		got := box.Messages()[0]
		expect.MustThat(t, `got.HTML not to contain "<script>"`, !strings.Contains(got.HTML, "<script>"), got.HTML)
		expect.MustThat(t, `got.Text not to contain "\nBcc"`, !strings.Contains(got.Text, "\nBcc"), got.Text)
		expect.MustEqual(t, `len(got.Headers["Bcc"])`, len(got.Headers["Bcc"]), 0)
		expect.MustEqual(t, "len(box.Messages())", len(box.Messages()), 1)
		expect.MustThat(t, `got.Subject not to contain "Bcc"`, !strings.Contains(got.Subject, "Bcc"), got.Subject)
		expect.MustEqual(t, "got.To", got.To, what.To)
	})
	t.Run("the same event has the same Message-ID, another has another", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		other := issued("ja")
		other.EventID = "issued-2-0"
		for _, what := range []notices.Mail{issued("ja"), issued("ja"), other} {
			if _, err := m.Send(t.Context(), what); err != nil {
				t.Fatal(err)
			}
		}
		got := box.Messages()
		expect.MustEqual(t, "got[2].MessageID", got[2].MessageID, got[1].MessageID, got[0].MessageID)
		expect.MustThat(t, "got[1].MessageID != got[0].MessageID", got[1].MessageID != got[0].MessageID,
			got[1].MessageID, got[0].MessageID)
		expect.MustThat(t, `got[0].MessageID != ""`, got[0].MessageID != "")
	})
}
