package app

import (
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/mail"
)

// newMailer writes and sends mails; times in them are the zone's. heard hears how each ended; nil where nobody listens.
func (c Config) newMailer(zone *time.Location, heard func(error)) (*mail.Mailer, error) {
	settings := c.mailConfig(zone)
	settings.Heard = heard
	return mail.New(settings)
}

// mailConfig is how mails leave and what they look like.
func (c Config) mailConfig(zone *time.Location) mail.Config {
	return mail.Config{Host: c.SMTPHost, Port: c.SMTPPort, Username: c.SMTPUsername, Password: string(c.SMTPPassword),
		TLS: c.SMTPTLS, From: c.MailFrom, ShopName: c.ShopName, Footer: c.MailFooter, Contact: c.contact(),
		Logo: c.MailLogo, Color: c.MailColor, Templates: c.TemplatesDir, ApplyURL: c.applyURL(), Locale: c.ShopLocale,
		Zone: zone}
}

// checkLetters refuses what mails could not be written with.
func (c Config) checkLetters(f *faults) {
	if err := mail.CheckColor(c.MailColor); err != nil {
		f.add("MAIL_COLOR %v", err)
	}
	if err := mail.CheckLogo(c.MailLogo); err != nil {
		f.add("MAIL_LOGO_URL %v", err)
	}
	if err := mail.CheckTemplates(c.TemplatesDir); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			f.add("TEMPLATES_DIR: %s", line)
		}
	}
}

// contact is how customers reach the shop.
func (c Config) contact() domain.Contact {
	contact, _ := domain.ReadContact(c.ShopContact)
	return contact
}

// checkContact refuses what customers could not follow.
func (c Config) checkContact(f *faults) {
	if _, ok := domain.ReadContact(c.ShopContact); !ok {
		f.add("SHOP_CONTACT must be a mail address, a phone number or an https address")
	}
}
