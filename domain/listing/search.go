package listing

import (
	"regexp"
	"strings"

	"pointbridge/domain"
)

// Search is what a text that somebody typed can mean: a coupon is found when any of it holds. Every part can be looked
// up in an index; the zero value finds nothing.
type Search struct {
	// Code is a whole code. When it is set, nothing else is.
	Code string
	// Joined is a text that can be a code, or the beginning of one, without its hyphens: besides whatever else it means.
	Joined string
	// CodePrefix is the beginning of a code, which begins with the last letters and digits of its customer's id.
	CodePrefix string
	// DrawnPrefix is the drawn part of a code, or the beginning of that; AfterDrawn is what follows the whole of it.
	DrawnPrefix, AfterDrawn string
	// CustomerPrefix is a customer's id or the beginning of one, as it is written.
	CustomerPrefix string
	// CustomerSuffix is the end of a customer's id, longer than what a code begins with; TailPrefix is the beginning of
	// the codes of such customers.
	CustomerSuffix, TailPrefix string
}

// MinDrawn is how many characters of the drawn part have to be typed in a box that also means customers.
const MinDrawn = 2

var (
	searchable   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	drawnPattern = regexp.MustCompile(`^([` + domain.CodeAlphabet + `]{1,5}|([` + domain.CodeAlphabet +
		`]{6})(-[0-9]{0,19}(-[0-9]{0,3})?)?)$`)
	shortTail = 5
)

// SearchCode reads a text that means codes only.
func SearchCode(text string) Search {
	text = domain.FoldTyped(text)
	// A code of points without its amount looks like a campaign's, whose codes are found as their own beginnings.
	if code, whole := domain.NormalizeCode(text); whole && domain.IsPointsCode(code) {
		return Search{Code: code}
	}
	if !searchable.MatchString(text) {
		return Search{}
	}
	upper := strings.ToUpper(text)
	s := Search{CodePrefix: upper}
	if domain.CodeStartJoined(upper) != "" || len(domain.CodesJoined(upper)) > 0 {
		s.Joined = upper
	}
	if m := drawnPattern.FindStringSubmatch(upper); m != nil {
		if s.DrawnPrefix = m[1]; m[2] != "" {
			s.DrawnPrefix, s.AfterDrawn = m[2], m[3]
		}
	}
	return s
}

// IsCode reports whether somebody who typed a text, with hyphens or without any, typed the whole of a code.
func IsCode(text, code string) bool {
	text = strings.ToUpper(domain.FoldTyped(text))
	return text == code || text == strings.ReplaceAll(code, "-", "")
}

// SearchText reads a text that means codes and customers.
func SearchText(text string) Search {
	text = domain.FoldTyped(text)
	s := SearchCode(text)
	if s.CodePrefix == "" {
		return s
	}
	if len(s.DrawnPrefix) < MinDrawn {
		s.DrawnPrefix = ""
	}
	s.CustomerPrefix = text
	if tail := domain.CodeTail(text); len(text) > shortTail && len(tail) == shortTail {
		s.CustomerSuffix, s.TailPrefix = text, tail+"-"
	}
	return s
}
