package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// needsForms says which languages tell one from many; in the others a text has one form.
var needsForms = map[string]bool{"en": true}

// check holds the languages against each other: the same keys, the same places, and plural forms where a text counts.
// It names every fault.
func (c *Catalogue) check() error {
	var faults []error
	for _, lang := range Locales() {
		for key, m := range c.texts[lang] {
			if err := checkForms(lang, m); err != nil {
				faults = append(faults, fmt.Errorf("the text %q in %s %w", key, lang, err))
			}
			for _, other := range Locales() {
				theirs := c.texts[other][key]
				if theirs == nil {
					faults = append(faults, fmt.Errorf("%q is said in %s and not in %s", key, lang, other))
				} else if lang < other && !samePlaces(m.Other, theirs.Other) {
					faults = append(faults, fmt.Errorf("%q has other places in %s than in %s", key, lang, other))
				}
			}
		}
	}
	return errors.Join(faults...)
}

func samePlaces(a, b string) bool {
	names, counted := placesOf(a)
	otherNames, otherCounted := placesOf(b)
	return slices.Equal(names, otherNames) && slices.Equal(counted, otherCounted)
}

func checkForms(lang string, m *i18n.Message) error {
	_, counted := placesOf(m.Other)
	switch {
	case m.Other == "":
		return errors.New("is empty")
	case m.Zero != "" || m.Two != "" || m.Few != "" || m.Many != "":
		return errors.New("has a plural form that no language here uses")
	case len(counted) > 1:
		return errors.New("counts more than one number")
	case (m.One != "") != (needsForms[lang] && len(counted) == 1):
		return errors.New("must have a form for one exactly where it counts and the language tells one from many")
	case m.One != "" && !samePlaces(m.One, m.Other):
		return errors.New("has other places for one than for many")
	}
	return nil
}

// eachKeyOnce refuses a file that says a key twice: encoding/json would keep the last one without a word.
func eachKeyOnce(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	seen := []map[string]bool{}
	inValue := false
	for d.More() || len(seen) > 0 {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				seen = append(seen, map[string]bool{})
			case '}':
				seen = seen[:len(seen)-1]
			default:
				return errors.New("a list has no place here")
			}
			inValue = false
		case string:
			if len(seen) == 0 {
				return errors.New("it is no object")
			}
			if !inValue {
				if seen[len(seen)-1][t] {
					return fmt.Errorf("%q is said twice", t)
				}
				seen[len(seen)-1][t] = true
			}
			inValue = !inValue
		default:
			return fmt.Errorf("%v is no text", t)
		}
	}
	return nil
}
