package jobs

import (
	"database/sql"
	"testing"

	"pointbridge/domain"
)

// BenchmarkEnqueue measures what a finished conversion adds to its commit: two jobs in one transaction, beside the bare
// transaction with one statement.
func BenchmarkEnqueue(b *testing.B) {
	open := map[string]func(testing.TB) testDB{
		Postgres: openPostgres,
		SQLite:   func(t testing.TB) testDB { return openSQLite(t, t.TempDir()+"/jobs.db") },
	}
	work := []domain.Job{
		{Kind: domain.JobTag, CouponID: 1},
		{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued},
	}
	for _, dialect := range []string{Postgres, SQLite} {
		b.Run(dialect, func(b *testing.B) {
			db := migrated(b, open[dialect](b))
			c := newClient(b, db, nil, nil)
			b.Run("two jobs", func(b *testing.B) {
				for b.Loop() {
					put(b, db, c, work...)
				}
			})
			b.Run("bare", func(b *testing.B) {
				for b.Loop() {
					inTx(b, db, func(tx *sql.Tx) error {
						_, err := tx.ExecContext(b.Context(), "SELECT 1")
						return err
					})
				}
			})
		})
	}
}
