// Package storetest gives each test a database of its own: a SQLite file, and a PostgreSQL database cloned from a migrated
// template. Only tests import it.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"

	"pointbridge/domain"
	"pointbridge/integrations/store"
)

// Migration is what a template gets beside the schema, such as the queue's own tables.
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

var templates struct {
	sync.Mutex
	names map[string]string
}

// Postgres clones the template; it is made once per test binary and dropped with the server, which is a throw-away one.
func Postgres(t *testing.T, migrations ...Migration) Database {
	t.Helper()
	admin := os.Getenv("TEST_DATABASE_URL")
	if admin == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			t.Fatal("TEST_DATABASE_URL is not set, and nothing may be left out")
		}
		t.Skip("LEFT OUT: no PostgreSQL. Set TEST_DATABASE_URL, or run make test")
	}
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	template := templateOf(t, db, admin, migrations)
	name := "test_" + random(t)
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		_ = db.Close()
	})
	return Database{URL: at(t, admin, name), Dialect: "postgres"}
}

func templateOf(t *testing.T, db *sql.DB, admin string, migrations []Migration) string {
	t.Helper()
	h := fnv.New32a()
	for _, m := range migrations {
		_, _ = h.Write([]byte(m.Name + "\n"))
	}
	key := fmt.Sprintf("%x", h.Sum32())
	templates.Lock()
	defer templates.Unlock()
	if name := templates.names[key]; name != "" {
		return name
	}
	name := "template_" + key + "_" + random(t)
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	migrate(t, at(t, admin, name), migrations)
	if templates.names == nil {
		templates.names = map[string]string{}
	}
	templates.names[key] = name
	return name
}

func at(t *testing.T, admin, name string) string {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal("TEST_DATABASE_URL is not an address")
	}
	u.Path = "/" + name
	return u.String()
}

func random(t *testing.T) string {
	t.Helper()
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}
