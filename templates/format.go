package templates

import (
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
	digits := domain.Digits(m.Currency)
	value := float64(m.Minor)
	for range digits {
		value /= 10
	}
	text := figure(locale, value, number.Scale(digits))
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
	return figure(locale, float64(basisPoints)/100, number.MaxFractionDigits(2)) + "%"
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
	panic(err) // the tests hold the catalogue to it, and locale is one of Locales
}

// Number writes a whole number in the locale's form.
func Number(locale string, n int64) string { return figure(locale, n) }

// figure writes a number by the printer of its language. Pages have hundreds of figures, and making a printer for each took
// as long as writing by it. Each printing works on a copy of its printer, so that many may print at once.
func figure(locale string, n any, how ...number.Option) string {
	printer, kept := printers[locale]
	if !kept {
		printer = message.NewPrinter(language.Make(locale))
	}
	return printer.Sprint(number.Decimal(n, how...))
}

var printers = func() map[string]*message.Printer {
	made := map[string]*message.Printer{}
	for _, locale := range Locales() {
		made[locale] = message.NewPrinter(language.Make(locale))
	}
	return made
}()

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
