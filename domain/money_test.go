package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

func TestMoneyDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		money domain.Money
		want  string
	}{
		{domain.Money{Minor: 500, Currency: "JPY"}, "500"},
		{domain.Money{Minor: 1250, Currency: "USD"}, "12.50"},
		{domain.Money{Minor: 5, Currency: "USD"}, "0.05"},
		{domain.Money{Minor: -5, Currency: "USD"}, "-0.05"},
		{domain.Money{Minor: 1500, Currency: "KWD"}, "1.500"},
	} {
		if got := c.money.Decimal(); got != c.want {
			t.Errorf("%+v writes %q, want %q", c.money, got, c.want)
		}
	}
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	t.Run("reads what an upstream writes", func(t *testing.T) {
		t.Parallel()
		for text, want := range map[string]int64{"500.0": 500, "500": 500, "0": 0, "12": 12} {
			got, err := domain.ParseMoney(text, "JPY")
			if err != nil || got.Minor != want {
				t.Errorf("%q gives %d, %v; want %d", text, got.Minor, err, want)
			}
		}
	})
	t.Run("refuses what it would have to round or guess", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"500.5", "", "five", "1e3", "1e999999999", "0x10", "1/3", "9999999999999999999999"} {
			if got, err := domain.ParseMoney(text, "JPY"); err == nil {
				t.Errorf("%q was read as %d", text, got.Minor)
			}
		}
	})
	t.Run("reads back what it wrote", rapid.MakeCheck(func(t *rapid.T) {
		m := domain.Money{
			Minor:    rapid.Int64Range(-1e15, 1e15).Draw(t, "minor"),
			Currency: rapid.SampledFrom([]string{"JPY", "USD", "EUR", "KWD"}).Draw(t, "currency"),
		}
		got, err := domain.ParseMoney(m.Decimal(), m.Currency)
		if err != nil || got != m {
			t.Fatalf("%+v came back as %+v, %v", m, got, err)
		}
	}))
}
