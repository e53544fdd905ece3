package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// place is {name}, or {#name} where the text counts the figure.
var place = regexp.MustCompile(`\{(#?)([a-z0-9_]+)\}`)

// placesOf returns the names of a text's places in order, each once, and those of them that the text counts.
func placesOf(text string) (names, counted []string) {
	if !hasPlaces(text) {
		return nil, nil
	}
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[2]) {
			names = append(names, m[2])
		}
		if m[1] != "" && !slices.Contains(counted, m[2]) {
			counted = append(counted, m[2])
		}
	}
	slices.Sort(names)
	return names, counted
}

// hasPlaces reports whether there is something to fill, which most texts have not.
func hasPlaces(text string) bool { return strings.Contains(text, "{") }

func countedPlace(text string) string {
	if _, counted := placesOf(text); len(counted) > 0 {
		return counted[0]
	}
	return ""
}

// unmarked writes every place as {name}, which is the form that scripts fill.
func unmarked(text string) string { return strings.ReplaceAll(text, "{#", "{") }

// Quantity is a number in the words or digits in which it is to be read: a text that counts it takes its form by the
// number and shows the words.
type Quantity struct {
	Count int64
	Words string
}

// String implements fmt.Stringer.
func (q Quantity) String() string { return q.Words }

// countOf is the number that a figure counts.
func countOf(figure any) (int64, bool) {
	switch v := figure.(type) {
	case Quantity:
		return v.Count, true
	case int:
		return int64(v), true
	case int64:
		return v, true
	default:
		return 0, false
	}
}

// filling is what the places of one text are filled with.
type filling struct {
	lang    string
	figures map[string]any
}

// placesParser and placesText make go-i18n fill our places, which translators can read without knowing Go.
type placesParser struct{}

// placesText is a text in pieces, so that nobody looks for its places again each time it is read.
type placesText []piece

// piece is what stands before a place, and the place; the last piece of a text has none.
type piece struct {
	before, name string
	counted      bool
}

// Parse implements template.Parser.
func (placesParser) Parse(text, _, _ string) (template.ParsedTemplate, error) {
	var list placesText
	end := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		list = append(list, piece{before: text[end:m[0]], name: text[m[4]:m[5]], counted: m[2] < m[3]})
		end = m[1]
	}
	return append(list, piece{before: text[end:]}), nil
}

// Cacheable implements template.Parser: a text has the same places each time.
func (placesParser) Cacheable() bool { return true }

// Execute implements template.ParsedTemplate.
func (t placesText) Execute(data any) (string, error) {
	with, ok := data.(filling)
	if !ok {
		return "", fmt.Errorf("a text cannot be filled with %T", data)
	}
	var text strings.Builder
	var missing []string
	for _, p := range t {
		text.WriteString(p.before)
		if p.name == "" {
			continue
		}
		if _, given := with.figures[p.name]; !given {
			missing = append(missing, p.name)
		}
		text.WriteString(p.fill(with))
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("nothing is given for %q", missing)
	}
	return text.String(), nil
}

// fill writes what is counted in the language's digits, unless it brings words of its own.
func (p piece) fill(with filling) string {
	figure := with.figures[p.name]
	n, whole := countOf(figure)
	if _, worded := figure.(Quantity); p.counted && whole && !worded {
		return Number(with.lang, n)
	}
	return fmt.Sprint(figure)
}
