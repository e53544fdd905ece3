package domain

import (
	"fmt"
	"math/big"
	"strings"
)

// Rate is how many whole currency units one point is worth, as an exact fraction: "1", "1.5", "0.01".
type Rate struct{ r *big.Rat }

// ParseRate reads a positive decimal number with at most six decimals.
func ParseRate(text string) (Rate, error) {
	r, ok := new(big.Rat).SetString(text)
	whole, frac, _ := strings.Cut(text, ".")
	if !ok || r.Sign() <= 0 || strings.ContainsAny(text, "eE/xX_+-") || len(whole) > 6 || len(frac) > 6 {
		return Rate{}, fmt.Errorf("%q is not a rate: a positive decimal number such as 1 or 1.5", text)
	}
	return Rate{r}, nil
}

// MustRate is ParseRate for constants.
func MustRate(text string) Rate {
	rate, err := ParseRate(text)
	if err != nil {
		panic(err)
	}
	return rate
}

// String writes the shortest decimal form; it reads back as the same rate.
func (r Rate) String() string {
	if r.r == nil {
		return "0"
	}
	return strings.TrimSuffix(strings.TrimRight(r.r.FloatString(6), "0"), ".")
}

// IsZero reports whether the rate was never set.
func (r Rate) IsZero() bool { return r.r == nil }

// Amount returns what the points are worth, rounded down to the currency's smallest unit: a conversion never creates
// value. It fails when the product does not fit an int64.
func (r Rate) Amount(points int64, currency string) (Money, error) {
	if r.r == nil {
		return Money{}, fmt.Errorf("no rate")
	}
	exact := new(big.Rat).Mul(new(big.Rat).SetInt64(points), r.r)
	exact.Mul(exact, new(big.Rat).SetInt64(pow10(Digits(currency))))
	minor := new(big.Int).Quo(exact.Num(), exact.Denom())
	if !minor.IsInt64() {
		return Money{}, fmt.Errorf("amount out of range")
	}
	return Money{Minor: minor.Int64(), Currency: currency}, nil
}

// Cmp compares two rates: negative when r is the smaller.
func (r Rate) Cmp(other Rate) int {
	switch {
	case r.r == nil && other.r == nil:
		return 0
	case r.r == nil:
		return -1
	case other.r == nil:
		return 1
	default:
		return r.r.Cmp(other.r)
	}
}
