package mail

import (
	"bytes"
	htmltemplate "html/template"
	texttemplate "text/template"

	"pointbridge/domain/staff"
	"pointbridge/templates"
)

// staffTexts are the texts for the staff by language: one template for every kind, which differ in a sentence.
type staffTexts map[string]pair

// noticeView is what such a template can say.
type noticeView struct {
	Locale, Subject, Name, By, What, Address, At, Shop, Footer string
	Kind                                                       string
}

func readNotices() (staffTexts, error) {
	all := staffTexts{}
	for _, locale := range templates.Locales() {
		name := "notice." + locale
		text, err := texttemplate.New(name).
			Option("missingkey=error").
			ParseFS(templates.Mail, "mail/layout.tmpl", "mail/"+name+".tmpl")
		if err != nil {
			return nil, err
		}
		html, err := htmltemplate.New(name).
			Option("missingkey=error").
			ParseFS(templates.Mail, "mail/layout.tmpl", "mail/"+name+".tmpl")
		if err != nil {
			return nil, err
		}
		all[locale] = pair{text, html}
	}
	return all, nil
}

func (t staffTexts) render(cfg Config, n staff.Notice) (rendered, error) {
	locale := language(n.Locale, cfg.Locale)
	v := noticeView{
		Locale:  locale,
		Name:    oneLine(n.Name),
		By:      oneLine(n.By),
		What:    oneLine(n.What),
		Address: n.Address,
		Kind:    string(n.Kind),
		At:      templates.DateTime(locale, n.At, cfg.Zone),
		Shop:    cfg.ShopName,
		Footer:  cfg.Footer,
	}
	p := t[locale]
	blocks := map[string]string{}
	for block, from := range map[string]template{"subject": p.text, "text": p.text} {
		var b bytes.Buffer
		if err := from.ExecuteTemplate(&b, block, v); err != nil {
			return rendered{}, err
		}
		blocks[block] = b.String()
	}
	v.Subject = oneLine(blocks["subject"])
	var b bytes.Buffer
	err := p.html.ExecuteTemplate(&b, "html", v)
	return rendered{subject: v.Subject, text: blocks["text"], html: b.String()}, err
}
