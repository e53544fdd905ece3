package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// Enqueue inserts jobs through the transaction of the state they follow from: one statement on PostgreSQL, one per job
// on SQLite. A coupon has at most one job that advances it; a further one is left out without an error.
func (c *Client) Enqueue(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error {
	return c.insert(ctx, tx, jobs, false)
}

// EnqueueOnce is Enqueue for those who look for forgotten work again and again: a job is left out while the same one is
// still to be done, or was refused for good within the last day.
func (c *Client) EnqueueOnce(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error {
	return c.insert(ctx, tx, jobs, true)
}

// insert uses River's insert without RETURNING. Its documentation warns that duplicates make it fail; in both drivers
// of v0.51.2 it says ON CONFLICT DO NOTHING, and so it also leaves the row that is there alone. The tests hold it to
// that.
func (c *Client) insert(ctx context.Context, tx *sql.Tx, jobs []domain.Job, once bool) error {
	if len(jobs) == 0 {
		return nil
	}
	now := c.clock.Now()
	params := make([]river.InsertManyParams, 0, len(jobs))
	for _, job := range jobs {
		p, err := insertOf(job, once, now)
		if err != nil {
			return err
		}
		params = append(params, p)
	}
	if _, err := c.river.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("jobs: insert: %w", err)
	}
	return nil
}

// dueSoon makes a job that is due within one round of River's scheduler available at once. Workers do not take it
// before its time, but neither does it wait for the round. River does the same with short snoozes.
type dueSoon struct {
	river.HookDefaults
	clock domain.Clock
}

// schedulerRound is the default interval of River's scheduler, which cannot be configured.
const schedulerRound = 5 * time.Second

// InsertBegin implements rivertype.HookInsertBegin.
func (h *dueSoon) InsertBegin(_ context.Context, params *rivertype.JobInsertParams) error {
	if params.State == rivertype.JobStateScheduled && params.ScheduledAt != nil &&
		params.ScheduledAt.Sub(h.clock.Now()) <= schedulerRound {
		params.State = rivertype.JobStateAvailable
	}
	return nil
}
