package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/domain/staff"
	"pointbridge/templates"
)

// Mails with sample data: what templates are tried out with, and what people look at before a customer gets one.

// sampleCode is no code that could ever be given out: CodeAlphabet has no L.
const sampleCode = "12345-SAMPLE-500"

// Samples are the names of the mails that there are samples of.
func (*Mailer) Samples() []string { return letterNames() }

// Sample writes a mail with sample data. Errors: not_found for a mail or a language that there is not.
func (m *Mailer) Sample(kind, locale string) (notices.Preview, error) {
	r, err := m.sample(kind, locale)
	return notices.Preview{Subject: r.subject, Text: r.text, HTML: r.html}, err
}

// SendSample sends one, marked as a test in its subject. event names it once and for all.
func (m *Mailer) SendSample(ctx context.Context, to, kind, locale, event string) (notices.Receipt, error) {
	r, err := m.sample(kind, locale)
	if err != nil {
		return notices.Receipt{}, err
	}
	if r.subject, err = m.texts.words.Say(locale, "mail.test_subject", r.subject); err != nil {
		return notices.Receipt{}, err
	}
	msg, err := m.letter(to, "sample "+event, r)
	if err != nil {
		return notices.Receipt{}, failed(domain.KindRefused, "not_sendable", err)
	}
	return m.send(ctx, msg)
}

func (m *Mailer) sample(kind, locale string) (rendered, error) {
	switch {
	case !slices.Contains(templates.Locales(), locale):
	case kind == noticeFile:
		return m.texts.renderNotice(m.cfg, sampleNotices(locale, m.cfg.Clock())[0])
	case slices.Contains(kinds(), domain.MailKind(kind)):
		return m.texts.render(m.cfg, m.cfg.samples(domain.MailKind(kind), locale, m.cfg.Clock())[0])
	}
	return rendered{}, domain.Refuse(domain.CodeNotFound)
}

// samples are mails of a kind: first an ordinary one, then those in which something is missing or different.
func (c Config) samples(kind domain.MailKind, locale string, now time.Time) []notices.Mail {
	balance := int64(1250)
	m := notices.Mail{Kind: kind, EventID: "sample", To: "sample@example.com", Locale: locale,
		Name: map[string]string{"ja": "山田太郎"}[locale], Code: sampleCode, Points: 500,
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, IssuedAt: now, ExpiresAt: now.AddDate(1, 0, 0), DaysLeft: 7,
		ApplyURL: c.ApplyURL + sampleCode, Order: "#1001", Replaces: "12345-BEFORE-500"}
	if m.Name == "" {
		m.Name = "Taro Yamada"
	}
	if kind == domain.MailCancelled || kind == domain.MailGranted {
		m.Balance = &balance
	}
	free, bare, undone, last := m, m, m, m
	free.Points, free.Amount, free.Percent, free.Balance = 0, domain.Money{}, 1000, nil
	bare.Name, bare.Order, bare.Replaces, bare.Balance = "", "", "", nil
	undone.Undone, last.DaysLeft = true, 1
	return []notices.Mail{m, free, bare, undone, last}
}

func sampleNotices(locale string, now time.Time) []staff.Notice {
	n := staff.Notice{To: "sample@example.com", Name: "Sato Hana", Locale: locale, Kind: staff.NoticePassword, By: "Ueda Kenji",
		At: now}
	own, device, ending := n, n, n
	own.By = ""
	device.Kind, device.What, device.Address, device.By = staff.NoticeNewDevice, "Firefox", "198.51.100.7", ""
	ending.Kind, ending.What, ending.By = staff.NoticeCampaigns, "Summer sale", ""
	return []staff.Notice{n, own, device, ending}
}

// rehearse writes every mail with every sample, and looks at what came out.
func (t texts) rehearse() (faults []error) {
	now := time.Date(2026, 1, 20, 3, 0, 0, 0, time.UTC)
	cfg := Config{ShopName: "Sample shop", Footer: "Sample footer", Color: DefaultColor, Logo: "https://shop.example/logo.png",
		Contact: domain.Contact{Text: "sample@example.com", Link: "mailto:sample@example.com"}, Zone: time.UTC,
		ApplyURL: "https://shop.example/discount/"}
	for _, locale := range templates.Locales() {
		for _, kind := range kinds() {
			for _, m := range cfg.samples(kind, locale, now) {
				r, err := t.render(cfg, m)
				faults = append(faults, faultsOf(string(kind), locale, r, err, showsCode(kind))...)
			}
		}
		for _, n := range sampleNotices(locale, now) {
			r, err := t.renderNotice(cfg, n)
			faults = append(faults, faultsOf(noticeFile, locale, r, err, false)...)
		}
	}
	return faults
}

// showsCode says that a mail of this kind is what a member has the code from.
func showsCode(kind domain.MailKind) bool {
	return kind == domain.MailIssued || kind == domain.MailReissued || kind == domain.MailReminder
}

func faultsOf(kind, locale string, r rendered, err error, code bool) (faults []error) {
	if err != nil {
		return []error{plainly(err)}
	}
	name := fmt.Sprintf("the mail %s in %s", kind, locale)
	if r.subject == "" {
		faults = append(faults, errors.New(name+" has no subject"))
	}
	for part, text := range map[string]string{"text": r.text, "HTML": r.html} {
		switch {
		case strings.TrimSpace(text) == "":
			faults = append(faults, fmt.Errorf("%s is empty as %s", name, part))
		case len(text) > largestTemplate:
			faults = append(faults, fmt.Errorf("%s is longer than %d bytes as %s", name, largestTemplate, part))
		case code && !strings.Contains(text, sampleCode):
			faults = append(faults, fmt.Errorf("%s shows neither .Code nor .ApplyURL as %s", name, part))
		}
	}
	return faults
}
