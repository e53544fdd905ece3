package domain

import (
	"strings"
	"unicode/utf8"
)

// PlainText reports whether a text can be looked up and kept in every database: it is UTF-8 and holds no character
// zero.
func PlainText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
