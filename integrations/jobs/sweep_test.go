package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
)

func TestSweep_ComesRoundAfterRound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: func(_ context.Context, _ string, times int) error {
			if times == 1 {
				return errors.New("the first round fails")
			}
			return nil
		}}
		c := newClient(t, db, h, func(cfg *Config) { cfg.SweepEvery = 300 * time.Millisecond })
		events := start(t, c)
		for range 3 {
			await(t, events, river.EventKindJobCompleted, kindSweep)
		}
		if n := h.times("sweep"); n < 3 {
			t.Errorf("%d rounds ran, want 3 at least", n)
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'available', 'running')"); n != 0 {
			t.Errorf("a failed round left %d rows to deal with", n)
		}
	})
}

func TestSweep_DoesNotPileUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, &hands{}, nil)
		at := time.Now()
		for range 5 {
			args, opts := sweepInsert()
			opts.ScheduledAt = at
			if _, err := c.river.Insert(t.Context(), args, opts); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'sweep'"); n != 1 {
			t.Errorf("%d sweeps wait, want 1", n)
		}
	})
}

// Two replicas: one is elected, only its rounds come, one SweepEvery after the other, and each runs once.
func TestSweep_OneOfTwoReplicasAsks(t *testing.T) {
	t.Parallel()
	db := migrated(t, openPostgres(t))
	const every = time.Second
	first, second := &hands{}, &hands{}
	rare := func(cfg *Config) { cfg.SweepEvery = every }
	one, two := newClient(t, db, first, rare), newClient(t, db, second, rare)
	events, others := start(t, one), start(t, two)
	done := 0
	for deadline := time.After(patience); done < 5; {
		select {
		case e := <-events:
			done += ofSweep(e)
		case e := <-others:
			done += ofSweep(e)
		case <-deadline:
			t.Fatal("five sweeps did not come")
		}
	}
	if n := count(t, db, "SELECT count(*) FROM river_leader"); n != 1 {
		t.Errorf("%d leaders, want 1", n)
	}
	if n := count(t, db, `SELECT count(*) FROM (SELECT scheduled_at - lag(scheduled_at) OVER (ORDER BY scheduled_at) AS gap
		FROM river_job WHERE kind = 'sweep' AND metadata ->> 'periodic' = 'true') AS rounds WHERE gap < interval '950 milliseconds'`); n != 0 {
		t.Errorf("%d rounds came before their time: more than one replica asks", n)
	}
	if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'sweep' AND attempt > 1"); n != 0 {
		t.Errorf("%d rounds ran twice", n)
	}
}

func ofSweep(e *river.Event) int {
	if e.Kind == river.EventKindJobCompleted && domain.JobKind(e.Job.Kind) == kindSweep {
		return 1
	}
	return 0
}

// sealer counts its rounds.
type sealer struct{ hands }

func (s *sealer) Seal(ctx context.Context) error { return s.take(ctx, "seal") }

func TestRounds_ComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		s := &sealer{hands{script: func(_ context.Context, _ string, times int) error {
			if times == 1 {
				return errors.New("the first round fails")
			}
			return nil
		}}}
		c := newClient(t, db, &hands{},
			func(cfg *Config) { cfg.Rounds = []Round{{Name: "seal", Every: 300 * time.Millisecond, Run: s.Seal}} })
		events := start(t, c)
		for range 3 {
			await(t, events, river.EventKindJobCompleted, kindRound)
		}
		if n := s.times("seal"); n < 3 {
			t.Errorf("%d rounds ran, want 3 at least", n)
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'available', 'running')"); n != 0 {
			t.Errorf("a failed round left %d rows to deal with", n)
		}
	})
}
