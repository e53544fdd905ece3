package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
)

// TestRound_ThatTakesLong: a round with a limit of its own has that much time, and no other one is asked for while it
// runs.
func TestRound_ThatTakesLong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		var times atomic.Int64
		running, release := make(chan struct{}), make(chan struct{})
		round := Round{Name: "long", Every: time.Hour, Limit: 4 * time.Hour, Run: func(ctx context.Context) error {
			times.Add(1)
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) < 3*time.Hour {
				t.Error("it has no time")
			}
			close(running)
			<-release
			return errors.New("the database is gone")
		}}
		c := newClient(t, db, &hands{}, func(cfg *Config) { cfg.Rounds = []Round{round} })
		events := start(t, c)
		signal(t, running, "round")
		for i := range 3 {
			args, opts := round.insert()
			opts.ScheduledAt = time.Now().Add(time.Duration(i) * 10 * time.Minute)
			if _, err := c.river.Insert(t.Context(), args, opts); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'round'"); n != 1 {
			t.Errorf("%d rounds wait, want 1", n)
		}
		close(release)
		await(t, events, river.EventKindJobCompleted, kindRound) // a failed round is left to the next one
		if times.Load() != 1 {
			t.Errorf("it ran %d times", times.Load())
		}
	})
}
