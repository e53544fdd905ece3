package smaregi

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"
)

// japan is where Smaregi's dates are: it knows no other zone.
var japan = time.FixedZone("JST", 9*60*60)

// whole is how Smaregi writes a number: an integer as text. Twelve digits are far more than it keeps.
var whole = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,11})$`)

// figure is a number of an answer. It is known only when it was written as Smaregi documents it: a fraction, an
// exponent, a blank, a sign or a zero in front, a number that is no text, and null make the whole answer nonsense or
// are no figure; nothing is rounded and nothing guessed.
type figure struct {
	value int64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler. null is no figure.
func (f *figure) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return errNonsense
	}
	n, ok := number(text)
	if !ok {
		return errNonsense
	}
	*f = figure{n, true}
	return nil
}

func number(text string) (int64, bool) {
	if !whole.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// date reads a day on which points expire. What is no date is not known: whether points moved does not hang on it.
func date(text *string) string {
	if text == nil {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, *text); err != nil {
		return ""
	}
	return *text
}

// today is the day in Japan.
func today(now time.Time) string { return now.In(japan).Format(time.DateOnly) }

// moment reads a time with its zone, as Smaregi writes it, to the second.
func moment(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err == nil
}
