package templates_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unsaid are the words that docs/glossary.md has another one for, by the language of the texts.
var unsaid = map[string][]string{
	"ja": {"取消", "取り消", "利用可能", "使用可能", "変換", "レジ", "円", "¥", "申請", "バッチ"},
	"en": {"¥", "voucher"},
}

// TestTextsSayOneWordForOneThing holds every text to the glossary.
func TestTextsSayOneWordForOneThing(t *testing.T) {
	t.Parallel()
	glossary, err := os.ReadFile("../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range unsaid["ja"] {
		if !strings.Contains(string(glossary), word) {
			t.Errorf("the glossary does not say what to say instead of %s", word)
		}
	}
	for lang, words := range unsaid {
		files, err := filepath.Glob("words/" + lang + "/*.json")
		if err != nil || len(files) == 0 {
			t.Fatal("there are no texts", err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var texts map[string]any
			if err := json.Unmarshal(raw, &texts); err != nil {
				t.Fatal(err)
			}
			for key, text := range texts {
				said, _ := json.Marshal(text)
				for _, word := range words {
					if strings.Contains(string(said), word) {
						t.Errorf("%s %s says %q: %s", file, key, word, said)
					}
				}
			}
		}
	}
}
