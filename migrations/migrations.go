// Package migrations is the schema: SQL files, once per database, applied in order and forward only.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
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

// Run brings the database up to date. On PostgreSQL an advisory lock lets any number of processes call it at once; on
// SQLite each migration is one immediate transaction, so the database's own write lock does.
func Run(ctx context.Context, db *sql.DB, dialect string) error {
	p, err := provider(db, dialect)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Pending tells whether migrations are missing.
func Pending(ctx context.Context, db *sql.DB, dialect string) (bool, error) {
	p, err := provider(db, dialect)
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

func provider(db *sql.DB, dialect string) (*goose.Provider, error) {
	folder, err := fs.Sub(files, dialect)
	if err != nil {
		return nil, err
	}
	switch dialect {
	case Postgres:
		locker, err := lock.NewPostgresSessionLocker()
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
