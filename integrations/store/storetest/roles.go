package storetest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"testing"
)

// ServiceUser returns a PostgreSQL database and, beside its owner, a user who has nothing yet: as names it, to gives
// the database's address for that user.
func ServiceUser(t *testing.T, extra ...Migration) (owner Database, user string, to Database) {
	t.Helper()
	admin := os.Getenv("TEST_DATABASE_URL")
	user = "service_" + random(t)
	if admin != "" {
		db, err := sql.Open("pgx", admin)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "CREATE ROLE "+user+" LOGIN PASSWORD '"+user+"'"); err != nil {
			t.Fatal(err)
		}
		// Comes after the database has gone, and with it whatever was granted in it.
		t.Cleanup(func() {
			_, _ = db.ExecContext(context.WithoutCancel(t.Context()), "DROP ROLE "+user)
			_ = db.Close()
		})
	}
	owner = Postgres(t, extra...)
	u, err := url.Parse(owner.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, user)
	return owner, user, Database{URL: u.String(), Dialect: owner.Dialect}
}
