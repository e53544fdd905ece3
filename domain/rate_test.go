package domain_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

// covers: H-23, H-24, H-25
func TestRateAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		rate     string
		points   int64
		currency string
		want     int64
	}{
		{"one point is one yen", "1", 500, "JPY", 500},
		{"a campaign rate of 1.5", "1.5", 500, "JPY", 750},
		{"rounding is always down", "1.005", 100, "JPY", 100},
		{"a rank rate of 1.2", "1.2", 500, "JPY", 600},
		{"a cent a point", "0.01", 1250, "USD", 1250},
		{"a third decimal is cut", "0.019", 1, "USD", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := domain.MustRate(c.rate).Amount(c.points, c.currency)
			if err != nil || got.Minor != c.want || got.Currency != c.currency {
				t.Fatalf("%d points at %s are %+v, %v; want %d", c.points, c.rate, got, err, c.want)
			}
		})
	}
}

func TestRateNeverCreatesValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := big.NewRat(rapid.Int64Range(1, 5_000_000).Draw(t, "millionths"), 1_000_000).FloatString(6)
		rate := domain.MustRate(text)
		points := rapid.Int64Range(0, 1_000_000).Draw(t, "points")
		currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD"}).Draw(t, "currency")
		got, err := rate.Amount(points, currency)
		if err != nil {
			t.Fatal(err)
		}
		unit := new(big.Rat).SetFrac64(1, map[string]int64{"JPY": 1, "USD": 100, "KWD": 1000}[currency])
		exact, _ := new(big.Rat).SetString(text)
		exact.Mul(exact, new(big.Rat).SetInt64(points))
		value := new(big.Rat).Mul(new(big.Rat).SetInt64(got.Minor), unit)
		if value.Cmp(exact) > 0 {
			t.Fatalf("%d points at %s became more than they are worth: %s", points, text, got.Decimal())
		}
		if lost := new(big.Rat).Sub(exact, value); lost.Cmp(unit) >= 0 {
			t.Fatalf("%d points at %s lost %s, which is a whole unit or more", points, text, lost.FloatString(6))
		}
		back, err := domain.ParseRate(rate.String())
		if err != nil || back.Cmp(rate) != 0 {
			t.Fatalf("rate %s came back as %s, %v", text, back, err)
		}
	})
}

func TestParseRateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "0", "-1", "+1", "1e3", "1/3", "0x1", "1.0000001", "12345678", "one"} {
		if r, err := domain.ParseRate(text); err == nil {
			t.Errorf("%q was read as %s", text, r)
		}
	}
}
