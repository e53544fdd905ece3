package jobs

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// still is a clock that stands.
type still struct {
	domain.SystemClock
	at time.Time
}

func (s still) Now() time.Time { return s.at }

func TestRetryPolicy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	want := map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second, 6: 32 * time.Second,
		7: 64 * time.Second, 8: 128 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 11: 5 * time.Minute, 1000: 5 * time.Minute,
	}
	for attempt, wait := range want {
		exact := retryPolicy{clock: still{at: now}, random: func() float64 { return 0 }}
		if got := exact.NextRetry(&rivertype.JobRow{Attempt: attempt}).Sub(now); got != wait {
			t.Errorf("after attempt %d: %s, want %s", attempt, got, wait)
		}
		spread := retryPolicy{clock: still{at: now}, random: rand.Float64}
		if got := spread.NextRetry(&rivertype.JobRow{Attempt: attempt}).Sub(now); got > wait || got < wait*4/5 {
			t.Errorf("after attempt %d: %s, want at most %s and a fifth less at least", attempt, got, wait)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	settings, err := settingsFor(Config{Workers: &hands{}}.withDefaults(), &ending{})
	if err != nil {
		t.Fatal(err)
	}
	if settings.RescueStuckJobsAfter <= longLimit || settings.RescueStuckJobsAfter <= actLimit {
		t.Errorf("a job of %s would be taken for dead after %s", longLimit, settings.RescueStuckJobsAfter)
	}
	if settings.RescueStuckJobsAfter > 2*time.Minute {
		t.Errorf("a killed process's jobs wait %s, want at most 2m", settings.RescueStuckJobsAfter)
	}
	if got := settings.Queues[queueSweep].MaxWorkers; got != 1 {
		t.Errorf("%d sweeps at once, want 1", got)
	}
}
