package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
)

// patience ends a test that waits for what never comes.
const patience = 5 * time.Minute

// hands are handlers that write down each call and answer as the test says; without a script they answer nil.
type hands struct {
	mu     sync.Mutex
	calls  []string
	script func(ctx context.Context, call string, times int) error
}

func (h *hands) take(ctx context.Context, call string) error {
	h.mu.Lock()
	h.calls = append(h.calls, call)
	times := 0
	for _, c := range h.calls {
		if c == call {
			times++
		}
	}
	script := h.script
	h.mu.Unlock()
	if script == nil {
		return nil
	}
	return script(ctx, call, times)
}

func (h *hands) times(call string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, c := range h.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (h *hands) Advance(ctx context.Context, id int64) error {
	return h.take(ctx, fmt.Sprintf("advance %d", id))
}

func (h *hands) Project(ctx context.Context) error { return h.take(ctx, "project") }

func (h *hands) SendMail(ctx context.Context, id int64, kind domain.MailKind, step int, _ string) error {
	return h.take(ctx, fmt.Sprintf("mail %d %s %d", id, kind, step))
}

func (h *hands) RemoveDiscount(ctx context.Context, id int64) error {
	return h.take(ctx, fmt.Sprintf("remove %d", id))
}

func (h *hands) RefreshOrder(ctx context.Context, gid string, hint domain.OrderHint) error {
	return h.take(ctx, strings.TrimSpace("order "+gid+" "+string(hint)))
}

func (h *hands) TagForReview(ctx context.Context, gid string, couponID int64) error {
	if couponID != 0 {
		return h.take(ctx, fmt.Sprintf("tag the customer of %d", couponID))
	}
	return h.take(ctx, "tag "+gid)
}

func (h *hands) Sweep(ctx context.Context) error { return h.take(ctx, "sweep") }

// newClient makes a client that polls fast and sweeps rarely; change adjusts it.
func newClient(t testing.TB, db testDB, h Handlers, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{DB: db.DB, Dialect: db.dialect, Workers: h, Logger: slog.New(slog.DiscardHandler),
		PollInterval: 20 * time.Millisecond, SweepEvery: time.Hour, Unstaggered: true}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start starts a client, stops it with the test, and gives what happens to its jobs.
func start(t testing.TB, c *Client) <-chan *river.Event {
	t.Helper()
	events, _ := c.river.Subscribe(river.EventKindJobCompleted, river.EventKindJobCancelled, river.EventKindJobFailed,
		river.EventKindJobSnoozed)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return events
}

// await returns the next event of this kind of event and job.
func await(t testing.TB, events <-chan *river.Event, what river.EventKind, kind domain.JobKind) *river.Event {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the client stopped before %s of %s", what, kind)
			}
			if e.Kind == what && e.Job.Kind == string(kind) {
				return e
			}
		case <-deadline:
			t.Fatalf("no %s of %s within %s", what, kind, patience)
		}
	}
}

// signal waits until something closed the channel or sent on it.
func signal[T any](t testing.TB, ch <-chan T, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatalf("no %s within %s", what, patience)
	}
}

// put commits jobs.
func put(t testing.TB, db testDB, c *Client, jobs ...domain.Job) {
	t.Helper()
	inTx(t, db, func(tx *sql.Tx) error { return c.Enqueue(t.Context(), tx, jobs) })
}
