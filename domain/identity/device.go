package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const deviceShortest, deviceLongest = 8, 128

// noDevice is what storefronts send where a script had nothing to send: it would make one person of everybody.
var noDevice = map[string]bool{"undefined": true, "[object object]": true, "anonymous": true, "not available": true}

// device takes an id as the storefront gave it. It is opaque: case and signs are part of it.
func device(text string) string {
	text = strings.TrimSpace(text)
	size := utf8.RuneCountInString(text)
	if size < deviceShortest || size > deviceLongest || noDevice[strings.ToLower(text)] ||
		strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	if first, _ := utf8.DecodeRuneInString(text); strings.Trim(text, string(first)+"-") == "" {
		return "" // 00000000-0000-0000-0000-000000000000
	}
	return text
}

// customer takes the shop's id of a customer, as a gid or as the number in it.
func customer(text string) string {
	id := strings.TrimPrefix(strings.TrimSpace(text), "gid://shopify/Customer/")
	if strings.Trim(id, "0") == "" || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return id
}
