// Package spreadsheet keeps programs that open tables from taking a text for a formula (OWASP, CSV Injection).
package spreadsheet

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// formulas are what a cell begins with that is taken for a formula. The wide forms are those of Japanese keyboards,
// which spreadsheets there read like the narrow ones.
const formulas = "=+-@\t\r\n＝＋－＠"

func begins(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	return cell != "" && strings.ContainsRune(formulas, first)
}

// Text is a cell that somebody else may have written. Whatever it begins with, it stays a text: a phone number too,
// which would lose its plus.
func Text(cell string) string {
	if begins(cell) {
		return "'" + cell
	}
	return cell
}

// Cell is a cell of a table with figures: a whole number stays one, and everything else is a text.
func Cell(cell string) string {
	if _, err := strconv.ParseInt(cell, 10, 64); err == nil {
		return cell
	}
	return Text(cell)
}

// Read takes back what Text did, so that a table that was written can be read.
func Read(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && begins(rest) {
		return rest
	}
	return cell
}
