package migrations

import (
	"context"
	"database/sql"
)

// UpTo brings a database up to an older version, as an older program left it.
func UpTo(ctx context.Context, db *sql.DB, dialect string, version int64) error {
	p, err := provider(db, dialect)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}
