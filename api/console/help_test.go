package console

import (
	"slices"
	"testing"

	"pointbridge/templates"
)

// TestEveryScreenHasItsHelp: each page can be read, and leads to words that explain it, in each language, or is one of the few that need
// none.
func TestEveryScreenHasItsHelp(t *testing.T) {
	t.Parallel()
	screens, err := loadTemplates()
	if err != nil {
		t.Fatal(err)
	}
	words, err := templates.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range screens {
		if read().Lookup("layout.html") == nil {
			t.Errorf("the page %s has no layout", name)
		}
		topic, has := helpOf[name]
		if has == slices.Contains(noHelp, name) {
			t.Errorf("the page %s has help, or needs none: exactly one of both", name)
		}
		for _, lang := range templates.Locales() {
			for _, key := range []string{"help." + topic, "help." + topic + ".what"} {
				if _, err := words.Say(lang, key); has && err != nil {
					t.Errorf("%s in %s: %v", key, lang, err)
				}
			}
		}
	}
	for name := range helpOf {
		if screens[name] == nil {
			t.Errorf("there is no page %s", name)
		}
	}
}
