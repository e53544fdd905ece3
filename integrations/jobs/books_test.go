package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
)

func TestBooks_AreAskedForAtTheStartAndDoNotPileUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		var times atomic.Int64
		running, release := make(chan struct{}), make(chan struct{})
		compare := func(ctx context.Context) error {
			times.Add(1)
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) < booksLimit/2 {
				t.Error("a comparison has no time")
			}
			close(running)
			<-release
			return errors.New("the database is gone")
		}
		c := newClient(t, db, &hands{}, func(cfg *Config) { cfg.Books = compare })
		events := start(t, c)
		signal(t, running, "comparison")
		for range 3 { // while one runs no other one is asked for
			args, opts := booksInsert()
			if _, err := c.river.Insert(t.Context(), args, opts); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'books_check'"); n != 1 {
			t.Errorf("%d comparisons wait, want 1", n)
		}
		close(release)
		await(t, events, river.EventKindJobCompleted, kindBooks) // a failed round is left to the next one
		if times.Load() != 1 {
			t.Errorf("it ran %d times", times.Load())
		}
	})
}

func TestBooks_SwitchedOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, &hands{}, nil)
		events := start(t, c)
		await(t, events, river.EventKindJobCompleted, kindSweep)
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'books_check'"); n != 0 {
			t.Errorf("%d comparisons were asked for", n)
		}
	})
}
