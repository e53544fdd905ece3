package jobs

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river/rivermigrate"
)

// migrationLock is the number of the PostgreSQL advisory lock that lets one process migrate at a time.
const migrationLock = 7_240_118_305

// Migrate brings the queue's own tables up to date. It may run in several processes at once. On PostgreSQL the pool
// needs two connections.
func Migrate(ctx context.Context, db *sql.DB, dialect string) error {
	migrator, err := migratorFor(db, dialect)
	if err != nil {
		return err
	}
	if dialect == SQLite {
		err = migrateInOne(ctx, db, migrator)
	} else {
		err = migrateLocked(ctx, db, migrator)
	}
	if err != nil {
		return fmt.Errorf("jobs: migrate: %w", err)
	}
	return nil
}

// Migrated reports whether the queue's tables are those this version needs. A database that is newer is an error.
func Migrated(ctx context.Context, db *sql.DB, dialect string) (bool, error) {
	migrator, err := migratorFor(db, dialect)
	if err != nil {
		return false, err
	}
	existing, err := migrator.ExistingVersions(ctx)
	if err != nil {
		return false, fmt.Errorf("jobs: migrated: %w", err)
	}
	return len(existing) == len(migrator.AllVersions()), nil
}

func migratorFor(db *sql.DB, dialect string) (*rivermigrate.Migrator[*sql.Tx], error) {
	driver, err := driverFor(db, dialect, newBell())
	if err != nil {
		return nil, err
	}
	return rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
}

// migrateInOne relies on SQLite: a transaction that begins immediate is the lock, and any change of schema may be part
// of it. River advises against one transaction because PostgreSQL cannot use a new enum value in the one that added it.
func migrateInOne(ctx context.Context, db *sql.DB, migrator *rivermigrate.Migrator[*sql.Tx]) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, nil) //nolint:staticcheck // see above
	if err != nil {
		return err
	}
	return tx.Commit()
}

func migrateLocked(ctx context.Context, db *sql.DB, migrator *rivermigrate.Migrator[*sql.Tx]) (err error) {
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("one connection holds the lock, so the pool needs a second one")
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := lock(ctx, conn); err != nil {
		return err
	}
	defer unlock(ctx, conn)
	if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	return leanIndexes(ctx, conn)
}

// lockAgain is how long a process waits before it asks for the lock again.
const lockAgain = 100 * time.Millisecond

// lock waits for the advisory lock by asking for it: a statement that waited would be a snapshot that whoever has the
// lock waits for, when it makes an index beside those who write.
func lock(ctx context.Context, conn *sql.Conn) error {
	for {
		var mine bool
		err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&mine)
		if err != nil || mine {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockAgain):
		}
	}
}

// unlock gives the lock back even when the context has ended. A connection that cannot do so is thrown away, which
// frees the lock as well.
func unlock(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)",
		int64(migrationLock)); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}
