package jobs

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
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
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second,
		6: 32 * time.Second, 7: 64 * time.Second, 8: 128 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute,
		11: 5 * time.Minute, 1000: 5 * time.Minute,
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

// covers: H-14
func TestLimits(t *testing.T) {
	t.Parallel()
	long := Round{Name: "books", Every: time.Hour, Limit: 4 * time.Hour,
		Run: func(context.Context) error { return nil }}
	cfg := Config{Workers: &hands{}, Rounds: []Round{long}}.withDefaults()
	settings, err := settingsFor(cfg, newProjecting(cfg.Workers, floorFor(cfg)))
	if err != nil {
		t.Fatal(err)
	}
	// River refuses to look at running jobs before JobTimeout is over. What a coupon needs is done within actLimit; a
	// killed process's coupons wait no longer than is needed to tell.
	if after := settings.RescueStuckJobsAfter; after <= settings.JobTimeout || after < actLimit+comingBack ||
		after > actLimit+10*time.Second {
		t.Errorf("running jobs are looked at after %s; one may take %s", after, actLimit)
	}
	if got := settings.Queues[queueSweep].MaxWorkers; got != 1 {
		t.Errorf("%d sweeps at once, want 1", got)
	}
}

// TestLimits_OfWorkers: River takes a job for dead after what its worker says, and the work's own context ends before
// that.
// covers: H-14
func TestLimits_OfWorkers(t *testing.T) {
	t.Parallel()
	left := func(t *testing.T, ctx context.Context) time.Duration {
		t.Helper()
		deadline, ok := ctx.Deadline()
		if !ok {
			t.Fatal("the work has no end")
		}
		return time.Until(deadline)
	}
	f := floorFor(Config{}.withDefaults())
	var given time.Duration
	look := func(ctx context.Context) error {
		given = left(t, ctx)
		return nil
	}
	r := &rounds{worker[roundArgs]{floor: f}, map[string]Round{"short": {Run: look},
		"long": {Run: look, Limit: 4 * time.Hour}}}
	r.limits, r.act = r.limitFor, r.run
	act := &worker[advanceArgs]{floor: f, limit: actLimit, act: func(ctx context.Context, _ advanceArgs) error { return look(ctx) }}
	round := func(name string) *river.Job[roundArgs] {
		return &river.Job[roundArgs]{JobRow: &rivertype.JobRow{Kind: "round"}, Args: roundArgs{name}}
	}
	advance := &river.Job[advanceArgs]{JobRow: &rivertype.JobRow{Kind: "advance"}}
	for name, c := range map[string]struct {
		limit, dead time.Duration
		work        func(context.Context) error
	}{
		"a coupon":     {actLimit, act.Timeout(advance), func(ctx context.Context) error { return act.Work(ctx, advance) }},
		"a round":      {longLimit, r.Timeout(round("short")), func(ctx context.Context) error { return r.Work(ctx, round("short")) }},
		"a long round": {4 * time.Hour, r.Timeout(round("long")), func(ctx context.Context) error { return r.Work(ctx, round("long")) }},
	} {
		synctest.Test(t, func(t *testing.T) { // its clock stands still
			if err := c.work(t.Context()); err != nil {
				t.Fatal(err)
			}
			if given != c.limit || c.dead < c.limit+comingBack {
				t.Errorf("%s: has %s of %s, and is dead after %s", name, given, c.limit, c.dead)
			}
		})
	}
}
