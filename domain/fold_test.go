package domain

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFoldTyped(t *testing.T) {
	t.Parallel()
	const code = "70934-AB72CD-500"
	for name, typed := range map[string]string{
		"full width":             "７０９３４－ＡＢ７２ＣＤ－５００",
		"figure dash":            "70934‒AB72CD‒500",
		"non-breaking hyphen":    "70934‑AB72CD‑500",
		"horizontal bar":         "70934―AB72CD―500",
		"minus":                  "70934−AB72CD−500",
		"long vowel":             "70934ーAB72CDー500",
		"half-width long vowel":  "70934ｰAB72CDｰ500",
		"blanks":                 " 70934 - AB72CD - 500　",
		"a zero-width space":     "70934-\u200bAB72CD-500",
		"a byte order mark":      "\ufeff70934-AB72CD-500",
		"a soft hyphen":          "70934-AB\u00ad72CD-500",
		"marks of direction":     "\u202a70934-AB72CD-500\u202c",
		"a tab and a line break": "70934-AB72CD-500\t\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := FoldTyped(typed); got != code {
				t.Errorf("read as %q", got)
			}
		})
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		once := FoldTyped(text)
		if again := FoldTyped(once); again != once {
			t.Fatalf("%q became %q", once, again)
		}
	})
}
