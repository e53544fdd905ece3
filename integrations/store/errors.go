package store

import (
	"errors"
	"fmt"

	"github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"

	"pointbridge/domain"
)

// SQLSTATE classes and SQLite's extended result codes, by which errors are told apart; never by their text.
// https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html
const (
	pgUnique        = "23505"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgLockTimeout   = "55P03"
	sqliteUnique    = 2067
	sqlitePrimary   = 1555
	sqliteBusy      = 5
)

// translate turns what the database says into what the flows understand: a lost race, and a wait for a
// lock that took too long, is domain.ErrConflict. Errors of the domain pass as they are.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case pgUnique, pgSerialization, pgDeadlock, pgLockTimeout:
			return fmt.Errorf("%w (%s)", domain.ErrConflict, pg.ConstraintName)
		}
		return err
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch code := lite.Code(); {
		case code == sqliteUnique, code == sqlitePrimary, code&0xff == sqliteBusy:
			return fmt.Errorf("%w (%d)", domain.ErrConflict, code)
		}
	}
	return err
}

// violates tells whether the error is a violation of this unique index. SQLite names columns instead of the index, so the
// caller only asks where one index can be meant.
func violates(err error, index string) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgUnique && pg.ConstraintName == index
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqliteUnique
}
