package shopify

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds what an upstream can ask for.
const longestWait = time.Hour

// retryAfter reads a Retry-After header: seconds, which Shopify also writes with decimals ("2.0"), or an HTTP date.
// What cannot be read, or has passed, is no wait.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return duration(seconds)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestWait)
}

// duration makes a time of seconds, rounded up to a millisecond so that a wait is never too short.
func duration(seconds float64) time.Duration {
	if math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	if seconds >= longestWait.Seconds() {
		return longestWait
	}
	return time.Duration(math.Ceil(seconds*1000-1e-6)) * time.Millisecond
}
