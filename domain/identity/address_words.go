package identity

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"pointbridge/domain"
)

// words folds a part of an address and divides it: punctuation and hyphens between letters divide, hyphens and strokes
// between digits stay. "#" is a word of its own.
func words(text string) []string {
	signs := []rune(FoldLetters(text))
	var out strings.Builder
	for i, r := range signs {
		digit := i > 0 && i+1 < len(signs) && !notDigit(signs[i-1]) && !notDigit(signs[i+1])
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			out.WriteRune(r)
		case r == '#':
			out.WriteString(" # ")
		case domain.IsDash(r) || r == '-', r == '/':
			if !digit {
				r = ' '
			} else if r != '/' {
				r = '-'
			}
			out.WriteRune(r)
		case r == '\'', r == '’', r == '`', r == '.' && !digit:
			if r == '.' {
				out.WriteByte(' ')
			}
		default:
			out.WriteByte(' ')
		}
	}
	tokens := undotted(strings.Fields(out.String()))
	for i, token := range tokens {
		if short, ok := short[token]; ok {
			tokens[i] = short
		}
	}
	return postBox(tokens)
}

func joined(tokens []string) string { return strings.Join(tokens, "") }

// short are the words of streets in the form that the US Postal Service's Publication 28 (appendix C) and custom
// elsewhere shorten them to. Everything is shortened and nothing spelled out: St is Street and Saint, Dr is Drive and
// Doctor, and the short form does not have to know which.
var short = func() map[string]string {
	found := map[string]string{}
	for word, long := range map[string]string{
		"st": "street saint sankt str strasse", "ave": "avenue av avd aven avenida avda", "rd": "road",
		"blvd": "boulevard boul bd bld bvd", "jl": "jalan jln", "cad": "caddesi cd", "sok": "sokak sokagi sk",
		"dr": "drive doctor drv", "ln": "lane", "ct": "court crt", "sq": "square", "ул": "улица",
		"pl":  "place platz plaza pza plza piazza pzza praca pca plac",
		"ter": "terrace terr", "cir": "circle", "pkwy": "parkway pky", "hwy": "highway", "way": "wy", "trl": "trail",
		"cres": "crescent", "cl": "close", "gdns": "gardens", "gr": "grove", "expy": "expressway", "fwy": "freeway",
		"rte": "route", "mt": "mount", "ft": "fort", "n": "north", "s": "south", "e": "east", "w": "west",
		"ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest", "c": "calle",
		"r": "rue rua", "v": "via", "all": "allee", "imp": "impasse", "fbg": "faubourg fg", "chem": "chemin che",
		"pº": "paseo", "ctra": "carretera", "ul": "ulica", "al": "aleja", "os": "osiedle", "tpke": "turnpike",
		"mz": "manzana mza", "lt": "lote lot", "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth",
		"5th": "fifth", "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
		"aly": "alley", "bch": "beach", "bnd": "bend", "blf": "bluff", "br": "branch", "brg": "bridge", "brk": "brook",
		"byp": "bypass", "cyn": "canyon", "cswy": "causeway", "ctr": "center centre", "clf": "cliff", "cor": "corner",
		"cv": "cove", "crk": "creek", "xing": "crossing", "est": "estate", "ests": "estates", "fls": "falls",
		"fld": "field", "flds": "fields", "frst": "forest", "frk": "fork", "gdn": "garden", "gln": "glen", "grn": "green",
		"hbr": "harbor harbour", "hts": "heights", "hl": "hill", "hls": "hills", "holw": "hollow", "jct": "junction",
		"knl": "knoll", "lk": "lake", "lks": "lakes", "lndg": "landing", "mnr": "manor", "mdw": "meadow",
		"mdws": "meadows", "ml": "mill", "mtn": "mountain", "orch": "orchard", "pne": "pine", "pnes": "pines",
		"pln": "plain", "pt": "point", "rnch": "ranch", "rdg": "ridge", "riv": "river", "shr": "shore", "spg": "spring",
		"spgs": "springs", "sta": "station", "trce": "trace", "vly": "valley", "vw": "view", "vlg": "village",
		"vis": "vista",
	} {
		for each := range strings.FieldsSeq(long) {
			found[each] = word
		}
	}
	return found
}()

// undotted joins the words of Italy that have a point within: v.le, p.zza, c.so, l.go.
func undotted(tokens []string) []string {
	for i := 0; i+1 < len(tokens); i++ {
		if whole := dotted[tokens[i]+"."+tokens[i+1]]; whole != "" {
			tokens = slices.Replace(tokens, i, i+2, whole)
		}
	}
	return tokens
}

var dotted = map[string]string{"v.le": "viale", "p.zza": "piazza", "p.le": "piazzale", "c.so": "corso", "l.go": "largo"}

// postBox reads P.O. Box 12, PO Box 12 and Postfach 12 as one street with a number.
func postBox(tokens []string) []string {
	for i := range tokens {
		switch {
		case i+2 < len(tokens) && tokens[i] == "p" && tokens[i+1] == "o" && tokens[i+2] == "box":
			return append(append(slices.Clone(tokens[:i]), "pobox"), tokens[i+3:]...)
		case i+1 < len(tokens) && tokens[i] == "po" && tokens[i+1] == "box":
			return append(append(slices.Clone(tokens[:i]), "pobox"), tokens[i+2:]...)
		case tokens[i] == "postfach":
			tokens[i] = "pobox"
		}
	}
	return tokens
}

// before are the words that a flat, a floor or a building has before its number; behind, the ones behind it.
var before = set("# apt apartment unit suite ste flat room rm floor fl bldg building level lvl apto appartement appt " +
	"piso puerta planta wohnung whg top interno scala int etage dept bat batiment bus bte boite lgh daire кв квартира")
var behind = set("fl floor og eg stock etage piso planta")

func set(text string) map[string]bool {
	found := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		found[word] = true
	}
	return found
}

// withoutUnits takes flats, floors and buildings off: Apt 4B, Unit # 4 B, #4B, 2nd Floor, 3 OG. A word such as Floor
// that no number goes with is part of a name.
func withoutUnits(tokens []string, country string) []string {
	var kept []string
	for i := 0; i < len(tokens); i++ {
		switch token := tokens[i]; {
		case token == "#" && i == 0 && numbersHouse(tokens, country):
		case before[token] && unitID(tokens, i+1) > 0 && (token != "#" || !hashIsNumber[country]):
			if _, house, ok := strings.Cut(tokens[i+1], "/"); ok && flatFirst[country] {
				tokens[i+1] = house // Unit 3/12 High St
				continue
			}
			i += unitID(tokens, i+1)
		case token == "#":
		case i+1 < len(tokens) && behind[tokens[i+1]] && !notDigit(rune(token[0])) && (i > 0 || len(tokens) == 2 || numberLike(tokens[2])):
			i++
		default:
			kept = append(kept, token)
		}
	}
	return kept
}

// flatFirst are the countries that write the flat before the house: 3/12 High St.
var flatFirst = set("AU NZ")

// hashIsNumber are the countries that write # before the number of the house.
var hashIsNumber = set("CO MX CL PE VE DO EC GT CR PA HN SV NI BO IN")

// numbersHouse tells the # of # 2 Turner Rd from that of a flat: a street follows the number, and no other number.
func numbersHouse(tokens []string, country string) bool {
	return numberFirst[country] && len(tokens) > 3 && numberLike(tokens[1]) && !strings.ContainsFunc(joined(tokens[2:]),
		func(r rune) bool { return !notDigit(r) })
}

var lettered = regexp.MustCompile(`^[a-z]{1,2}\d`)

// unitID tells how many words from i on are the number of a flat: 4b, b, 4 b, # 4b.
func unitID(tokens []string, i int) int {
	if i < len(tokens) && tokens[i] == "#" {
		if rest := unitID(tokens, i+1); rest > 0 {
			return 1 + rest
		}
	}
	switch {
	case i >= len(tokens):
		return 0
	case notDigit(rune(tokens[i][0])) && len(tokens[i]) > 1:
		if lettered.MatchString(tokens[i]) {
			return 1
		}
		return 0
	case i+1 < len(tokens) && len(tokens[i+1]) == 1 && notDigit(rune(tokens[i+1][0])) && i+2 == len(tokens):
		return 2
	}
	return 1
}

// ways are words that end the name of a street, so that a number behind them is a flat's: 123 Main St 4B.
var ways = set("st ave blvd dr ln ct pl sq ter cir pkwy cres cl gdns way trl")

func untailed(tokens []string) []string {
	for i := 1; i+1 < len(tokens); i++ {
		if ways[tokens[i]] && numberLike(tokens[i+1]) {
			return tokens[:i+1]
		}
	}
	return tokens
}

// german are the countries that write umlauts out, and streets in one word or in two.
var german = map[string]bool{"DE": true, "AT": true, "CH": true, "LI": true, "LU": true}

var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

// streetName is the street as one word: Haupt-Straße, Hauptstr. and Haupt Strasse are one.
func streetName(tokens []string, country string) string {
	street := joined(tokens)
	if german[country] {
		street = umlauts.Replace(street)
	}
	for _, long := range []string{"strasse", "straat", "str"} {
		if name, ok := strings.CutSuffix(street, long); ok && name != "" {
			return name + "st"
		}
	}
	return street
}
