package identity

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// elsewhere reads addresses outside Japan. Parts are divided by commas and lines; the first that names a house is the
// address. Where none does alone, parts are read together, so that whatever could be the number of the house counts.
func elsewhere(a PostalAddress, country string) (place, bool) {
	p := place{zip: zipCode(a.Zip, country)}
	line2, neighbourhood, _ := strings.Cut(a.Line2, fieldJoiner)
	a.Line2 = line2
	if p.zip == "" {
		if p.zip = joined(words(a.City)); p.zip == "" {
			return place{}, false
		}
		p.zip += joined(words(neighbourhood))
	}
	parts := partsOf(a, country)
	if gulf[country] {
		p.street, p.number = undivided(slices.Concat(parts...))
		return p, p.number != "" && (isStreet(p.street) || neighbourhood != "")
	}
	for i := range parts {
		if street, number, ok := houseIn(parts, i, country); ok {
			p.street, p.number = street, number
			return p, true
		}
	}
	var all []string
	for i, tokens := range parts {
		all = append(all, tokens...)
		if i+1 < len(parts) && labelled(parts[i+1], country) {
			continue // Calle Sol, Mz 5, Lt 12
		}
		if p.street, p.number = streetAndNumber(all, country); p.number != "" && isStreet(p.street) {
			return p, true
		}
	}
	if len(parts) > 0 && houseNamed[country] && p.number == "" {
		p.street, p.number = streetAndNumber(parts[0], country)
		return p, p.street != ""
	}
	return p, p.street != "" && p.number != "" // Lot 12 and nothing else
}

// gulf are the countries where a house has its own number, a street's and a quarter's, in any order and often without a name: Villa 12,
// Jumeirah 1; Building 5, Street 840, Zone 56. None of them alone is a house.
var gulf = set("AE BH KW OM QA SA")

// fieldJoiner stands where Shopify's checkout joins what was typed into fields of their own. In the second line the neighbourhood is
// behind it, whose number is no house's (Jumeirah 1): it tells where the town is, as far as no postal code does.
const fieldJoiner = "\u2060"

func partsOf(a PostalAddress, country string) (parts [][]string) {
	for _, line := range []string{a.Line1, a.Line2} {
		line = storey.ReplaceAllString(line, ",")
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(",;，、\n", r) }) {
			tokens := unmarked(words(part), country)
			if !gulf[country] { // where the house itself is Building 5
				tokens = withoutUnits(tokens, country)
			}
			if len(tokens) > 0 {
				parts = append(parts, tokens)
			}
		}
	}
	return parts
}

// storey is a floor as Hong Kong, Singapore and Manila write it: 12/F.
var storey = regexp.MustCompile(`(?i)\b\d+/F\b`)

// houseIn reads one of the parts as a house. Where numbers stand first, one that ends a part is the name's if a number
// stands in a part before it (12, Highway 61). Where they stand last, one that a word follows is the name's if the next
// part begins with a number (Via 25 Aprile, 12) or the one before is a number alone (12, rue du 31-Décembre), and a
// number alone is that of the street before it, whatever else is numbered behind (Av. Paulista, 9, Quadra 33).
func houseIn(parts [][]string, i int, country string) (street, number string, ok bool) {
	tokens := parts[i]
	if i > 0 && !numberFirst[country] && bare(tokens) {
		street, number = streetAndNumber(slices.Concat(parts[:i+1]...), country)
		return street, number, isStreet(street)
	}
	street, number = streetAndNumber(tokens, country)
	if number == "" || !isStreet(street) {
		return "", "", false
	}
	numbered := slices.ContainsFunc(parts[:i], func(part []string) bool { return slices.ContainsFunc(part, numberLike) })
	switch {
	case numberFirst[country]:
		return street, number, numberLike(tokens[0]) || !numbered
	case i > 0 && numberLike(tokens[0]): // the 5 Bajo of Calle Mayor, 5 Bajo
		return "", "", false
	case settled(tokens):
		return street, number, true
	case i+1 < len(parts) && numberLike(parts[i+1][0]):
		_, end := trailing(parts[i+1], 0)
		street, number = streetAndNumber(slices.Concat(tokens, parts[i+1][:end]), country)
		return street, number, true
	}
	return street, number, i == 0 || !bare(parts[i-1])
}

// settled tells a part that ends with its number, with a letter or with a word for a second house, from one whose
// number has words behind it. In Korea and China it ends with anything but a word for a street.
func settled(tokens []string) bool {
	last := tokens[len(tokens)-1]
	if strings.ContainsFunc(last, isIdeograph) {
		end, _ := utf8.DecodeLastRuneInString(last)
		return !strings.ContainsRune("길로街路弄巷段", end)
	}
	return numberLike(last) || len(last) == 1 || repeated[last]
}

// labelled tells the number of a plot, a block or a street that has nothing but a number: Lt 12, Quadra 33, Calle 60.
func labelled(tokens []string, country string) bool {
	street, number := streetAndNumber(tokens, country)
	return street != "" && number != "" && !isStreet(street)
}

func bare(tokens []string) bool {
	_, end := trailing(tokens, 0)
	return numberLike(tokens[0]) && end == len(tokens)
}

// isStreet tells a street from nothing but a word for a street, a plot or a house, whose number is no house's alone:
// Rua 7, Highway 61, Q 3, Lot 12.
func isStreet(street string) bool { return len([]rune(street)) > 1 && !kinds[street] }

var kinds = set("st ave blvd rd jl hwy rte cad sok pl via viale plein ul al os ул ctra cra carrera diagonal eje lorong " +
	"lt mz mzlt quadra qd bloco bl plot house haus door villa casa block blk tower turm torre kav km pmb sector duong " +
	"soi ceje aveeje")

// unmarked takes the words off that only say that a number follows: No. 12, Nr. 12, nº 12, д. 12. Where numbers stand
// first, what follows one is the street's: 123 No. 5th St.
func unmarked(tokens []string, country string) []string {
	for i := len(tokens) - 2; i >= 0; i-- {
		switch {
		case !numberLike(tokens[i+1]), !marks[tokens[i]] && !plainN(tokens[i], country) &&
			(i > 0 || firstMark[tokens[i]] != country):
		case numberFirst[country] && slices.ContainsFunc(tokens[:i], numberLike):
		default:
			tokens = slices.Delete(tokens, i, i+1)
		}
	}
	return tokens
}

var marks = set("no nr nro num numero nº º n° д дом")

// firstMark are words of one country that are such marks where they come first.
var firstMark = map[string]string{"so": "VN", "blk": "SG", "block": "SG"}

// plainN is n° without its sign. Where English is written it is North.
func plainN(token, country string) bool {
	return token == "n" && (!numberFirst[country] || country == "FR")
}
