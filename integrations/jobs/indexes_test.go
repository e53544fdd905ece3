package jobs

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestTheQueueIsIndexedByWhatIsAskedOfIt: what River works by and the mails of a coupon, on a database of an older
// release with jobs in it as well, and after an index that was begun and not ended.
func TestTheQueueIsIndexedByWhatIsAskedOfIt(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	migrated(t, db)
	c := newClient(t, db, nil, nil)
	put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued})
	const invalid = `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'river_job_mails'::regclass`
	for _, left := range []string{"SELECT 1", "CREATE INDEX river_job_args_index ON river_job USING gin (args)", invalid} {
		mustExec(t, db.DB, left)
		migrated(t, db)
		expect.Equal(t, "indexes", lines(t, db, `SELECT indexname FROM pg_indexes WHERE tablename = 'river_job' ORDER BY 1`),
			"river_job_mails river_job_pkey river_job_prioritized_fetching_index river_job_state_and_finalized_at_index "+
				"river_job_unique_idx", left)
	}
	expect.Equal(t, "invalid", lines(t, db, `SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid`), "")
	waitingMail(t, c)
	tx, err := db.BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	plan := lines(t, tx, `EXPLAIN SELECT 1 FROM river_job WHERE kind = 'mail' AND `+mailsCoupon+` = '1'`)
	expect.That(t, "the index of mails is used", strings.Contains(plan, "river_job_mails"), plan)
}

// lines are the first columns of what a query finds.
func lines(t *testing.T, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}
