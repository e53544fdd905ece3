package shopify

import (
	"math/big"
	"slices"
	"strings"
)

// decimal is an amount as the vendor writes it: at least one digit after the point, no other trailing zeros ("500.0").
type decimal string

// parseDecimal reads the vendor's Decimal scalar; false when the text is none.
func parseDecimal(text string) (decimal, bool) {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || !allDigits(whole) || !allDigits(fraction) {
		return "", false
	}
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		fraction = "0"
	}
	if len(digits) < len(text) && (whole != "0" || fraction != "0") {
		whole = "-" + whole
	}
	return decimal(whole + "." + fraction), true
}

func allDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func (d decimal) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// compare is -1, 0 or +1.
func (d decimal) compare(other decimal) int { return d.rat().Cmp(other.rat()) }

func (d decimal) negative() bool { return strings.HasPrefix(string(d), "-") }

func (d decimal) plus(other decimal) decimal {
	return fromRat(new(big.Rat).Add(d.rat(), other.rat()))
}

// wholeCurrencies have no smaller unit.
var wholeCurrencies = []string{"CLP", "ISK", "JPY", "KRW", "UGX", "VND", "XAF", "XOF", "XPF"}

// in is an amount in a currency, which has no fractions of its smallest unit.
func (d decimal) in(currency string) decimal {
	if !slices.Contains(wholeCurrencies, currency) {
		return d
	}
	value, _ := parseDecimal(d.rat().FloatString(0))
	return value
}

func (d decimal) minus(other decimal) decimal {
	return fromRat(new(big.Rat).Sub(d.rat(), other.rat()))
}

// times multiplies with a share, rounded to the second place.
func (d decimal) times(share float64) decimal {
	factor := new(big.Rat)
	if factor.SetFloat64(share) == nil {
		return "0.0"
	}
	return fromRat(factor.Mul(factor, d.rat()))
}

func fromRat(r *big.Rat) decimal {
	value, _ := parseDecimal(r.FloatString(2))
	return value
}
