package templates

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"pointbridge/domain"
)

// Locales are the languages there are texts for.
func Locales() []string { return []string{"ja", "en"} }

// Money writes an amount in the locale's form, without decimals where the currency has none: 500円, ¥500, $5.00.
func Money(locale string, m domain.Money) string {
	text := decimal(m.Minor, domain.Digits(m.Currency))
	if locale == "ja" && m.Currency == "JPY" {
		return text + "円"
	}
	symbol, known := map[string]string{"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩"}[m.Currency]
	if !known {
		return m.Currency + "\u00a0" + text
	}
	if sign, plain, negative := strings.Cut(text, "-"); negative {
		return sign + "-" + symbol + plain
	}
	return symbol + text
}

// Worth writes what a coupon takes off: an amount, or a part in basis points, without digits that say nothing.
func Worth(locale string, amount domain.Money, basisPoints int64) string {
	if basisPoints == 0 {
		return Money(locale, amount)
	}
	return message.NewPrinter(language.Make(locale)).Sprint(number.Decimal(float64(basisPoints)/100,
		number.MaxFractionDigits(2))) + "%"
}

// Points writes a number of points with the locale's word for them.
func Points(locale string, points int64) string {
	c, err := Texts()
	if err == nil {
		var text string
		if text, err = c.Say(locale, "figure.points", points); err == nil {
			return text
		}
	}
	panic(err) // the catalogue was checked at the start, and locale is one of Locales
}

// Number writes a whole number in the locale's form, which is the same in all of Locales.
func Number(_ string, n int64) string { return decimal(n, 0) }

// decimal writes a number of which the last digits are decimals, in threes. Pages have hundreds of figures: looking the
// form up for each took more of the time than reading them.
func decimal(n int64, digits int) string {
	sign, plain := "", strconv.FormatInt(n, 10)
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, plain = "-", rest
	}
	for len(plain) <= digits {
		plain = "0" + plain
	}
	whole, decimals := plain[:len(plain)-digits], plain[len(plain)-digits:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if digits > 0 {
		decimals = "." + decimals
	}
	return sign + whole + decimals
}

// Date writes a day in the locale's form, in the shop's time zone.
func Date(locale string, t time.Time, zone *time.Location) string {
	if locale == "ja" {
		return t.In(zone).Format("2006年1月2日")
	}
	return t.In(zone).Format("January 2, 2006")
}

// DateTime writes a minute in the locale's form, in the shop's time zone.
func DateTime(locale string, t time.Time, zone *time.Location) string {
	if locale == "ja" {
		return t.In(zone).Format("2006年1月2日 15:04")
	}
	return t.In(zone).Format("January 2, 2006, 15:04 MST")
}
