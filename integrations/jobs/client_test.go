package jobs

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

func TestNew_Refuses(t *testing.T) {
	t.Parallel()
	db := openSQLite(t, t.TempDir()+"/jobs.db")
	for name, cfg := range map[string]Config{
		"no database":        {Dialect: SQLite},
		"no dialect":         {DB: db.DB},
		"negative workers":   {DB: db.DB, Dialect: SQLite, ProjectWorkers: -1},
		"negative interval":  {DB: db.DB, Dialect: SQLite, PollInterval: -time.Second},
		"too many for River": {DB: db.DB, Dialect: SQLite, AdvanceWorkers: 1_000_000, Workers: &hands{}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// listener is a log that tells when River has said something.
type listener struct {
	slog.Handler
	phrase string
	heard  chan struct{}
	once   sync.Once
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }
func (l *listener) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *listener) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, l.phrase) {
		l.once.Do(func() { close(l.heard) })
	}
	return nil
}

func TestStop_WaitsForARunningJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		begun, release := make(chan struct{}), make(chan struct{})
		h := &hands{script: func(ctx context.Context, call string, _ int) error {
			if call != "advance 1" {
				return nil
			}
			close(begun)
			<-release
			return ctx.Err()
		}}
		stopping := make(chan struct{})
		c := newClient(t, db, h, func(cfg *Config) { cfg.Logger = slog.New(&listener{phrase: "Stopping producers", heard: stopping}) })
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		events := start(t, c)
		signal(t, begun, "start of the job")

		stopped := make(chan error, 1)
		go func() { stopped <- c.Stop(context.WithoutCancel(t.Context())) }()
		signal(t, stopping, "stop of the queues")
		select {
		case <-stopped:
			t.Fatal("stopped while a job was running")
		default:
		}
		close(release)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE state = 'running'"); n != 0 {
			t.Errorf("%d jobs are left running", n)
		}
	})
}

func TestStop_InterruptsWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		begun := make(chan struct{})
		h := &hands{script: func(ctx context.Context, call string, times int) error {
			if call != "advance 1" || times > 1 {
				return nil
			}
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}}
		c := newClient(t, db, h, nil)
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		events := start(t, c)
		signal(t, begun, "start of the job")

		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Stop(over); err != nil {
			t.Fatal(err)
		}
		if e := await(t, events, river.EventKindJobSnoozed,
			domain.JobAdvance); e.Job.State != rivertype.JobStateAvailable || e.Job.Attempt != 0 {
			t.Errorf("the interrupted job is %s with attempt %d, want available with 0", e.Job.State, e.Job.Attempt)
		}
		next := start(t, newClient(t, db, h, nil))
		await(t, next, river.EventKindJobCompleted, domain.JobAdvance)
	})
}

func TestStart_OutlivesItsContext(t *testing.T) {
	t.Parallel()
	db := migrated(t, openSQLite(t, t.TempDir()+"/jobs.db"))
	c := newClient(t, db, &hands{}, nil)
	events, _ := c.river.Subscribe(river.EventKindJobCompleted)
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
	await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A job that a dead client left running: the row says so, and nobody works on it.
func TestRescue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{}
		c := newClient(t, db, h, nil)
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		// A mail may take longer, so the same time says nothing about it.
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued})
		past := time.Now().UTC().Add(-stuckAfter - time.Second).Format("2006-01-02 15:04:05.000")
		mustExec(t, db.DB, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = '"+past+"'")
		// While it counts as running, a sweep's request for the same work adds nothing.
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
		if n := count(t, db, "SELECT count(*) FROM river_job"); n != 2 {
			t.Fatalf("%d jobs, want 2", n)
		}
		e := await(t, start(t, c), river.EventKindJobCompleted, domain.JobAdvance)
		if e.Job.Attempt != 2 || h.times("advance 1") != 1 {
			t.Errorf("done at attempt %d after %d runs, want 2 and 1", e.Job.Attempt, h.times("advance 1"))
		}
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'mail' AND state = 'running' AND attempt = 1"); n != 1 {
			t.Error("a mail that may still be on its way was taken up again")
		}
	})
}
