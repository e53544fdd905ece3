package domain

import "time"

// Clock is the time as the code under test sees it.
type Clock interface {
	Now() time.Time
	// After delivers once, when d has passed on this clock.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the machine's clock, in UTC.
type SystemClock struct{}

// Now returns the current time in UTC, in the microseconds that PostgreSQL keeps.
func (SystemClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// After waits on the machine's clock.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
