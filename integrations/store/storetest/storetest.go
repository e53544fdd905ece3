// Package storetest gives each test a database of its own: a SQLite file, and a PostgreSQL database cloned from a
// migrated template. Only tests import it.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store"
)

// Migration is what a template gets beside the schema, such as the queue's own tables. The name stands for its content:
// it says the version of what it makes.
type Migration struct {
	Name string
	Run  func(ctx context.Context, db *sql.DB, dialect string) error
}

// beside is what every database of this test binary gets.
var beside []Migration

// Beside adds migrations to every database that is made from here on. It is for a package whose tests start whole
// services: with the queue's tables in the template none of them makes its own.
func Beside(migrations ...Migration) { beside = append(beside, migrations...) }

// all is what a template holds beside the schema.
func all(extra []Migration) []Migration { return slices.Concat(beside, extra) }

// Database is one test's own database, migrated and empty.
type Database struct {
	URL     string
	Dialect string
}

// Each runs the test on both databases, in parallel. Without TEST_DATABASE_URL the PostgreSQL half is left out, loudly,
// or fails where everything has to run (POINTBRIDGE_TEST_ALL). The halves' names are how a run chooses between them: the
// Makefile does.
func Each(t *testing.T, run func(t *testing.T, db Database), migrations ...Migration) {
	t.Helper()
	OnSQLite(t, run, migrations...)
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, Postgres(t, migrations...))
	})
}

// OnSQLite is Each for a test for which one database is enough.
func OnSQLite(t *testing.T, run func(t *testing.T, db Database), migrations ...Migration) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, SQLite(t, migrations...))
	})
}

// Open connects to the database. Jobs go nowhere unless enqueue is given.
func (d Database) Open(t *testing.T, now func() time.Time, enqueue store.EnqueueFunc) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: d.URL, MaxConns: 8, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if enqueue == nil {
		enqueue = func(context.Context, *sql.Tx, []domain.Job) error { return nil }
	}
	s.SetEnqueue(enqueue)
	return s
}

// migrated holds the content of a migrated SQLite file for each set of migrations: migrating once and writing the bytes
// again is far cheaper than migrating for every test.
var migrated sync.Map

// SQLite writes a file of its own for the test, migrated and empty.
func SQLite(t *testing.T, migrations ...Migration) Database {
	t.Helper()
	migrations = all(migrations)
	template, _ := migrated.LoadOrStore(templateName(t, "sqlite", migrations), sync.OnceValues(func() ([]byte, error) {
		return migratedFile(t, migrations)
	}))
	content, err := template.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return Database{URL: "sqlite:" + path, Dialect: "sqlite"}
}

// migratedFile migrates a new file. Closing it writes its log back, so that the file alone is the whole database.
func migratedFile(t *testing.T, migrations []Migration) ([]byte, error) {
	path := filepath.Join(t.TempDir(), "template.db")
	if err := migrate(t.Context(), "sqlite:"+path, migrations); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the template's log was not written back: %w", err)
	}
	return os.ReadFile(path)
}

func migrate(ctx context.Context, url string, migrations []Migration) error {
	s, err := store.Open(ctx, store.Config{URL: url, MaxConns: 2})
	if err != nil {
		return err
	}
	err = s.Migrate(ctx)
	for _, m := range migrations {
		if err == nil {
			err = m.Run(ctx, s.DB(), s.Dialect())
		}
	}
	return errors.Join(err, s.Close())
}
