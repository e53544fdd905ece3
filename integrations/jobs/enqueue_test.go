package jobs

import (
	"database/sql"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
)

func TestEnqueue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		t.Run("a rolled-back job never runs, a committed one runs once", func(t *testing.T) { rolledBack(t, db) })
		t.Run("each kind reaches its handler with its arguments", func(t *testing.T) { everyKind(t, db) })
		t.Run("a job waits for its time", func(t *testing.T) { delayed(t, db) })
	})
}

func rolledBack(t *testing.T, db testDB) {
	h := &hands{}
	c := newClient(t, db, h, nil)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Enqueue(t.Context(), tx, []domain.Job{{Kind: domain.JobAdvance, CouponID: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 2})
	events := start(t, c)
	await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	// Both would have been taken in one look at the queue, in the order of their ids; a third job makes sure of it.
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 3})
	await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	if one, two, three := h.times("advance 1"), h.times("advance 2"), h.times("advance 3"); one != 0 || two != 1 ||
		three != 1 {
		t.Errorf("runs: rolled back %d, committed %d and %d; want 0, 1 and 1", one, two, three)
	}
}

func everyKind(t *testing.T, db testDB) {
	h := &hands{}
	c := newClient(t, db, h, nil)
	put(t, db, c,
		domain.Job{Kind: domain.JobAdvance, CouponID: 11},
		domain.Job{Kind: domain.JobMail, CouponID: 12, Mail: domain.MailReminder, Step: 7},
		domain.Job{Kind: domain.JobRemoveDiscount, CouponID: 13},
		domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/14"},
		domain.Job{Kind: domain.JobTag, Ref: "gid://shopify/Order/15"}, domain.Job{Kind: domain.JobTag, CouponID: 15})
	events := start(t, c)
	for range 6 {
		deadline := time.After(patience)
		for done := false; !done; {
			select {
			case e := <-events:
				done = e.Kind == river.EventKindJobCompleted && e.Job.Kind != string(kindSweep)
			case <-deadline:
				t.Fatal("six jobs did not complete")
			}
		}
	}
	for _, call := range []string{"advance 11", "mail 12 reminder 7", "remove 13",
		"order gid://shopify/Order/14", "tag gid://shopify/Order/15", "tag the customer of 15"} {
		if n := h.times(call); n != 1 {
			t.Errorf("%q ran %d times, want once", call, n)
		}
	}
}

func delayed(t *testing.T, db testDB) {
	h := &hands{}
	c := newClient(t, db, h, nil)
	due := time.Now().Add(700 * time.Millisecond)
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 21, RunAt: due})
	events := start(t, c)
	e := await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
	// SQLite keeps milliseconds.
	if late := e.Job.AttemptedAt.Sub(due); late < -time.Millisecond {
		t.Errorf("ran %s before its time", -late)
	}
}

func TestEnqueue_Once(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, nil, nil)
		advance := domain.Job{Kind: domain.JobAdvance, CouponID: 5}
		tag := domain.Job{Kind: domain.JobTag, CouponID: 1}
		remove := domain.Job{Kind: domain.JobRemoveDiscount, CouponID: 5}
		order := domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/5"}

		for range 3 {
			put(t, db, c, advance, advance, tag)
			inTx(t, db, func(tx *sql.Tx) error {
				return c.EnqueueOnce(t.Context(), tx, []domain.Job{advance, tag, remove, order})
			})
		}
		kinds := map[string]int{"advance": 1, "tag": 3 + 1, "remove_discount": 1, "order": 1}
		for kind, want := range kinds {
			if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = '"+kind+"'"); n != want {
				t.Errorf("%d %s jobs, want %d", n, kind, want)
			}
		}

		// A duplicate may come beside new work in one statement: the rest is inserted all the same.
		put(t, db, c, advance, domain.Job{Kind: domain.JobAdvance, CouponID: 6})
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'advance'"); n != 2 {
			t.Errorf("%d advance jobs, want 2", n)
		}
		// What is done may be needed again.
		mustExec(t, db.DB, "UPDATE river_job SET state = 'completed', finalized_at = CURRENT_TIMESTAMP WHERE kind = 'advance'")
		put(t, db, c, advance)
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'advance' AND state = 'available'"); n != 1 {
			t.Errorf("%d new advance jobs after the first was done, want 1", n)
		}
		// What was refused for good is not asked for again by those who look again and again.
		mustExec(t, db.DB, "UPDATE river_job SET state = 'cancelled', finalized_at = CURRENT_TIMESTAMP WHERE kind <> 'advance'")
		inTx(t, db, func(tx *sql.Tx) error { return c.EnqueueOnce(t.Context(), tx, []domain.Job{tag, remove}) })
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind <> 'advance' AND state = 'available'"); n != 0 {
			t.Errorf("%d jobs that were refused came back, want none", n)
		}
		// A change that follows later is another matter.
		put(t, db, c, tag)
		if n := count(t, db, "SELECT count(*) FROM river_job WHERE kind = 'tag' AND state = 'available'"); n != 1 {
			t.Errorf("%d tag jobs for a new change, want 1", n)
		}
	})
}

func TestEnqueue_Nothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, nil, nil)
		put(t, db, c)
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if err := c.Enqueue(t.Context(), tx, []domain.Job{{Kind: "dance"}}); err == nil {
			t.Error("an unknown kind was accepted")
		}
		if err := c.Start(t.Context()); err == nil {
			t.Error("a client without workers started")
		}
		if err := c.Stop(t.Context()); err != nil {
			t.Errorf("a client that was not started did not stop: %v", err)
		}
	})
}

func TestDepth(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, nil, nil)
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1}, domain.Job{Kind: domain.JobTag, CouponID: 1},
			domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued, RunAt: time.Now().Add(time.Hour)})
		mustExec(t, db.DB, "UPDATE river_job SET state = 'completed', finalized_at = CURRENT_TIMESTAMP WHERE kind = 'tag'")
		depth, err := Depth(t.Context(), db.DB)
		if err != nil {
			t.Fatal(err)
		}
		for queue, want := range map[string]int64{queueAdvance: 1, queueProject: 0, queueMail: 1, queueSweep: 0} {
			if got, known := depth[queue]; !known || got != want {
				t.Errorf("queue %s holds %d (listed: %t), want %d", queue, got, known, want)
			}
		}
	})
}
