package jobs

import (
	"context"
	"database/sql"
	"fmt"
)

// mailsCoupon is whose mail a job is, as the index of mails has it.
const mailsCoupon = `(args ->> 'coupon_id')`

// River's own indexes on arguments, metadata and kind are read by nobody here: River offers them to those who list
// jobs. A job's row is written three times, each of them in another state and therefore into every index, and these
// three were a sixth of what a conversion writes to PostgreSQL's log. A release of River that changes them has to find
// them gone.
var unread = []string{"river_job_args_index", "river_job_metadata_index", "river_job_kind"}

// leanIndexes has the queue's table indexed by what is asked of it, beside those who work. The caller has the lock.
// What was begun once and not ended is begun anew.
func leanIndexes(ctx context.Context, conn *sql.Conn) error {
	var whole bool
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_index
		WHERE indexrelid = to_regclass('river_job_mails') AND indisvalid)`).Scan(&whole); err != nil {
		return err
	}
	statements := []string{`SET lock_timeout = 0`} // what is waited for here stops nobody
	if !whole {
		statements = append(statements, `DROP INDEX CONCURRENTLY IF EXISTS river_job_mails`,
			`CREATE INDEX CONCURRENTLY river_job_mails ON river_job (`+mailsCoupon+`, id) WHERE kind = 'mail'`)
	}
	for _, index := range unread {
		statements = append(statements, `DROP INDEX CONCURRENTLY IF EXISTS `+index)
	}
	for _, statement := range append(statements, `RESET lock_timeout`) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("indexes: %w", err)
		}
	}
	return nil
}
