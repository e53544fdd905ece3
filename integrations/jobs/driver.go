package jobs

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// belled is a driver that rings the bell of this process, and has the database carry no notifications. On PostgreSQL one
// would cost a statement in the caller's transaction and, while it commits, a lock that all notifying commits share; over
// database/sql nobody listens, and behind a pooler in transaction mode nobody can. On SQLite it would be a further row in
// every commit, and its reader would ask twenty times a second for the one connection. What another process inserted is
// found by looking.
type belled struct {
	riverdriver.Driver[*sql.Tx]
	bell *bell
}

// SupportsListenNotify keeps River from sending notifications. It would leave some out, too: one for a queue that was
// told a moment ago.
func (belled) SupportsListenNotify() bool { return false }

// SupportsListener makes River listen, to the bell.
func (belled) SupportsListener() bool { return true }

// GetListener implements riverdriver.Driver.
func (d belled) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener { return d.bell }

// GetExecutor implements riverdriver.Driver: what River does by itself. Of jobs that are inserted through the
// transaction of a state the store tells, by Client.Wake.
func (d belled) GetExecutor() riverdriver.Executor { return executor{d.Driver.GetExecutor(), d.bell} }

// UnwrapTx implements riverdriver.Driver: the driver knows its own transactions alone.
func (d belled) UnwrapTx(tx riverdriver.ExecutorTx) *sql.Tx {
	if own, ours := tx.(*ownTx); ours {
		tx = own.ExecutorTx
	}
	return d.Driver.UnwrapTx(tx)
}

type executor struct {
	riverdriver.Executor
	bell *bell
}

// Begin implements riverdriver.Executor.
func (e executor) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := e.Executor.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &ownTx{ExecutorTx: tx, bell: e.bell}, nil
}

// ownTx is a transaction of River's own. It rings once others can see what it did, also for jobs that were there
// already: a queue that looked meanwhile has passed over what was locked.
type ownTx struct {
	riverdriver.ExecutorTx
	bell   *bell
	queues []string
}

// JobInsertFastMany implements riverdriver.Executor: periodic jobs.
func (t *ownTx) JobInsertFastMany(ctx context.Context, params *riverdriver.JobInsertFastManyParams) (
	[]*riverdriver.JobInsertFastResult, error) {
	for _, job := range params.Jobs {
		t.queues = append(t.queues, job.Queue)
	}
	return t.ExecutorTx.JobInsertFastMany(ctx, params)
}

// JobSchedule implements riverdriver.Executor: jobs whose time has come.
func (t *ownTx) JobSchedule(ctx context.Context, params *riverdriver.JobScheduleParams) (
	[]*riverdriver.JobScheduleResult, error) {
	due, err := t.ExecutorTx.JobSchedule(ctx, params)
	for _, one := range due {
		t.queues = append(t.queues, one.Job.Queue)
	}
	return due, err
}

// Commit implements riverdriver.ExecutorTx.
func (t *ownTx) Commit(ctx context.Context) error {
	if err := t.ExecutorTx.Commit(ctx); err != nil {
		return err
	}
	t.bell.ring(t.queues...)
	return nil
}

func driverFor(db *sql.DB, dialect string, bell *bell) (riverdriver.Driver[*sql.Tx], error) {
	switch dialect {
	case Postgres:
		return belled{riverdatabasesql.New(db), bell}, nil
	case SQLite:
		return belled{riversqlite.New(db), bell}, nil
	default:
		return nil, fmt.Errorf("jobs: %q is not a dialect (postgres, sqlite)", dialect)
	}
}
