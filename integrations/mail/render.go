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

// texts holds the parsed templates by kind, and the words that they say in each language.
type texts struct {
	words *templates.Catalogue
	kinds map[string]pair
}

type pair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

type rendered struct{ subject, text, html string }

// words says the catalogue's texts in one language; it is a part of what every mail's template sees.
type words struct {
	catalogue *templates.Catalogue
	Locale    string
}

// T is a text in the reader's language.
func (w words) T(key string, args ...any) (string, error) {
	return w.catalogue.Say(w.Locale, key, args...)
}

// HTML is a text with marked-up figures in it. The text itself is ours; a figure that is not marked up is escaped.
func (w words) HTML(key string, args ...any) (htmltemplate.HTML, error) {
	for i, arg := range args {
		if _, marked := arg.(htmltemplate.HTML); !marked {
			args[i] = htmltemplate.HTMLEscaper(arg)
		}
	}
	text, err := w.T(key, args...)
	return htmltemplate.HTML(text), err //nolint:gosec // every figure is escaped
}

// Strong marks a figure up.
func (words) Strong(figure string) htmltemplate.HTML {
	return htmltemplate.HTML("<strong>" + htmltemplate.HTMLEscapeString(figure) +
		"</strong>") //nolint:gosec // it is escaped
}

// view is what a template of a customer's mail sees.
type view struct {
	words
	Subject, Name, Code, Amount, Points, ValidUntil, IssuedOn, ApplyURL, Shop, Footer, Balance, Replaces, Order string
	DaysLeft                                                                                                    int
	// Free says that the coupon cost nothing: nothing is said of points.
	Free bool
}

// kinds are the mails there are templates for.
func kinds() []domain.MailKind {
	return []domain.MailKind{domain.MailIssued, domain.MailReminder, domain.MailCancelled, domain.MailReissued,
		domain.MailGranted}
}

func readTexts() (texts, error) {
	catalogue, err := templates.Texts()
	if err != nil {
		return texts{}, err
	}
	all := texts{words: catalogue, kinds: map[string]pair{}}
	for _, kind := range kinds() {
		if all.kinds[string(kind)], err = readPair(string(kind)); err != nil {
			return texts{}, err
		}
	}
	all.kinds[noticeFile], err = readPair(noticeFile)
	return all, err
}

// readPair parses a mail's template twice: its text is plain, and its body is escaped.
func readPair(name string) (pair, error) {
	files := []string{"mail/layout.tmpl", "mail/" + name + ".tmpl"}
	text, err := texttemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, files...)
	if err != nil {
		return pair{}, err
	}
	html, err := htmltemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, files...)
	return pair{text, html}, err
}

func (t texts) render(cfg Config, m notices.Mail) (rendered, error) {
	locale := language(m.Locale, cfg.Locale)
	p, ok := t.kinds[string(m.Kind)]
	if !ok || !slices.Contains(kinds(), m.Kind) {
		return rendered{}, fmt.Errorf("no text for mail %s in %s", m.Kind, locale)
	}
	v := viewOf(cfg, m, words{t.words, locale})
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

// language returns the first of the wishes there are texts for: "en-GB" is served by "en".
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

func run(t template, block string, v any) (string, error) {
	var b bytes.Buffer
	err := t.ExecuteTemplate(&b, block, v)
	return b.String(), err
}

func viewOf(cfg Config, m notices.Mail, in words) view {
	locale := in.Locale
	v := view{words: in, Name: domain.SpokenName(m.Name), Code: m.Code, Amount: templates.Worth(locale, m.Amount, m.Percent),
		Points: templates.Points(locale, m.Points),
		// The end is exclusive: the last moment at which the code works is the second before.
		ValidUntil: templates.DateTime(locale, m.ExpiresAt.Add(-time.Second), cfg.Zone),
		IssuedOn:   templates.Date(locale, m.IssuedAt, cfg.Zone), ApplyURL: m.ApplyURL, Shop: cfg.ShopName,
		Footer: cfg.Footer, DaysLeft: m.DaysLeft, Free: m.Points == 0, Replaces: m.Replaces, Order: m.Order}
	if m.Balance != nil {
		v.Balance = templates.Points(locale, *m.Balance)
	}
	return v
}
