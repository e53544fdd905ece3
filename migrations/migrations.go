// Package migrations is the schema: SQL files, once per database, applied in order and forward only.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// The dialects.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// Fingerprint changes whenever a file of the dialect does: whoever keeps a migrated database asks by it whether it is
// still the right one.
func Fingerprint(dialect string) (string, error) {
	h := fnv.New64a()
	err := fs.WalkDir(files, dialect, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		_, _ = fmt.Fprintf(h, "%s\n%s\n", path, text)
		return err
	})
	return fmt.Sprintf("%x", h.Sum64()), err
}

// Run brings the database up to date. Any number of processes may call it at once. On PostgreSQL an advisory lock lets
// one of them work. On SQLite each migration is one immediate transaction: whoever comes second fails as a whole, sees
// that the version has moved on, and goes on from there.
func Run(ctx context.Context, db *sql.DB, dialect string) error {
	for {
		moved, err := run(ctx, db, dialect)
		if err == nil {
			return nil
		}
		if dialect != SQLite || !moved || ctx.Err() != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
}

// run makes one attempt; moved tells of a failed one whether the version has gone up meanwhile.
func run(ctx context.Context, db *sql.DB, dialect string) (moved bool, err error) {
	p, err := provider(db, dialect)
	if err != nil {
		return false, err
	}
	before, err := p.GetDBVersion(ctx)
	if err != nil {
		return false, err
	}
	if _, err := p.Up(ctx); err != nil {
		after, versionErr := p.GetDBVersion(ctx)
		return versionErr == nil && after > before, err
	}
	return false, nil
}

// Pending reports whether migrations are missing. It changes nothing: goose makes its table before it answers, also in a
// database that is somebody else's and was asked by mistake, so one without that table is not asked.
func Pending(ctx context.Context, db *sql.DB, dialect string) (bool, error) {
	p, err := provider(db, dialect)
	if err != nil {
		return false, err
	}
	var tables int
	if err := db.QueryRowContext(ctx, versionTable[dialect]).Scan(&tables); err != nil || tables == 0 {
		return err == nil, err
	}
	return p.HasPending(ctx)
}

// versionTable counts the table in which goose keeps what was run.
var versionTable = map[string]string{
	Postgres: `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '` + goose.DefaultTablename + `'`,
	SQLite:   `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '` + goose.DefaultTablename + `'`,
}

func provider(db *sql.DB, dialect string) (*goose.Provider, error) {
	folder, err := fs.Sub(files, dialect)
	if err != nil {
		return nil, err
	}
	switch dialect {
	case Postgres:
		// Asked for once a second, for five minutes: replicas that start together do not wait long for one another.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		return goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithSessionLocker(locker))
	case SQLite:
		return goose.NewProvider(goose.DialectSQLite3, db, folder)
	default:
		return nil, fmt.Errorf("no migrations for database %q", dialect)
	}
}
