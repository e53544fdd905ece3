// Package phones makes one spelling of a phone number out of the many that people use.
package phones

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Normaliser knows in which country a number without a country code is.
type Normaliser struct{ country string }

// New takes an ISO 3166 code such as JP. Errors: no number is known to be of such a country.
func New(country string) (Normaliser, error) {
	if country != strings.ToUpper(country) || phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return Normaliser{}, errors.New("it is not the code of a country, such as JP")
	}
	return Normaliser{country}, nil
}

// E164 returns the number as every spelling of it has it, e.g. +819012345678; "" for what cannot be a number. What the
// library cannot read as it stands is read once more without what people write around a number.
func (n Normaliser) E164(text string) string {
	if number := n.parse(text); number != "" {
		return number
	}
	return n.parse(bare(text))
}

// PersonIn reads a number that a person can have, as somebody in a country (ISO 3166) writes it, e.g. of an order's
// address; in the normaliser's own country when no number is known to be of that one. Numbers that a company gives to
// all the world, such as 0120 and 0570, are nobody's.
func (n Normaliser) PersonIn(text, country string) string {
	if there, err := New(country); err == nil {
		n = there
	}
	e164 := n.E164(text)
	if number, err := phonenumbers.Parse(e164, n.country); err == nil && ofCompanies[phonenumbers.GetNumberType(number)] {
		return ""
	}
	return e164
}

// ofCompanies are the kinds of numbers that are called to reach a service.
var ofCompanies = map[phonenumbers.PhoneNumberType]bool{phonenumbers.TOLL_FREE: true, phonenumbers.PREMIUM_RATE: true,
	phonenumbers.SHARED_COST: true, phonenumbers.UAN: true, phonenumbers.VOICEMAIL: true}

func (n Normaliser) parse(text string) string {
	number, err := phonenumbers.Parse(text, n.country)
	if err != nil {
		return ""
	}
	formatted := phonenumbers.Format(number, phonenumbers.E164)
	if !phonenumbers.IsValidNumber(number) && !newerThanLibrary.MatchString(formatted) {
		return ""
	}
	return formatted
}

// newerThanLibrary are numbers that are given out and that the library's tables (nyaruka/phonenumbers 1.8.1) do not
// hold yet: Japanese mobile phones that begin with 060. Two JavaScript ports of Google's tables have them
// (google-libphonenumber 3.2.47, libphonenumber-js 1.13.16): the digit behind 060 is no zero.
var newerThanLibrary = regexp.MustCompile(`^\+8160[1-9]\d{7}$`)

// number is the first stretch of signs that numbers are written with and that begins and ends in digits.
var number = regexp.MustCompile(`\+?\(?\d[\d ().-]{4,}\d`)

// bare cuts out the first number of a text: what stands around it, such as "（自宅）" or "様", and every number after
// it go, and each sign between digits that people use as a hyphen is one.
func bare(text string) string {
	return number.FindString(strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '＋':
			return '+'
		case r == '（':
			return '('
		case r == '）':
			return ')'
		case strings.ContainsRune("・･ー－ｰ−_．", r), r >= '\u2010' && r <= '\u2015':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text))
}
