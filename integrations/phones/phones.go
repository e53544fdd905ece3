// Package phones makes one spelling of a phone number out of the many that people use.
package phones

import (
	"errors"
	"strings"

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

// E164 gives the number as every spelling of it has it, e.g. +819012345678; "" for what cannot be a number.
func (n Normaliser) E164(text string) string {
	number, err := phonenumbers.Parse(text, n.country)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return ""
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}
