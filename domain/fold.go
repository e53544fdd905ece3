package domain

import (
	"strings"
	"unicode"
)

// FoldWidth writes full-width letters, digits and signs (U+FF01 to U+FF5E, which Japanese keyboards give) and the wide
// space as their ASCII ones. Every other character stays.
func FoldWidth(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000':
			return ' '
		}
		return r
	}, text)
}

// FoldTyped reads what somebody typed or pasted where codes, ids and numbers are meant: width is folded, every sign
// that looks like a hyphen is one, and blanks and signs without width are gone.
func FoldTyped(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case IsDash(r):
			return '-'
		case unicode.IsSpace(r), IsZeroWidth(r):
			return -1
		}
		return r
	}, FoldWidth(text))
}

// IsDash tells the hyphens, dashes, minus signs and the Japanese sign for a long vowel, which all stand where a hyphen
// was meant.
func IsDash(r rune) bool {
	switch r {
	case '\u2212', '\u30fc', '\uff70', '\ufe58', '\ufe63':
		return true
	}
	return r >= '\u2010' && r <= '\u2015'
}

// IsZeroWidth tells the signs that copying from a page or a mail brings along unseen.
func IsZeroWidth(r rune) bool {
	switch r {
	case '\u00ad', '\u2060', '\ufeff', '\u061c':
		return true
	}
	return r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
