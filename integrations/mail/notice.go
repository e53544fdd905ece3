package mail

import (
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/notifications"
	"pointbridge/domain/staff"
	"pointbridge/templates"
)

// noticeFile is the template for every notice to the staff: they differ in a sentence.
const noticeFile = "notice"

// noticeView is what that template sees.
type noticeView struct {
	words
	sender
	Subject, Name, By, At string
	Kind, Happened        string
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
		sender:   cfg.sender(),
	}
	// Staff ask their system admin, not where customers ask.
	v.Contact = domain.Contact{}
	return t.kinds[letter{in.Locale, noticeFile}].render(&v, &v.Subject)
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
	case staff.NoticeDigest:
		var err error
		if what, err = w.counted(what); err != nil {
			return "", err
		}
	default:
	}
	return w.T("notice."+string(n.Kind), what)
}

// counted words what waits.
func (w words) counted(what string) (string, error) {
	comma, err := w.T("notice.digest_comma")
	if err != nil {
		return "", err
	}
	var parts []string
	for _, c := range notifications.Read(what) {
		part, err := w.T("notice.digest."+string(c.Kind), templates.Quantity{Count: c.Times,
			Words: templates.Number(w.Locale, c.Times)})
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, comma), nil
}

// optional is a part of a sentence that is left out where nothing is known.
func (w words) optional(key, figure string) (string, error) {
	if figure == "" {
		return "", nil
	}
	return w.T(key, figure)
}
