package mail

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/templates"
)

// texts holds the parsed templates by "kind.locale".
type texts map[string]pair

type pair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

type rendered struct{ subject, text, html string }

// view is what a template can say.
type view struct {
	Locale, Subject, Name, Code, Amount, Points, ValidUntil, IssuedOn, ApplyURL, Shop, Footer, Balance, Replaces, Order string
	DaysLeft                                                                                                            int
}

// kinds are the mails there are templates for.
func kinds() []domain.MailKind {
	return []domain.MailKind{domain.MailIssued, domain.MailReminder, domain.MailCancelled, domain.MailReissued, domain.MailGranted}
}

func readTexts() (texts, error) {
	all := texts{}
	for _, kind := range kinds() {
		for _, locale := range templates.Locales() {
			name := string(kind) + "." + locale
			text, err := texttemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, "mail/layout.tmpl", "mail/"+name+".tmpl")
			if err != nil {
				return nil, err
			}
			html, err := htmltemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, "mail/layout.tmpl", "mail/"+name+".tmpl")
			if err != nil {
				return nil, err
			}
			all[name] = pair{text, html}
		}
	}
	return all, nil
}

func (t texts) render(cfg Config, m notices.Mail) (rendered, error) {
	locale := language(m.Locale, cfg.Locale)
	p, ok := t[string(m.Kind)+"."+locale]
	if !ok {
		return rendered{}, fmt.Errorf("no text for mail %s in %s", m.Kind, locale)
	}
	v := viewOf(cfg, m, locale)
	subject, err := run(p.text, "subject", v)
	if err != nil {
		return rendered{}, err
	}
	// A header holds one line, whatever a name is made of.
	v.Subject = oneLine(subject)
	text, err := run(p.text, "text", v)
	if err != nil {
		return rendered{}, err
	}
	html, err := run(p.html, "html", v)
	return rendered{subject: v.Subject, text: text, html: html}, err
}

// language gives the first of the wishes there are texts for: "en-GB" is served by "en".
func language(wishes ...string) string {
	for _, wish := range append(wishes, templates.Locales()...) {
		base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(wish), "_", "-"), "-")
		if slices.Contains(templates.Locales(), base) {
			return base
		}
	}
	return ""
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// template is what the two template packages have in common.
type template interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}

func run(t template, block string, v view) (string, error) {
	var b bytes.Buffer
	err := t.ExecuteTemplate(&b, block, v)
	return b.String(), err
}

func viewOf(cfg Config, m notices.Mail, locale string) view {
	v := view{Locale: locale, Name: domain.SpokenName(m.Name), Code: m.Code, Amount: templates.Money(locale, m.Amount), Points: templates.Points(locale, m.Points),
		// The end is exclusive: the last moment at which the code works is the second before.
		ValidUntil: templates.DateTime(locale, m.ExpiresAt.Add(-time.Second), cfg.Zone), IssuedOn: templates.Date(locale, m.IssuedAt, cfg.Zone),
		ApplyURL: m.ApplyURL, Shop: cfg.ShopName, Footer: cfg.Footer, DaysLeft: m.DaysLeft, Replaces: m.Replaces, Order: m.Order}
	if m.Balance != nil {
		v.Balance = templates.Points(locale, *m.Balance)
	}
	return v
}
