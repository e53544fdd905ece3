package jobs

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// testDB is one empty database of its own.
type testDB struct {
	*sql.DB
	dialect string
}

// each runs a test on both databases, with the queue's tables in place.
func each(t *testing.T, test func(t *testing.T, db testDB)) {
	t.Helper()
	t.Run(SQLite, func(t *testing.T) {
		t.Parallel()
		test(t, migrated(t, openSQLite(t, filepath.Join(t.TempDir(), "jobs.db"))))
	})
	t.Run(Postgres, func(t *testing.T) {
		t.Parallel()
		test(t, migrated(t, openPostgres(t)))
	})
}

func migrated(t testing.TB, db testDB) testDB {
	t.Helper()
	if err := Migrate(t.Context(), db.DB, db.dialect); err != nil {
		t.Fatal(err)
	}
	return db
}

func openSQLite(t testing.TB, path string) testDB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return testDB{db, SQLite}
}

func openPostgres(t testing.TB) testDB {
	t.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") == "1" {
			t.Fatal("TEST_DATABASE_URL names no PostgreSQL, and nothing may be left out")
		}
		t.Skip("LEFT OUT: TEST_DATABASE_URL names no PostgreSQL")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	name := "jobs_" + strings.ToLower(rand.Text())
	mustExec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("the test's database stays behind: %v", err)
		}
	})
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(10)
	t.Cleanup(func() { _ = db.Close() })
	return testDB{db, Postgres}
}

func mustExec(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// count runs a query for one number.
func count(t testing.TB, db testDB, query string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// inTx commits what do did.
func inTx(t testing.TB, db testDB, do func(tx *sql.Tx) error) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
