package shopify

import (
	"net/http"
	"testing"
	"time"

	"pointbridge/test/expect"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"2":                             2 * time.Second,
		"2.0":                           2 * time.Second,
		" 0.25 ":                        250 * time.Millisecond,
		"-3":                            0,
		"NaN":                           0,
		"Inf":                           time.Hour,
		"1e300":                         time.Hour,
		"99999":                         time.Hour,
		"soon":                          0,
		"Fri, 20 Nov 2026 12:00:30 GMT": 30 * time.Second,
		"Fri, 20 Nov 2026 11:59:00 GMT": 0,
		"Sat, 20 Nov 2027 12:00:00 GMT": time.Hour,
	} {
		if got := retryAfter(value, noon); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"2", "2.0", "-1", "Inf", noon.Format(http.TimeFormat), "0x1p4", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := retryAfter(value, noon)
		expect.That(t, "got >= 0", got >= 0, value, got)
		expect.That(t, "got <= time.Hour", got <= time.Hour, value, got)
	})
}
