package identity

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// place is what of an address tells one house from another. The order of its parts in the key is that of a letter.
type place struct{ country, zip, street, number string }

func (p place) key() string {
	return strings.ToLower(p.country) + "|" + p.zip + "|" + p.street + "|" + p.number
}

// address gives the matching key of a postal address: country, postal code, street and house number. Building, flat,
// floor and the name of a company go: whoever changes the room is the same household. "" is what does not name one
// house: without a number (where a house has one), or with neither a postal code nor a town.
func address(a PostalAddress, country string) string {
	for _, text := range []string{a.Line1, a.Line2, a.City, a.Zip, a.Country} {
		if text != "" && !shown(text) {
			return ""
		}
	}
	if own := countryCode(a.Country); own != "" {
		country = own
	}
	p, ok := place{}, false
	if country == "JP" {
		p, ok = japanese(a)
	} else {
		p, ok = elsewhere(a, country)
	}
	if p.country = country; !ok || len([]rune(p.key())) > longest {
		return ""
	}
	return p.key()
}

// countryCode reads ISO 3166 codes and the names that exports of shops have instead.
func countryCode(text string) string {
	code := strings.ToUpper(strings.TrimSpace(text))
	if named, ok := countries[code]; ok {
		return named
	}
	if len(code) != 2 || strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return ""
	}
	return code
}

var countries = map[string]string{"JAPAN": "JP", "JPN": "JP", "日本": "JP", "USA": "US", "UNITED STATES": "US",
	"UK": "GB", "UNITED KINGDOM": "GB", "GERMANY": "DE", "DEUTSCHLAND": "DE", "FRANCE": "FR", "CANADA": "CA",
	"AUSTRALIA": "AU"}

// zipCode is a postal code without what people write between its parts; of an American one, the five digits.
func zipCode(text, country string) string {
	code := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || unicode.IsLetter(r) && r < unicode.MaxASCII {
			return r
		}
		return -1
	}, FoldLetters(text))
	if country == "US" {
		code = code[:min(5, len(code))]
		if len(code) == 4 && !strings.ContainsFunc(code, notDigit) {
			code = "0" + code // a spreadsheet has been there
		}
	}
	if german[country] {
		code = strings.TrimLeftFunc(code, unicode.IsLetter) // D-10115
	}
	if country == "JP" && (len(code) != 7 || strings.ContainsFunc(code, notDigit)) {
		return ""
	}
	return code
}

// houseNamed are the countries whose postal code names a handful of houses, so that a house can go by its name.
var houseNamed = map[string]bool{"GB": true, "IE": true}

// numberFirst are the countries that write the number before the street.
var numberFirst = set("US CA AU NZ GB IE FR LU IN SG MY PH ZA HK TH IL PR VN")

// streetAndNumber divides a part. A number stands first (123 Main St) or last (Hauptstraße 12 a); of several within
// the text the first that no word follows is the house's (Straße des 17. Juni 135), or else the last of all, and what
// follows it is the flat's (Keizersgracht 123 hs).
func streetAndNumber(tokens []string, country string) (street, number string) {
	if country == "CO" || strings.ContainsFunc(joined(tokens), isIdeograph) {
		return undivided(tokens) // Calle 5 # 12-34 is a street and two numbers
	}
	if numberLike(tokens[0]) {
		number, tokens = leading(tokens, country)
		return streetName(untailed(tokens), country), number
	}
	last := 0
	for i := 1; i < len(tokens); i++ {
		if !numberLike(tokens[i]) {
			continue
		}
		if number, end := trailing(tokens, i); end == len(tokens) || end > i+1 && !numberFirst[country] {
			return streetName(tokens[:i], country), number
		}
		last = i
	}
	if last > 0 {
		street, rest := tokens[:last], tokens[last+1:]
		if numberFirst[country] {
			street = slices.Concat(street, rest) // The Old Mill 12 High St: all of it, or it were 12 of The Old Mill
		}
		number, _ = trailing(tokens, last)
		return streetName(street, country), number
	}
	return streetName(tokens, country), ""
}

// leading takes the number off the front: 123, 123a, 123 a, 45-12, 123 1/2, 12 bis; and 3/12 of Australia, where 3 is
// the flat.
func leading(tokens []string, country string) (number string, rest []string) {
	number, rest = tokens[0], tokens[1:]
	if unit, house, ok := strings.Cut(number, "/"); ok && unit != "" && house != "" && flatFirst[country] {
		number = house
	}
	switch {
	case len(rest) == 0:
	case repeated[rest[0]] && country == "FR", len(rest) > 1 && (strings.Contains(rest[0], "/") || repeated[rest[0]]):
		number, rest = number+" "+rest[0], rest[1:]
	case len(rest) > 1 && strings.Contains(houseLetters, rest[0]) && !(ways[rest[1]] && endsAt(rest, 2)):
		number, rest = number+rest[0], rest[1:]
	}
	return number, rest
}

// houseLetters are the letters that can follow a number with a blank. Others are a direction or a short word: 12 N 5th
// St, 12 r. de la Paix. One before a word such as Street, and nothing but a direction behind, is the street's name: 12 B
// St NW.
const houseLetters = "abdfghijklmopqtuxyz"

func endsAt(tokens []string, i int) bool {
	return i == len(tokens) || i+1 == len(tokens) && directions[tokens[i]]
}

var directions = set("n s e w ne nw se sw")

// repeated are the words for a second house of one number.
var repeated = set("bis ter quater")

// trailing takes numbers that stand in a row, each with its letter: 12 a, and 60 491 of a street called Calle 60. What
// stands behind a second stroke goes: 12/3/7 is staircase and door in Vienna.
func trailing(tokens []string, i int) (number string, end int) {
	for end = i; end < len(tokens) && (numberLike(tokens[end]) || len(tokens[end]) == 1); end++ {
		parts := strings.SplitN(tokens[end], "/", 3)
		if numberLike(tokens[end]) && number != "" {
			number += " "
		}
		number += strings.Join(parts[:min(2, len(parts))], "/")
	}
	return number, end
}

// numberLike tells house numbers from ordinals such as 5th. In Wisconsin they are like N6W23001.
func numberLike(token string) bool {
	if notDigit(rune(token[0])) {
		return grid.MatchString(token)
	}
	letters := strings.TrimLeft(token, "0123456789")
	return !ordinal[letters]
}

var grid = regexp.MustCompile(`^[nsew]\d+[nsew]\d+$`)

var ordinal = map[string]bool{"st": true, "nd": true, "rd": true, "th": true, "er": true, "re": true, "eme": true,
	"de": true}

// undivided reads addresses of China, Taiwan, Korea, Colombia and the Gulf as they are: all letters and all numbers
// count, so that no two houses are one.
func undivided(tokens []string) (street, number string) {
	text := strings.Join(tokens, " ")
	street = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
	return street, strings.Join(strings.FieldsFunc(text, notDigit), "-")
}

func isIdeograph(r rune) bool { return isJapanese(r) || unicode.Is(unicode.Hangul, r) }

func notDigit(r rune) bool { return r < '0' || r > '9' }
