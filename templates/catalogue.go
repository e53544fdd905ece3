package templates

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalogue is every text that people read, by language and key: pages, mails and problems. In a text, {0} or {name} is
// a place for a figure, and {#0} or {#name} is the place of the number that the text counts: that number chooses
// between the text's plural forms.
type Catalogue struct {
	texts      map[string]map[string]text
	localizers map[string]*i18n.Localizer
	// counted is the place of the number that a text counts, by its key; every language has the same.
	counted map[string]string
}

// text is what is said of a key; One is empty where nothing is counted, or the language does not tell one from many.
type text struct{ One, Other string }

// Texts is the catalogue. It is read once. The files are a part of the program: the tests look for faults in them, so that
// no start has to.
var Texts = sync.OnceValues(func() (*Catalogue, error) { return readCatalogue(words) })

// readCatalogue reads the files words/<language>/<area>.json.
func readCatalogue(files fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[string]map[string]text{}, localizers: map[string]*i18n.Localizer{}, counted: map[string]string{}}
	bundle := i18n.NewBundle(language.Make(Locales()[0]))
	for _, lang := range Locales() {
		messages, err := readLanguage(files, lang)
		if err != nil {
			return nil, err
		}
		texts := make(map[string]text, len(messages))
		var open []*i18n.Message // what has places: go-i18n is not asked for the others, which are most
		for key, m := range messages {
			texts[key] = text{One: m.One, Other: m.Other}
			if !hasPlaces(m.Other) {
				continue
			}
			open = append(open, m)
			if place := countedPlace(m.Other); place != "" {
				c.counted[key] = place
			}
		}
		if err := bundle.AddMessages(language.Make(lang), open...); err != nil {
			return nil, fmt.Errorf("take in the texts in %s: %w", lang, err)
		}
		c.texts[lang], c.localizers[lang] = texts, i18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// readLanguage joins the files of one language; a key stands in one of them only, and once.
func readLanguage(files fs.FS, lang string) (map[string]*i18n.Message, error) {
	names, err := fs.Glob(files, path.Join("words", lang, "*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]*i18n.Message{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		messages, err := i18n.ParseMessageBytes(raw, json.Unmarshal)
		if err != nil {
			return nil, fmt.Errorf("read the texts of %s: %w", name, err)
		}
		for _, m := range messages {
			if all[m.ID] != nil {
				return nil, fmt.Errorf("%q is said twice in %s", m.ID, lang)
			}
			all[m.ID] = m
		}
	}
	return all, nil
}

// Has reports whether there are texts in a language.
func (c *Catalogue) Has(lang string) bool { return c.texts[lang] != nil }

// Keys are the keys of all texts, in order.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.texts[Locales()[0]])) }

// Knows reports whether there is a text of this key. Every language has the same keys.
func (c *Catalogue) Knows(key string) bool {
	_, known := c.texts[Locales()[0]][key]
	return known
}

// Say fills the places {0}, {1}, … of a text. A key that is not in the catalogue and a place without a figure are
// faults of ours: the page stops there, so that it is found by the tests and never read by anybody.
func (c *Catalogue) Say(lang, key string, args ...any) (string, error) {
	figures := make(map[string]any, len(args))
	for i, arg := range args {
		figures[fmt.Sprint(i)] = arg
	}
	return c.Fill(lang, key, figures)
}

// Fill fills the named places of a text.
func (c *Catalogue) Fill(lang, key string, figures map[string]any) (string, error) {
	m, known := c.texts[lang][key]
	if !known {
		return "", fmt.Errorf("there is no text %q in %s", key, lang)
	}
	if !hasPlaces(m.Other) {
		return m.Other, nil
	}
	how := &i18n.LocalizeConfig{
		MessageID:      key,
		TemplateData:   filling{lang: lang, figures: figures},
		TemplateParser: placesParser{},
	}
	if counted, counts := c.counted[key]; counts {
		n, whole := countOf(figures[counted])
		if !whole {
			return "", fmt.Errorf("the text %q in %s counts {%s}, which is no whole number", key, lang, counted)
		}
		how.PluralCount = n
	}
	text, err := c.localizers[lang].Localize(how)
	if err != nil {
		return "", fmt.Errorf("say %q in %s: %w", key, lang, err)
	}
	return text, nil
}

// Form is one plural form of a text with its places still open, for a script that counts on in the browser. A language
// that does not have the form uses "other".
func (c *Catalogue) Form(lang, key, form string) (string, error) {
	m, known := c.texts[lang][key]
	if !known {
		return "", fmt.Errorf("there is no text %q in %s", key, lang)
	}
	if form == "one" && m.One != "" {
		return unmarked(m.One), nil
	}
	return unmarked(m.Other), nil
}

// Places are the names of the places in a text. Every language has the same places.
func (c *Catalogue) Places(key string) []string {
	names, _ := placesOf(c.texts[Locales()[0]][key].Other)
	return names
}
