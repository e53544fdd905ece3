package jobs

import (
	"database/sql"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// silent is River's PostgreSQL driver without NOTIFY. Through database/sql nobody can listen, so a notification would
// only cost a statement in the caller's transaction and, while it commits, a lock that all notifying commits share.
type silent struct{ *riverdatabasesql.Driver }

// SupportsListenNotify keeps River from sending notifications.
func (silent) SupportsListenNotify() bool { return false }

func driverFor(db *sql.DB, dialect string) (riverdriver.Driver[*sql.Tx], error) {
	switch dialect {
	case Postgres:
		return silent{riverdatabasesql.New(db)}, nil
	case SQLite:
		return riversqlite.New(db), nil
	default:
		return nil, fmt.Errorf("jobs: %q is not a dialect (postgres, sqlite)", dialect)
	}
}
