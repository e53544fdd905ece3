package templates_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
)

// unsaid are the words that docs/glossary.md has another one for, by the language of the texts. English ones are whole
// words, in any case and number.
var unsaid = map[string][]string{
	"ja": {"取消", "取り消", "利用可能", "使用可能", "変換", "レジ", "円", "¥", "申請", "バッチ"},
	"en": {"¥", "till", "cash register", "voucher", "dead", "killed"},
}

// unsaidToCustomers are words that staff know and shoppers do not.
var unsaidToCustomers = map[string][]string{"ja": {"POS", "レジ"}, "en": {"POS", "ledger"}}

// toCustomers reports whether shoppers read a text: the wallet's, and those of mails that do not go to staff.
func toCustomers(file, key string) bool {
	return filepath.Base(file) == "wallet.json" || filepath.Base(file) == "mail.json" && !strings.HasPrefix(key, "notice.")
}

// says finds one of the words in a text; "" is none of them.
func says(words []string, text string) string {
	for _, word := range words {
		pattern := "(?i)" + regexp.QuoteMeta(word)
		if strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz ") == "" {
			pattern = `(?i)\b` + regexp.QuoteMeta(word) + `s?\b`
		}
		if regexp.MustCompile(pattern).MatchString(text) {
			return word
		}
	}
	return ""
}

// TestTextsSayOneWordForOneThing holds every text to the glossary.
func TestTextsSayOneWordForOneThing(t *testing.T) {
	t.Parallel()
	glossary, err := os.ReadFile("../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for lang := range unsaid {
		for _, word := range slices.Concat(unsaid[lang], unsaidToCustomers[lang]) {
			if !strings.Contains(string(glossary), word) {
				t.Errorf("the glossary does not say what to say instead of %s", word)
			}
		}
		files, err := filepath.Glob("words/" + lang + "/*.json")
		if err != nil || len(files) == 0 {
			t.Fatal("there are no texts", err)
		}
		for _, file := range files {
			for key, text := range read(t, file) {
				if word := says(unsaid[lang], text); word != "" {
					t.Errorf("%s %s says %q: %s", file, key, word, text)
				}
				if word := says(unsaidToCustomers[lang], text); word != "" && toCustomers(file, key) {
					t.Errorf("%s %s says %q to customers: %s", file, key, word, text)
				}
			}
		}
	}
}

// TestTheReasonsThatThePOSKeepsSayTheSameWords holds what the POS shows of a movement to the glossary.
func TestTheReasonsThatThePOSKeepsSayTheSameWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []domain.MovementKind{domain.Take, domain.GiveBack, domain.Grant, domain.TakeBack} {
		for lang := range unsaid {
			if text := domain.MovementReason(kind, lang); says(unsaid[lang], text) != "" {
				t.Errorf("%s in %s says %q: %s", kind, lang, says(unsaid[lang], text), text)
			}
		}
	}
}

// read is each text of a file, plural forms and all.
func read(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var forms map[string]any
	if err := json.Unmarshal(raw, &forms); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for key, form := range forms {
		said, _ := json.Marshal(form)
		texts[key] = string(said)
	}
	return texts
}

// TestWhatOperatorsReadSaysOneWordForOneThing holds what is written elsewhere than in the catalogue to the same words:
// the API's description, the settings and the documents. A setting's example may be an address of any name.
func TestWhatOperatorsReadSaysOneWordForOneThing(t *testing.T) {
	t.Parallel()
	files := []string{"../README.md", "../CHANGELOG.md", "../.env.example", "../api/openapi.json"}
	for _, pattern := range []string{"../docs/*.md", "../docs/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal("there are no documents", err)
		}
		files = append(files, found...)
	}
	addresses := regexp.MustCompile(`https?://\S+`)
	for _, file := range files {
		if filepath.Base(file) == "glossary.md" { // where the words themselves stand
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(raw), "\n") {
			if word := says([]string{"till", "cash register", "dead"}, addresses.ReplaceAllString(line, "")); word != "" {
				t.Errorf("%s:%d says %q: %s", file, i+1, word, strings.TrimSpace(line))
			}
		}
	}
}

// TestWordsAreFound shows that a word is found as a word, in any case and number, and not within another one.
func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	for text, found := range map[string]bool{"The Till says": true, "two tills": true, "the till's own": true,
		"still, until": false, "position": false} {
		if got := says([]string{"till"}, text) != ""; got != found {
			t.Errorf("%q: %v", text, got)
		}
	}
	if says([]string{"レジ"}, "店のレジで") == "" {
		t.Error("a Japanese word is found within others")
	}
}
