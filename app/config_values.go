package app

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Secret is a text that never prints.
type Secret string

const stars = "*****"

// String prints stars, or nothing where nothing is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return stars
}

// GoString prints stars under %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText prints stars in JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue prints stars in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Days is a duration that also reads "365d".
type Days time.Duration

// UnmarshalText reads "365d" and what time.ParseDuration reads.
func (d *Days) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 36500 {
			return fmt.Errorf("%q is not a number of days", text)
		}
		*d = Days(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	parsed, err := time.ParseDuration(string(text))
	*d = Days(parsed)
	return err
}
