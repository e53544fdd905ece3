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
	if !strings.Contains(text, "{") { // most texts
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

type placesText string

// Parse implements template.Parser.
func (placesParser) Parse(text, _, _ string) (template.ParsedTemplate, error) {
	return placesText(text), nil
}

// Cacheable implements template.Parser: parsing is free.
func (placesParser) Cacheable() bool { return false }

// Execute implements template.ParsedTemplate. What is counted is written in the language's digits, unless it brings
// words of its own.
func (t placesText) Execute(data any) (string, error) {
	with, ok := data.(filling)
	if !ok {
		return "", fmt.Errorf("a text cannot be filled with %T", data)
	}
	if !strings.Contains(string(t), "{") {
		return string(t), nil
	}
	var missing []string
	text := place.ReplaceAllStringFunc(string(t), func(match string) string {
		m := place.FindStringSubmatch(match)
		figure, given := with.figures[m[2]]
		if !given {
			missing = append(missing, m[2])
		}
		n, whole := countOf(figure)
		if _, worded := figure.(Quantity); m[1] != "" && whole && !worded {
			return Number(with.lang, n)
		}
		return fmt.Sprint(figure)
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("nothing is given for %q", missing)
	}
	return text, nil
}
