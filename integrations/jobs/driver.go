package jobs

import (
	"database/sql"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// silent makes a driver one without notifications: every client looks for jobs in its poll interval, on either
// database. Over database/sql nobody listens to PostgreSQL, so a notification would only cost a statement in the
// caller's transaction and, while it commits, a lock that all notifying commits share. On SQLite it would be a further
// row in every commit, and its reader would ask twenty times a second for the one connection.
type silent struct{ riverdriver.Driver[*sql.Tx] }

// SupportsListenNotify keeps River from sending notifications.
func (silent) SupportsListenNotify() bool { return false }

// SupportsListener keeps River from waiting for any.
func (silent) SupportsListener() bool { return false }

func driverFor(db *sql.DB, dialect string) (riverdriver.Driver[*sql.Tx], error) {
	switch dialect {
	case Postgres:
		return silent{riverdatabasesql.New(db)}, nil
	case SQLite:
		return silent{riversqlite.New(db)}, nil
	default:
		return nil, fmt.Errorf("jobs: %q is not a dialect (postgres, sqlite)", dialect)
	}
}
