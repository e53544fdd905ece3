package api

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"pointbridge/domain"
	"pointbridge/templates"
)

// maxLanguageHeader bounds the work a client can ask for by a long Accept-Language.
const maxLanguageHeader = 256

// wording is one language to speak in.
type wording struct {
	tag     language.Tag
	printer *message.Printer
}

// texts are all languages, the shop's own first: that is the one for clients who ask for none of them.
type texts struct {
	words    *templates.Catalogue
	matcher  language.Matcher
	wordings []*wording
}

func loadTexts(locale string) (*texts, error) {
	words, err := templates.Texts()
	if err != nil {
		return nil, err
	}
	if !words.Has(locale) {
		return nil, fmt.Errorf("there are no sentences in %q", locale)
	}
	order := append([]string{locale}, templates.Locales()...)
	t := &texts{words: words}
	var tags []language.Tag
	for i, name := range order {
		if slices.Index(order, name) < i {
			continue
		}
		w := &wording{tag: language.Make(name)}
		w.printer = message.NewPrinter(w.tag)
		t.wordings, tags = append(t.wordings, w), append(tags, w.tag)
	}
	t.matcher = language.NewMatcher(tags)
	return t, nil
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

// detailKeys are the keys of what is said of a code, beside its title. The first text whose figures are all known is
// used, and the last one needs none.
func (t *texts) detailKeys(code domain.Code) (keys []string) {
	first := "problem." + string(code) + ".detail"
	for key, n := first, 2; t.words.Knows(key); n++ {
		keys = append(keys, key)
		key = first + "_" + strconv.Itoa(n)
	}
	return keys
}

// say returns title and detail of a code with these figures filled in. A code without a sentence speaks in general
// terms, and if even that is missing the code itself stands there: an answer is never blank.
func (t *texts) say(w *wording, code domain.Code, figures map[string]any) (title, detail string) {
	for _, from := range []*wording{w, t.wordings[0]} {
		title, err := t.words.Say(from.tag.String(), "problem."+string(code)+".title")
		if err != nil {
			continue
		}
		if text := t.rulesWords(from, figures); offers(code) && text != "" {
			return title, text
		}
		known := from.figures(figures)
		for _, key := range t.detailKeys(code) {
			if text, err := t.words.Fill(from.tag.String(), key, known); err == nil && text != "" {
				return title, text
			}
		}
	}
	return string(code), string(code)
}

// offers tells the codes by which the rules of a campaign refuse something.
func offers(code domain.Code) bool {
	return code == domain.CodeNotOffered || code == domain.CodeCodeNotOffered
}

// rulesWords is what the rules of a campaign say in a language to whom they refuse something: the campaign's own words,
// or those of the reason.
func (t *texts) rulesWords(w *wording, figures map[string]any) string {
	own, _ := figures[domain.ParamOwnWords].(map[string]string)
	if text := own[w.tag.String()]; text != "" {
		return text
	}
	reason, _ := figures["reason"].(string)
	text, err := t.words.Say(w.tag.String(), "decision.reason."+reason)
	if err != nil {
		return ""
	}
	return text
}

// rule says what is wrong with a field.
func (t *texts) rule(w *wording, rule, limit string) string {
	count, err := strconv.ParseInt(limit, 10, 64)
	if err != nil {
		count = 0 // it is no number, so the text does not depend on it
	}
	figures := map[string]any{"limit": templates.Quantity{Count: count, Words: limit}}
	for _, from := range []*wording{w, t.wordings[0]} {
		if text, err := t.words.Fill(from.tag.String(), "rule."+rule, figures); err == nil {
			return text
		}
	}
	return rule
}

// figures writes what is known of a refusal as the language does.
func (w *wording) figures(given map[string]any) map[string]any {
	known := make(map[string]any, len(given))
	for name, value := range given {
		if value != nil {
			known[name] = w.figure(value)
		}
	}
	return known
}

// figure writes a number as the language does. Figures that were stored come back as float64.
func (w *wording) figure(value any) any {
	var n int64
	switch v := value.(type) {
	case int:
		n = int64(v)
	case int64:
		n = v
	case float64:
		if v != math.Trunc(v) || math.Abs(v) >= 1<<53 {
			return fmt.Sprint(v)
		}
		n = int64(v)
	default:
		return fmt.Sprint(value)
	}
	return templates.Quantity{Count: n, Words: w.printer.Sprint(number.Decimal(n))}
}

// in returns one language by name, or the shop's.
func (t *texts) in(name string) *wording {
	for _, w := range t.wordings {
		if w.tag.String() == name {
			return w
		}
	}
	return t.wordings[0]
}
