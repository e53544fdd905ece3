package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// needsForms says which languages tell one from many; in the others a text has one form.
var needsForms = map[string]bool{"en": true}

func TestTheCatalogueHasNoFault(t *testing.T) {
	t.Parallel()
	if err := faultsOf(words); err != nil {
		t.Error(err)
	}
}

// faultsOf reads the files, and holds the languages against each other: the same keys, each once, the same places, and
// plural forms where a text counts. It names every fault of those.
func faultsOf(files fs.FS) error {
	names, err := fs.Glob(files, "words/*/*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err == nil {
			err = eachKeyOnce(raw)
		}
		if err != nil {
			return fmt.Errorf("read the texts of %s: %w", name, err)
		}
	}
	all := map[string]map[string]*i18n.Message{}
	for _, lang := range Locales() {
		if all[lang], err = readLanguage(files, lang); err != nil {
			return err
		}
	}
	return compared(all)
}

func compared(all map[string]map[string]*i18n.Message) error {
	var faults []error
	for _, lang := range Locales() {
		for key, m := range all[lang] {
			if err := checkForms(lang, m); err != nil {
				faults = append(faults, fmt.Errorf("the text %q in %s %w", key, lang, err))
			}
			for _, other := range Locales() {
				theirs := all[other][key]
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
