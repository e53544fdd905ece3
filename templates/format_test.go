package templates_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/templates"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, currency string
		minor            int64
		want             string
	}{
		{"ja", "JPY", 500, "500円"}, {"en", "JPY", 1250, "¥1,250"}, {"en", "USD", 1250, "$12.50"},
		{"ja", "USD", 500, "$5.00"}, {"en", "KWD", 1500, "KWD\u00a01.500"}, {"en", "USD", -500, "-$5.00"},
	} {
		if got := templates.Money(c.locale, domain.Money{Minor: c.minor, Currency: c.currency}); got != c.want {
			t.Errorf("%+v reads %q", c, got)
		}
	}
}

// covers: T-09
func TestPointsAndDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 20, 15, 0, 0, 0, time.UTC)
	tokyo := time.FixedZone("JST", 9*60*60)
	for got, want := range map[string]string{
		templates.Points("ja", 1250): "1,250ポイント", templates.Points("en", 1): "1 point", templates.Points("en",
			1250): "1,250 points",
		templates.Date("ja", at, tokyo): "2024年1月21日", templates.DateTime("en", at,
			tokyo): "January 21, 2024, 00:00 JST",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
