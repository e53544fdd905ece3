package shopify

import (
	"math"
	"time"

	"pointbridge/integrations/upstream"
)

// longestWait bounds what an upstream can ask for.
const longestWait = time.Hour

// retryAfter reads the header, and waits no longer than makes sense for a request of ours.
func retryAfter(value string, now time.Time) time.Duration {
	return min(upstream.RetryAfter(value, now), longestWait)
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
