package domain_test

import (
	"strings"
	"testing"

	"pointbridge/domain"
)

func TestANoteFitsByCharactersAndNotByBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		note string
		fits bool
	}{
		"nothing":                       {"", true},
		"as long as can be":             {strings.Repeat("x", domain.MaxNote), true},
		"as long as can be in Japanese": {strings.Repeat("あ", domain.MaxNote), true},
		"as long as can be in pictures": {strings.Repeat("🎁", domain.MaxNote), true},
		"one more":                      {strings.Repeat("あ", domain.MaxNote+1), false},
		"no text":                       {"\xff", false},
		"what no database keeps":        {"a\x00b", false},
		"lines":                         {"a\nb\tc", true},
	} {
		if domain.NoteFits(c.note) != c.fits {
			t.Errorf("%s: %v was expected", name, c.fits)
		}
	}
}

func TestTheEndOfALineIsOneCharacter(t *testing.T) {
	t.Parallel()
	typed := strings.Repeat("x", domain.MaxNote-1) + "\r\n"
	if domain.NoteFits(typed) || !domain.NoteFits(domain.TypedNote(typed)) {
		t.Error("the end of a line counts as two")
	}
	if got := domain.TypedNote(" a\r\nb\rc \n"); got != " a\nb\rc \n" {
		t.Errorf("got %q", got)
	}
}

func TestANoteOfSpacesSaysNothing(t *testing.T) {
	t.Parallel()
	for note, says := range map[string]bool{"": false, " \n\t\u3000": false, " x ": true} {
		if domain.NoteSays(note) != says {
			t.Errorf("%q: %v was expected", note, says)
		}
	}
}
