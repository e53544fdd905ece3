package domain

import (
	"net/mail"
	"strings"
	"unicode"
)

// ReadMailAddress reads an address as members have it: alone, without a name, brackets or comment, its full-width
// characters written as ASCII. It is kept as it is otherwise, because it is what mails are sent to. Japanese carriers
// gave out addresses with two dots in a row or a dot before the @ (RFC 5322 wants these quoted, and senders do quote
// them): they are addresses like any other.
func ReadMailAddress(text string) (address string, ok bool) {
	address = strings.TrimSpace(FoldWidth(text))
	if strings.ContainsAny(address, "<>()") || strings.ContainsFunc(address, unwritable) {
		return "", false
	}
	if parsed, err := mail.ParseAddress(address); err == nil && parsed.Name == "" {
		return address, true
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", false
	}
	undotted := strings.ReplaceAll(address[:at], ".", "")
	parsed, err := mail.ParseAddress("x" + undotted + address[at:])
	return address, err == nil && parsed.Name == "" && !strings.ContainsRune(undotted, '"')
}

// Deliverable reports whether mail servers take the address at all: many refuse one that begins with a hyphen, quoted
// or not, which programs behind them could read as an option (Postfix 3.7.11 answers 501; its setting is
// allow_min_user). Dots in a row, first or last are taken.
func Deliverable(address string) bool {
	return !strings.HasPrefix(strings.TrimPrefix(address, `"`), "-")
}

// MailKey is a mail address in the one spelling by which customers who are one person are found. It is only trimmed and
// lower-cased: what else one mail server takes for the same address is another one's two people.
func MailKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func unwritable(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
