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
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"

	"pointbridge/integrations/store"
)

// templateLock is the number of the advisory lock on templates: whoever migrates one holds it alone, whoever copies one
// shares it, because PostgreSQL copies only what nobody is connected to.
const templateLock = 7_240_118_306

// Postgres clones a migrated template, and drops the clone when the test is over. Templates are shared by every test
// binary that works on the same server; their names change with the migrations.
func Postgres(t *testing.T, extra ...Migration) Database {
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
	name := "test_" + random(t)
	t.Cleanup(func() {
		_, _ = db.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		_ = db.Close()
	})
	clone(t, db, admin, name, all(extra))
	return Database{URL: at(t, admin, name), Dialect: "postgres"}
}

func clone(t *testing.T, db *sql.DB, admin, name string, extra []Migration) {
	t.Helper()
	template := templateName(t, "postgres", extra)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	run := func(statement string, args ...any) {
		if _, err := conn.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("SELECT pg_advisory_lock_shared($1)", templateLock)
	if !finished(t, conn, template) {
		run("SELECT pg_advisory_unlock_shared($1)", templateLock)
		run("SELECT pg_advisory_lock($1)", templateLock)
		prepare(t, conn, admin, template, extra)
		run("SELECT pg_advisory_unlock($1)", templateLock)
		run("SELECT pg_advisory_lock_shared($1)", templateLock)
	}
	// Copying files takes half of what writing each of their pages to the log does, and nobody else is in the template.
	run("CREATE DATABASE " + name + " TEMPLATE " + template + " STRATEGY FILE_COPY")
	run("SELECT pg_advisory_unlock_shared($1)", templateLock)
}

// finished reports whether the template is there and was migrated to the end: only then does it have its comment.
func finished(t *testing.T, conn *sql.Conn, template string) (yes bool) {
	t.Helper()
	err := conn.QueryRowContext(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1
		AND shobj_description(oid, 'pg_database') = 'migrated')`, template).Scan(&yes)
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

// prepare makes the template, or makes it again when somebody was stopped half-way.
func prepare(t *testing.T, conn *sql.Conn, admin, template string, extra []Migration) {
	t.Helper()
	if finished(t, conn, template) {
		return
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + template + " WITH (FORCE)", "CREATE DATABASE " +
		template} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := migrate(t.Context(), at(t, admin, template), extra); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "COMMENT ON DATABASE "+template+" IS 'migrated'"); err != nil {
		t.Fatal(err)
	}
}

// templateName names what the template holds: the schema's files, and the other migrations by their names.
func templateName(t *testing.T, dialect string, extra []Migration) string {
	t.Helper()
	schema, err := store.Fingerprint(dialect)
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, schema)
	for _, m := range extra {
		_, _ = fmt.Fprintln(h, m.Name)
	}
	return fmt.Sprintf("template_%x", h.Sum64())
}

func at(t *testing.T, admin, name string) string {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal("TEST_DATABASE_URL is not an address")
	}
	u.Path = "/" + name
	// The service's own bounds are for a machine that works; here a statement may take as long as it takes.
	bounds := u.Query()
	for _, bound := range []string{"statement_timeout", "lock_timeout"} {
		bounds.Set(bound, "5min")
	}
	u.RawQuery = bounds.Encode()
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
