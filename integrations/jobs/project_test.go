package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// projector are hands that say when the projector runs, and let it wait.
func projector(answer func(ctx context.Context, times int) error) (h *hands, ran chan struct{}) {
	ran = make(chan struct{}, 100)
	return &hands{script: func(ctx context.Context, call string, times int) error {
		if call != "project" {
			return nil
		}
		ran <- struct{}{}
		return answer(ctx, times)
	}}, ran
}

func TestProjectorIsToldWhatIsCommitted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h, ran := projector(func(context.Context, int) error { return nil })
		c, _ := unasked(t, db, h)
		signal(t, ran, "run at the start")
		for range 3 {
			c.Wake([]domain.Job{{Kind: domain.JobProject}})
			signal(t, ran, "run")
		}
		expect.Equal(t, "jobs of it", count(t, db, "SELECT count(*) FROM river_job WHERE kind <> 'sweep'"), 0)
	})
}

// TestProjectorHearsOfWhatIsToldMeanwhile: however often it is told while it runs, it runs once more.
func TestProjectorHearsOfWhatIsToldMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		let := make(chan struct{})
		h, ran := projector(func(context.Context, int) error { <-let; return nil })
		c, _ := unasked(t, db, h)
		signal(t, ran, "run at the start")
		for range 20 {
			c.Wake([]domain.Job{{Kind: domain.JobProject}, {Kind: domain.JobProject}})
		}
		close(let)
		signal(t, ran, "run once more")
		expect.Equal(t, "runs", h.times("project"), 2)
	})
}

// TestOldMetafieldJobTellsTheProjector: a job of before the projector ends, and what it was for is written.
func TestOldMetafieldJobTellsTheProjector(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h, ran := projector(func(context.Context, int) error { return nil })
		c, events := unasked(t, db, h)
		signal(t, ran, "run at the start")
		tx, err := db.BeginTx(t.Context(), nil)
		expect.MustEqual(t, "err", err, nil)
		_, err = c.river.InsertTx(t.Context(), tx, metafieldArgs{CustomerID: "8812370934"}, &river.InsertOpts{Queue: queueProject})
		expect.MustEqual(t, "err of the insert", errors.Join(err, tx.Commit()), nil)
		c.bell.ring(queueProject)
		await(t, events, river.EventKindJobCompleted, "metafield")
		signal(t, ran, "run")
	})
}

// TestProjectorIsNoneOfAClientThatOnlyInserts, and such a client stops.
func TestProjectorIsNoneOfAClientThatOnlyInserts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		newClient(t, db, nil, nil).Wake([]domain.Job{{Kind: domain.JobProject}})
		h, _ := projector(func(context.Context, int) error { return nil })
		unstarted := newClient(t, db, h, nil)
		expect.Equal(t, "err", unstarted.Stop(t.Context()), nil)
		expect.Equal(t, "err of a second stop", unstarted.Stop(t.Context()), nil)
		expect.Equal(t, "runs", h.times("project"), 0)
	})
}

// TestProjectorIsCutOffWhenAStopMayNotWait: a run that does not end by itself is ended, and reports that.
func TestProjectorIsCutOffWhenAStopMayNotWait(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	h, ran := projector(func(ctx context.Context, _ int) error {
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})
	p := newProjecting(h, floorFor(Config{}.withDefaults()))
	p.start()
	signal(t, ran, "run")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	p.end()
	p.wait(over)
	expect.Equal(t, "how it ended", <-ended, context.Canceled)
}

func TestProjectorRests(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		rest bool // longer than between two runs
	}{
		"done":      {nil, false},
		"throttled": {&domain.UpstreamError{Kind: domain.KindThrottled}, true},
		"away":      {&domain.UpstreamError{Kind: domain.KindUnavailable}, true},
		"a fault":   {errors.New("disk full"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hands{script: func(context.Context, string, int) error { return tc.err }}
			p := newProjecting(h, floorFor(Config{}.withDefaults()))
			rest := p.once()
			expect.Equal(t, "a long rest", rest > gather, tc.rest, rest)
			expect.Equal(t, "runs", h.times("project"), 1)
		})
	}
	t.Run("a panic is a fault", func(t *testing.T) {
		t.Parallel()
		h := &hands{script: func(context.Context, string, int) error { panic("taro@example.com") }}
		expect.Equal(t, "rest", newProjecting(h, floorFor(Config{}.withDefaults())).once(), restAfter)
	})
}
