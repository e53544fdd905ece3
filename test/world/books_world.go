package world

import (
	"time"

	"pointbridge/domain/coupons/couponstest"
)

// InstantClock is a clock on which every wait is over at once.
type InstantClock struct{ *couponstest.Clock }

func (c InstantClock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	c.Advance(d)
	return due
}
