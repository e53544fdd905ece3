package api

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"pointbridge/domain"
	"pointbridge/templates/problems"
)

// maxLanguageHeader bounds the work a client can ask for by a long Accept-Language.
const maxLanguageHeader = 256

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// sentence is what is said of one code. The first detail whose figures are all known is used.
type sentence struct {
	Title   string   `json:"title"`
	Details []string `json:"details"`
}

// wording is one language's sentences.
type wording struct {
	tag      language.Tag
	printer  *message.Printer
	Problems map[domain.Code]sentence `json:"problems"`
	Rules    map[string]string        `json:"rules"`
}

// texts are all languages, the shop's own first: that is the one for clients who ask for none of them.
type texts struct {
	matcher  language.Matcher
	wordings []*wording
}

func loadTexts(locale string) (*texts, error) {
	order := []string{"ja", "en"}
	switch locale {
	case "ja":
	case "en":
		order = []string{"en", "ja"}
	default:
		return nil, fmt.Errorf("there are no sentences in %q", locale)
	}
	t := &texts{}
	tags := make([]language.Tag, 0, len(order))
	for _, name := range order {
		w, err := loadWording(name)
		if err != nil {
			return nil, err
		}
		t.wordings, tags = append(t.wordings, w), append(tags, w.tag)
	}
	t.matcher = language.NewMatcher(tags)
	return t, nil
}

func loadWording(name string) (*wording, error) {
	text, err := problems.Files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the sentences in %s: %w", name, err)
	}
	w := &wording{tag: language.Make(name)}
	w.printer = message.NewPrinter(w.tag)
	if err := json.Unmarshal(text, w); err != nil {
		return nil, fmt.Errorf("read the sentences in %s: %w", name, err)
	}
	return w, nil
}

// pick chooses by Accept-Language, and falls back to the shop's language, never to nothing.
func (t *texts) pick(header string) *wording {
	if header == "" || len(header) > maxLanguageHeader {
		return t.wordings[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return t.wordings[0]
	}
	_, i, sure := t.matcher.Match(wanted...)
	if sure < language.High {
		// The matcher also offers languages that speakers of the wanted one often know; the shop's is the better guess.
		return t.wordings[0]
	}
	return t.wordings[i]
}

// say gives title and detail of a code with these figures filled in. A code without a sentence speaks in general terms,
// and if even that is missing the code itself stands there: an answer is never blank.
func (t *texts) say(w *wording, code domain.Code, figures map[string]any) (title, detail string) {
	for _, from := range []*wording{w, t.wordings[0]} {
		s := from.Problems[code]
		for _, detail := range s.Details {
			if text, ok := from.fill(detail, figures); ok && s.Title != "" && text != "" {
				return s.Title, text
			}
		}
	}
	return string(code), string(code)
}

// rule says what is wrong with a field.
func (t *texts) rule(w *wording, rule, limit string) string {
	for _, from := range []*wording{w, t.wordings[0]} {
		if text := from.Rules[rule]; text != "" {
			return strings.ReplaceAll(text, "{limit}", limit)
		}
	}
	return rule
}

// fill puts the figures in, and tells whether all of them were known.
func (w *wording) fill(text string, figures map[string]any) (string, bool) {
	known := true
	text = placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := figures[strings.Trim(name, "{}")]
		known = known && ok && value != nil
		return w.figure(value)
	})
	return text, known
}

// figure writes a number as the language does. Figures that were stored come back as float64.
func (w *wording) figure(value any) string {
	switch v := value.(type) {
	case int, int64:
		return w.printer.Sprint(number.Decimal(v))
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return w.printer.Sprint(number.Decimal(int64(v)))
		}
	}
	return fmt.Sprint(value)
}

// in gives one language by name, or the shop's.
func (t *texts) in(name string) *wording {
	for _, w := range t.wordings {
		if w.tag.String() == name {
			return w
		}
	}
	return t.wordings[0]
}
