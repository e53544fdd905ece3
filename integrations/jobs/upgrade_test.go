package jobs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// older is the release of River that wrote the databases in testdata: each holds two coupons to be advanced, a
// metafield that failed once, an order, and a mail that is due later.
const older = "testdata/river-0.31.0."

// A service that takes over the database of an older one does the work that waits there, once, and what was to be done
// once is still known by its older request.
func TestMigrate_TakesOverWaitingJobs(t *testing.T) {
	t.Parallel()
	t.Run(SQLite, func(t *testing.T) {
		t.Parallel()
		takeOver(t, openSQLite(t, filepath.Join(t.TempDir(), "jobs.db")))
	})
	t.Run(Postgres, func(t *testing.T) {
		t.Parallel()
		takeOver(t, openPostgres(t))
	})
}

func takeOver(t *testing.T, db testDB) {
	t.Helper()
	dump, err := os.ReadFile(older + db.dialect + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, db.DB, string(dump))
	if ready, err := Migrated(t.Context(), db.DB, db.dialect); err != nil || ready {
		t.Fatalf("an older database: migrated %t, %v; want false", ready, err)
	}
	migrated(t, db)
	if ready, err := Migrated(t.Context(), db.DB, db.dialect); err != nil || !ready {
		t.Fatalf("after migrating: migrated %t, %v; want true", ready, err)
	}

	h := &hands{}
	c := newClient(t, db, h, nil)
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1})
	mustExec(t, db.DB, "UPDATE river_job SET scheduled_at = '2099-01-01 00:00:00.000' WHERE kind = 'mail'")
	waitingMail(t, c)
	events := start(t, c)
	want := []string{"advance 1", "advance 2", "order gid://shopify/Order/14"}
	for range len(want) + 1 {
		awaitAny(t, events)
	}
	for _, call := range want {
		if n := h.times(call); n != 1 {
			t.Errorf("%s: done %d times, want once", call, n)
		}
	}
	waitingMail(t, c)
	if n := count(t, db, "SELECT attempt FROM river_job WHERE kind = 'metafield'"); n != 2 {
		t.Errorf("the metafield was done at attempt %d, want 2", n)
	}
}

// waitingMail holds that the mail of the first coupon is known and not yet sent.
func waitingMail(t *testing.T, c *Client) {
	t.Helper()
	mails, err := c.Mails(t.Context(), 1)
	if err != nil || len(mails) != 1 || mails[0] != (domain.MailState{Mail: domain.MailIssued,
		State: domain.MailWaiting}) {
		t.Errorf("the mails of the first coupon: %v, %v", mails, err)
	}
}

// awaitAny waits until one more job is done that is no sweep.
func awaitAny(t *testing.T, events <-chan *river.Event) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e := <-events:
			expect.MustEqual(t, "e.Kind", e.Kind, river.EventKindJobCompleted, e.Job.Kind)
			if e.Job.Kind != string(kindSweep) {
				return
			}
		case <-deadline:
			t.Fatalf("not done within %s", patience)
		}
	}
}
