package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"pointbridge/templates"
)

// words are the texts of the pages by language and key. Each part of the pages has its own files.
type words map[string]map[string]string

func loadWords() (words, error) {
	w := words{}
	for _, lang := range templates.Locales() {
		list, err := loadLanguage(lang)
		if err != nil {
			return nil, err
		}
		w[lang] = list
	}
	for lang, list := range w {
		for other, theirs := range w {
			for key := range list {
				if theirs[key] == "" {
					return nil, fmt.Errorf("%q is said in %s and not in %s", key, lang, other)
				}
			}
		}
	}
	return w, nil
}

// loadLanguage joins the files of one language; a key stands in one of them only.
func loadLanguage(lang string) (map[string]string, error) {
	files, err := fs.Glob(templates.Web, "web/words/*."+lang+".json")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, file := range files {
		raw, err := templates.Web.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var list map[string]string
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fmt.Errorf("read the words of %s: %w", file, err)
		}
		for key, text := range list {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%q is said twice in %s", key, lang)
			}
			all[key] = text
		}
	}
	return all, nil
}

func (w words) has(lang string) bool { return w[lang] != nil }

// say fills the places {0}, {1}, … of a text. A key that nobody knows is a fault of ours: it stops the page, so that it is
// found by the tests and never read by anybody.
func (w words) say(lang, key string, args ...any) (string, error) {
	text := w[lang][key]
	if text == "" {
		return "", fmt.Errorf("there is no text %q in %s", key, lang)
	}
	for i, arg := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), fmt.Sprint(arg))
	}
	return text, nil
}
