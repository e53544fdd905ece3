package domain

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// CodeAlphabet has no letter or digit that is easily taken for another.
const CodeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const (
	codeTail   = 5
	codeRandom = 6
)

var (
	customerIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	codePattern       = regexp.MustCompile(`^[A-Z0-9]{1,5}-[2-9A-HJKMNP-Z]{6}-[0-9]{1,19}(-[0-9]{2,3})?$`)
)

// ValidCustomerID reports whether a POS customer id can be used in addresses and codes.
func ValidCustomerID(id string) bool { return customerIDPattern.MatchString(id) && tail(id) != "" }

// NewCode draws a code: the last five letters or digits of the customer's id, six random characters, and the amount as
// a label.
func NewCode(random io.Reader, customerID string, amount Money) (string, error) {
	drawn, err := DrawLetters(random, codeRandom)
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return tail(customerID) + "-" + drawn + "-" + amount.Label(), nil
}

// DrawLetters draws from CodeAlphabet. Random bytes are taken without bias: those that do not fit are thrown away.
func DrawLetters(random io.Reader, n int) (string, error) {
	drawn := make([]byte, 0, n)
	limit := byte(256 - 256%len(CodeAlphabet))
	buf := make([]byte, n)
	for len(drawn) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", err
		}
		for _, b := range buf {
			if b < limit && len(drawn) < n {
				drawn = append(drawn, CodeAlphabet[int(b)%len(CodeAlphabet)])
			}
		}
	}
	return string(drawn), nil
}

// NormalizeCode returns the one form in which a code is stored and compared, and whether it looks like one of ours.
func NormalizeCode(code string) (string, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	return code, codePattern.MatchString(code)
}

// TakeReference, GiveBackReference and GrantReference name movements in the POS.
func TakeReference(code string) string { return "COUPON-" + code }

// GiveBackReference names the movement that returns what TakeReference(code) took.
func GiveBackReference(code string) string { return "CANCEL-" + code }

// GrantReference names points given after an order was cancelled.
func GrantReference(code string) string { return "GRANT-" + code }

// TakeBackReference names points taken again after a code was used although its points were back.
func TakeBackReference(code string) string { return "RETAKE-" + code }

func tail(id string) string {
	kept := make([]byte, 0, codeTail)
	for i := len(id) - 1; i >= 0 && len(kept) < codeTail; i-- {
		if b := id[i]; b != '_' && b != '-' {
			kept = append(kept, b)
		}
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return strings.ToUpper(string(kept))
}

// CodeTail is what the codes of a customer begin with, by the customer's id or its end.
func CodeTail(id string) string { return tail(id) }
