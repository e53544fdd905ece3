// Package idn writes international domain names in one way.
package idn

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// ASCII gives the name of a domain as the network has it: 日本語.jp is xn--wgv71a119e.jp. A name that is ASCII already
// stays as it is, and "" is what cannot be a domain's.
func ASCII(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return name
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return ""
	}
	return ascii
}
