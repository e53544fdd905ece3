package domain

import (
	"net/url"
	"strings"
)

// Contact is how customers reach a shop: what is written, and the address that it leads to.
type Contact struct{ Text, Link string }

// most is how long what is written of a contact can be.
const mostOfAContact = 200

// ReadContact reads a mail address, a phone number or an https address. Nothing is no contact, and fine.
func ReadContact(text string) (Contact, bool) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Contact{}, true
	case len(text) > mostOfAContact, strings.ContainsFunc(text, isControl):
		return Contact{}, false
	case strings.HasPrefix(text, "https://"):
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return Contact{}, false
		}
		return Contact{text, u.String()}, true
	}
	if digits, ok := phoneDigits(text); ok {
		return Contact{text, "tel:" + digits}, true
	}
	address, ok := ReadMailAddress(text)
	if !ok || strings.ContainsAny(address, "?&%\" ") {
		return Contact{}, false
	}
	return Contact{address, "mailto:" + address}, true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// phoneDigits is a phone number as tel: has it.
func phoneDigits(text string) (string, bool) {
	digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(text)
	number := strings.TrimPrefix(digits, "+")
	return digits, len(number) >= 5 && len(number) <= 15 && strings.Trim(number, "0123456789") == ""
}
