package coupons

import (
	"testing"
	"time"
)

// TestTheDailyLimitBeginsWithTheDay: at a quarter past midnight, which the clocks of that day do not show, no point of
// the evening before counts.
func TestTheDailyLimitBeginsWithTheDay(t *testing.T) {
	t.Parallel()
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Location: santiago}
	firstMoment := time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC)
	if got := p.DayStart(firstMoment.Add(10 * time.Hour)); !got.Equal(firstMoment) {
		t.Errorf("the day of the 6th begins at %s", got)
	}
	if got := p.DayStart(firstMoment.Add(-time.Minute)); !got.Equal(time.Date(2026, 9, 5, 4, 0, 0, 0, time.UTC)) {
		t.Errorf("the day of the 5th begins at %s", got)
	}
}
