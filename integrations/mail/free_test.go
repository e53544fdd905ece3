package mail

import (
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/test/expect"
)

// TestMailsOfACodeThatCostNothing: they say what it takes off, how to use it and where, and nothing of points, in each
// language; those of one that was paid for do.
// covers: 001-37, 002-17
func TestMailsOfACodeThatCostNothing(t *testing.T) {
	t.Parallel()
	all, err := readTexts("")
	expect.MustEqual(t, "err", err, nil)
	cfg := Config{ShopName: "Shop", Locale: "ja", Zone: time.UTC}
	for _, kind := range kinds() {
		if kind == domain.MailGranted {
			continue // points are never granted for one
		}
		for locale, words := range map[string][2]string{"ja": {"ポイント", "12.5%引き"}, "en": {"oint", "12.5% off"}} {
			m := notices.Mail{Kind: kind, Locale: locale, Name: "Sato", Code: "SUMMER-AB2CD3", Percent: 1250, DaysLeft: 3,
				Amount: domain.Money{Currency: "JPY"}, ApplyURL: "https://shop.example/discount/SUMMER-AB2CD3",
				IssuedAt: time.Unix(1, 0), ExpiresAt: time.Unix(100_000, 0), Replaces: "SUMMER-XXXXXX"}
			got, err := all.render(cfg, m)
			expect.MustEqual(t, "err", err, nil)
			for _, part := range []string{got.subject, got.text, got.html} {
				expect.That(t, "it says nothing of points", !strings.Contains(part, words[0]), kind, locale, part)
			}
			expect.That(t, "it says what it takes off", strings.Contains(got.text, "12.5%") &&
				strings.Contains(got.html, "12.5%"), kind, locale, got.text)
			if kind == domain.MailIssued {
				expect.That(t, "its subject says so", strings.Contains(got.subject, words[1]), got.subject)
				for _, part := range []string{got.text, got.html} {
					expect.That(t, "it leads into the shop", strings.Contains(part, m.ApplyURL), part)
				}
				expect.Equal(t, "steps", strings.Count(got.html, "<li>"), 3)
			}
			m.Points, m.Percent, m.Amount.Minor = 500, 0, 500
			paid, err := all.render(cfg, m)
			expect.MustEqual(t, "err", err, nil)
			expect.That(t, "one that was paid for tells of points", kind != domain.MailIssued ||
				strings.Contains(paid.text, words[0]), kind, locale, paid.text)
		}
	}
}

// TestALongCodeStaysOnThePhone: the longest code of a campaign is wider than a phone in the letters of its card, and breaks.
func TestALongCodeStaysOnThePhone(t *testing.T) {
	t.Parallel()
	all, err := readTexts("")
	expect.MustEqual(t, "err", err, nil)
	code := strings.Repeat("LONG-", 4) + "AB2CD3"
	got, err := all.render(Config{ShopName: "Shop", Locale: "en", Zone: time.UTC}, notices.Mail{Kind: domain.MailIssued,
		Locale: "en", Code: code, Percent: 1250, Amount: domain.Money{Currency: "JPY"}, ApplyURL: "https://shop.example/x",
		IssuedAt: time.Unix(1, 0), ExpiresAt: time.Unix(100_000, 0)})
	expect.MustEqual(t, "err", err, nil)
	_, card, _ := strings.Cut(got.html, "border:2px dashed")
	card, _, _ = strings.Cut(card, code)
	expect.That(t, "the card breaks it", strings.Contains(card, "overflow-wrap:anywhere"), card)
}
