package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// counter counts what an observer hears.
type counter struct {
	mu    sync.Mutex
	heard map[string]int
}

func (o *counter) Job(kind, outcome string, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.heard == nil {
		o.heard = map[string]int{}
	}
	if took >= 0 {
		o.heard[kind+" "+outcome]++
	}
}

func (o *counter) times(what string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heard[what]
}

// answers makes a script that gives one error after the other, then nil.
func answers(errs ...error) func(context.Context, string, int) error {
	return func(_ context.Context, call string, times int) error {
		if call == "sweep" || call == "project" || times > len(errs) {
			return nil
		}
		return errs[times-1]
	}
}

func TestWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		seen := &counter{}
		h := &hands{script: answers(domain.ErrConflict, upstream(domain.KindUnavailable, 0),
			upstream(domain.KindUnknown, time.Second))}
		c := newClient(t, db, h, func(cfg *Config) { cfg.Observer = seen })
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		events := start(t, c)

		first := await(t, events, river.EventKindJobSnoozed, domain.JobAdvance)
		if first.Job.Attempt != 0 {
			t.Errorf("a conflict cost %d attempts", first.Job.Attempt)
		}
		failed := await(t, events, river.EventKindJobFailed, domain.JobAdvance)
		if failed.Job.Attempt != 1 || len(failed.Job.Errors) != 1 ||
			failed.Job.Errors[0].Error != "shopify create: unavailable (why)" {
			t.Errorf("after the first fault: attempt %d, errors %+v", failed.Job.Attempt, failed.Job.Errors)
		}
		wait, left := failed.Job.ScheduledAt.Sub(*failed.Job.AttemptedAt), time.Until(failed.Job.ScheduledAt)
		if wait < 700*time.Millisecond || left > 1500*time.Millisecond {
			t.Errorf("the first retry waits %s, of which %s are left, want about a second", wait, left)
		}
		await(t, events, river.EventKindJobSnoozed, domain.JobAdvance)
		done := await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
		if done.Job.Attempt != 2 {
			t.Errorf("done at attempt %d, want 2: two of the four runs were snoozed", done.Job.Attempt)
		}
		if done.Job.MaxAttempts != attemptsForLong {
			t.Errorf("given up after %d attempts, want %d", done.Job.MaxAttempts, attemptsForLong)
		}
		for what, want := range map[string]int{"advance snooze": 2, "advance retry": 1, "advance done": 1} {
			if n := seen.times(what); n != want {
				t.Errorf("the observer heard %q %d times, want %d", what, n, want)
			}
		}
	})
}

func TestWork_Hopeless(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: answers(upstream(domain.KindRefused, 0))}
		c := newClient(t, db, h, nil)
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 3, Mail: domain.MailIssued})
		events := start(t, c)
		e := await(t, events, river.EventKindJobCancelled, domain.JobMail)
		if e.Job.State != rivertype.JobStateCancelled || h.times("mail 3 issued 0") != 1 {
			t.Errorf("state %s after %d runs, want cancelled after one", e.Job.State, h.times("mail 3 issued 0"))
		}
		if text := e.Job.Errors[0].Error; !strings.Contains(text, "shopify create: refused (why)") ||
			strings.Contains(text, "taro") {
			t.Errorf("the row keeps %q", text)
		}
	})
}

func TestWork_Panic(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: func(_ context.Context, call string, times int) error {
			if call == "tag the customer of 1" && times == 1 {
				panic("taro@example.com")
			}
			return nil
		}}
		c := newClient(t, db, h, nil)
		put(t, db, c, domain.Job{Kind: domain.JobTag, CouponID: 1})
		events := start(t, c)
		e := await(t, events, river.EventKindJobFailed, domain.JobTag)
		if got := e.Job.Errors[0]; got.Error != "panic with a string" || got.Trace != "" {
			t.Errorf("the row keeps %+v", got)
		}
		await(t, events, river.EventKindJobCompleted, domain.JobTag)
	})
}

func TestWork_LastAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: answers(errors.New("no"), errors.New("no"))}
		c := newClient(t, db, h, nil)
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 4, Mail: domain.MailIssued})
		mustExec(t, db.DB, "UPDATE river_job SET max_attempts = 1")
		events := start(t, c)
		e := await(t, events, river.EventKindJobFailed, domain.JobMail)
		if e.Job.State != rivertype.JobStateDiscarded {
			t.Errorf("state %s after the last attempt, want discarded", e.Job.State)
		}
	})
}

// A failure of the outside that is tried again is told as a warning, in machine words only.
func TestWork_ARetryIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: answers(upstream(domain.KindUnavailable, 0))}
		var log notebook
		c := newClient(t, db, h, func(cfg *Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		})
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 3, Mail: domain.MailIssued})
		await(t, start(t, c), river.EventKindJobFailed, domain.JobMail)
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") || strings.Contains(lines[0], "taro") ||
			!strings.Contains(lines[0], `job_kind=mail`) || !strings.Contains(lines[0],
			`error="shopify create: unavailable (why)"`) {
			t.Errorf("the log says %q", log.String())
		}
	})
}
