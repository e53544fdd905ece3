package domain

import (
	"strings"
	"unicode/utf8"
)

// MaxNote is how many characters a note can have. A character is what Unicode counts as one, and the end of a line is
// one.
const MaxNote = 2000

// TypedNote is a note as it was typed into a form: browsers send each end of a line as two characters. Nothing else of
// a note is changed or cut off.
func TypedNote(field string) string { return strings.ReplaceAll(field, "\r\n", "\n") }

// NoteFits reports whether a note can be kept: in any script, not too long, and without the one character that
// PostgreSQL cannot store.
func NoteFits(note string) bool {
	return utf8.ValidString(note) && utf8.RuneCountInString(note) <= MaxNote && !strings.ContainsRune(note, 0)
}

// NoteSays reports whether a note says anything, where one is asked for.
func NoteSays(note string) bool { return strings.TrimSpace(note) != "" }
