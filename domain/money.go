package domain

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Money is an amount in the smallest unit of its ISO 4217 currency: 500 JPY is {500, "JPY"}, 5.00 USD is {500, "USD"}.
type Money struct {
	Minor    int64
	Currency string
}

// Digits returns the number of decimals of a currency by ISO 4217. Currencies that are not named have two.
func Digits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
		"XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

// Decimal writes the amount as a plain decimal number with the currency's decimals: "500", "12.50".
func (m Money) Decimal() string {
	digits := Digits(m.Currency)
	if digits == 0 {
		return strconv.FormatInt(m.Minor, 10)
	}
	unit := pow10(digits)
	sign, minor := "", m.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%0*d", sign, minor/unit, digits, minor%unit)
}

// Label is the amount as the end of a code shows it: whole currency units, and where there are smaller ones these after
// a hyphen, with all their digits: 500 JPY is 500, 5.00 USD is 5, 12.50 USD is 12-50, half a KWD is 0-500. A hyphen,
// because a point or a comma is not safe in addresses and in what POS systems take as a reference.
func (m Money) Label() string {
	unit := pow10(Digits(m.Currency))
	label := strconv.FormatInt(m.Minor/unit, 10)
	if rest := m.Minor % unit; rest != 0 {
		label += fmt.Sprintf("-%0*d", Digits(m.Currency), rest)
	}
	return label
}

// ParseMoney reads a decimal number as the upstreams write it ("500", "500.0", "12.50"). Digits beyond the currency's
// own must be zero: an amount is never rounded by reading it.
func ParseMoney(decimal, currency string) (Money, error) {
	// What is no plain decimal is refused before it is reckoned with: a few digits can be an exponent of any size.
	if strings.ContainsAny(decimal, "eEpP/xX_") {
		return Money{}, fmt.Errorf("%q is not a decimal amount", decimal)
	}
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		return Money{}, fmt.Errorf("%q is not a decimal amount", decimal)
	}
	r.Mul(r, new(big.Rat).SetInt64(pow10(Digits(currency))))
	if !r.IsInt() || !r.Num().IsInt64() {
		return Money{}, fmt.Errorf("%q is not an amount of %s", decimal, currency)
	}
	return Money{Minor: r.Num().Int64(), Currency: currency}, nil
}

func pow10(n int) int64 { return int64(math.Pow10(n)) }
