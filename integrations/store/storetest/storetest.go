// Package storetest gives each test a database of its own: a SQLite file, and a PostgreSQL database cloned from a migrated
// template. Only tests import it.
package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store"
)

// Migration is what a template gets beside the schema, such as the queue's own tables. The name stands for its content: it
// says the version of what it makes.
type Migration struct {
	Name string
	Run  func(ctx context.Context, db *sql.DB, dialect string) error
}

// Database is one test's own database, migrated and empty.
type Database struct {
	URL     string
	Dialect string
}

// Each runs the test on both databases, in parallel. Without TEST_DATABASE_URL the PostgreSQL half is left out, loudly, or
// fails where everything has to run (POINTBRIDGE_TEST_ALL).
func Each(t *testing.T, run func(t *testing.T, db Database), migrations ...Migration) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, SQLite(t, migrations...))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, Postgres(t, migrations...))
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

// SQLite makes a migrated file.
func SQLite(t *testing.T, migrations ...Migration) Database {
	t.Helper()
	d := Database{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db"), Dialect: "sqlite"}
	migrate(t, d.URL, migrations)
	return d
}

func migrate(t *testing.T, url string, migrations []Migration) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range migrations {
		if err := m.Run(t.Context(), s.DB(), s.Dialect()); err != nil {
			t.Fatal(err)
		}
	}
}
