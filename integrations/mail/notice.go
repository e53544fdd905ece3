package mail

import (
	"pointbridge/domain/staff"
	"pointbridge/templates"
)

// noticeFile is the template for every notice to the staff: they differ in a sentence.
const noticeFile = "notice"

// noticeView is what that template sees.
type noticeView struct {
	words
	Subject, Name, By, At, Shop, Footer string
	Kind, Happened                      string
}

func (t texts) renderNotice(cfg Config, n staff.Notice) (rendered, error) {
	in := words{t.words, language(n.Locale, cfg.Locale)}
	happened, err := in.happened(n)
	if err != nil {
		return rendered{}, err
	}
	v := noticeView{
		words:    in,
		Name:     oneLine(n.Name),
		By:       oneLine(n.By),
		Kind:     string(n.Kind),
		Happened: happened,
		At:       templates.DateTime(in.Locale, n.At, cfg.Zone),
		Shop:     cfg.ShopName,
		Footer:   cfg.Footer,
	}
	p := t.kinds[noticeFile]
	subject, err := run(p.text, "subject", v)
	if err != nil {
		return rendered{}, err
	}
	text, err := run(p.text, "text", v)
	if err != nil {
		return rendered{}, err
	}
	v.Subject = oneLine(subject)
	html, err := run(p.html, "html", v)
	return rendered{subject: v.Subject, text: text, html: html}, err
}

// happened says what a notice is about.
func (w words) happened(n staff.Notice) (string, error) {
	what := oneLine(n.What)
	switch n.Kind {
	case staff.NoticeRole:
		if w.catalogue.Knows("role." + what) {
			var err error
			if what, err = w.T("role." + what); err != nil {
				return "", err
			}
		}
	case staff.NoticeNewDevice:
		device, err := w.optional("notice.new_device_name", what)
		if err != nil {
			return "", err
		}
		address, err := w.optional("notice.new_device_address", n.Address)
		if err != nil {
			return "", err
		}
		return w.T("notice.new_device", device, address)
	default:
	}
	return w.T("notice."+string(n.Kind), what)
}

// optional is a part of a sentence that is left out where nothing is known.
func (w words) optional(key, figure string) (string, error) {
	if figure == "" {
		return "", nil
	}
	return w.T(key, figure)
}
