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

// texts holds the parsed templates by language and kind, and the words that they say in each language.
type texts struct {
	words *templates.Catalogue
	kinds map[letter]pair
}

// letter is one mail that there is: a kind in a language.
type letter struct{ locale, kind string }

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

// sender is what every mail shows of the shop.
type sender struct {
	Shop, Footer, Color string
	// Logo is the address of a picture, Contact how customers reach the shop; both can be empty.
	Logo    string
	Contact domain.Contact
}

// sender leaves the contact out where the last line says it already.
func (c Config) sender() sender {
	s := sender{Shop: c.ShopName, Footer: c.Footer, Color: c.Color, Logo: c.Logo, Contact: c.Contact}
	if s.Contact.Text != "" && strings.Contains(c.Footer, s.Contact.Text) {
		s.Contact = domain.Contact{}
	}
	return s
}

// ContactLink is where the contact leads: https:, mailto: or tel:, by domain.ReadContact.
func (s sender) ContactLink() htmltemplate.URL {
	return htmltemplate.URL(s.Contact.Link) //nolint:gosec // read and checked at the start
}

// view is what a template of a customer's mail sees.
type view struct {
	words
	sender
	Subject, Name, Code, Amount, Points, ValidUntil, IssuedOn, ApplyURL, Balance, Replaces, Order string
	DaysLeft                                                                                      int
	// Free says that the coupon cost nothing: nothing is said of points.
	Free bool
	// Undone says that the customer took the coupon back themselves.
	Undone bool
}

// kinds are the mails there are templates for.
func kinds() []domain.MailKind {
	return domain.MailKinds()
}

func (t texts) render(cfg Config, m notices.Mail) (rendered, error) {
	locale := language(m.Locale, cfg.Locale)
	p, ok := t.kinds[letter{locale, string(m.Kind)}]
	if !ok || !slices.Contains(kinds(), m.Kind) {
		return rendered{}, fmt.Errorf("no text for mail %s in %s", m.Kind, locale)
	}
	v := viewOf(cfg, m, words{t.words, locale})
	return p.render(&v, &v.Subject)
}

// render writes the three parts of a mail. The subject is written first, because the body has it as its title.
func (p pair) render(view any, title *string) (rendered, error) {
	subject, err := run(p.text, "subject", view)
	if err != nil {
		return rendered{}, err
	}
	// A header holds one line, whatever a name is made of.
	*title = oneLine(subject)
	text, err := run(p.text, "text", view)
	if err != nil {
		return rendered{}, err
	}
	html, err := run(p.html, "html", view)
	return rendered{subject: *title, text: text, html: html}, err
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
	v := view{words: in, sender: cfg.sender(), Name: domain.SpokenName(m.Name), Code: m.Code, Amount: templates.Worth(locale, m.Amount, m.Percent),
		Points: templates.Points(locale, m.Points),
		// The end is exclusive: the last moment at which the code works is the second before.
		ValidUntil: templates.DateTime(locale, m.ExpiresAt.Add(-time.Second), cfg.Zone),
		IssuedOn:   templates.Date(locale, m.IssuedAt, cfg.Zone), ApplyURL: m.ApplyURL,
		DaysLeft: m.DaysLeft, Free: m.Points == 0, Undone: m.Undone, Replaces: m.Replaces, Order: m.Order}
	if m.Balance != nil {
		v.Balance = templates.Points(locale, *m.Balance)
	}
	return v
}
