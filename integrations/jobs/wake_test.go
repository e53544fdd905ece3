package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// unasked makes a client start that does not look for jobs by itself while a test lasts.
func unasked(t *testing.T, db testDB, h *hands, rounds ...Round) (*Client, <-chan *river.Event) {
	t.Helper()
	c := newClient(t, db, h, func(cfg *Config) { cfg.PollInterval, cfg.Rounds = time.Hour, rounds })
	events := start(t, c)
	await(t, events, river.EventKindJobCompleted, kindSweep) // it was inserted by River after all queues had begun
	return c, events
}

func TestWake_BeginsWhatIsCommittedWithoutLooking(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c, events := unasked(t, db, &hands{})
		for _, job := range []domain.Job{{Kind: domain.JobAdvance, CouponID: 1},
			{Kind: domain.JobTag, CouponID: 1}, {Kind: domain.JobAdvance, CouponID: 2}} {
			put(t, db, c, job)
			c.Wake([]domain.Job{job})
			await(t, events, river.EventKindJobCompleted, job.Kind)
		}
	})
}

func TestWake_BeginsWhatIsDueSoonAtItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c, events := unasked(t, db, &hands{})
		job := domain.Job{Kind: domain.JobAdvance, CouponID: 1, RunAt: time.Now().Add(100 * time.Millisecond)}
		put(t, db, c, job)
		c.Wake([]domain.Job{job})
		await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	})
}

func TestWake_BeginsAgainWhatWasPutOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: func(_ context.Context, call string, times int) error {
			switch {
			case call == "advance 1" && times == 1:
				return domain.ErrConflict
			case call == "advance 1" && times == 2:
				return errors.New("not yet")
			default:
				return nil
			}
		}}
		c, events := unasked(t, db, h)
		job := domain.Job{Kind: domain.JobAdvance, CouponID: 1}
		put(t, db, c, job)
		c.Wake([]domain.Job{job})
		await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
		expect.Equal(t, "runs", h.times("advance 1"), 3)
	})
}

func TestWake_WhoAsksForARoundRunsItAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		ran := make(chan struct{}, 100)
		_, _ = unasked(t, db, &hands{}, Round{Name: "often", Every: 300 * time.Millisecond,
			Run: func(context.Context) error { ran <- struct{}{}; return nil }})
		for range 3 {
			signal(t, ran, "round")
		}
	})
}

// A replica that nobody tells of a job finds it when it looks.
func TestWake_OtherReplicasFindIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{}
		other := newClient(t, db, nil, nil)
		c := newClient(t, db, h, nil)
		events := start(t, c)
		await(t, events, river.EventKindJobCompleted, kindSweep)
		put(t, db, other, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		other.Wake([]domain.Job{{Kind: domain.JobAdvance, CouponID: 1}})
		await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	})
}

func TestBell(t *testing.T) {
	t.Parallel()
	b := newBell()
	b.ring("one", "two", "one")
	heard := map[string]int{}
	for range 2 {
		n, err := b.WaitForNotification(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "n.Topic", n.Topic, topicInsert)
		heard[n.Payload]++
	}
	expect.Equal(t, "one", heard[`{"queue": "one"}`], 1)
	expect.Equal(t, "two", heard[`{"queue": "two"}`], 1)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := b.WaitForNotification(over); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing was rung for: %v, %v", n, err)
	}
}
