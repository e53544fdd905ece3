package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5"
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
	pgReadOnly      = "25006"
	pgIdleInTx      = "25P03"
	pgCanceled      = "57014"
	pgUnsupported   = "0A000"
	pgRestarted     = "57P" // shut down, crashed, starting, or the session ended by an operator
	pgConnection    = "08"  // a whole class, as is the next
	pgResources     = "53"
	sqliteUnique    = 2067
	sqlitePrimary   = 1555
	sqliteBusy      = 5
	sqliteReadOnly  = 8
	sqliteIO        = 10
	sqliteFull      = 13
	sqliteCannot    = 14
)

// trouble is an error of the database, and what it means to whoever asked: the cause stays to be looked at.
type trouble struct {
	cause, means error
}

func (t *trouble) Error() string   { return t.cause.Error() }
func (t *trouble) Unwrap() []error { return []error{t.cause, t.means} }

// The meanings. Both a race that was lost to time, and a commit in doubt, are decided anew from what is there: whoever
// runs out of tries tells that waiting helps.
var (
	errLater   = domain.ErrUnavailable
	errInDoubt = fmt.Errorf("it is not known whether this was committed: %w, %w", domain.ErrConflict,
		domain.ErrUnavailable)
	errTooLong = fmt.Errorf("%w, %w", domain.ErrConflict, domain.ErrUnavailable)
)

// classified marks an error after which the same request can succeed later, unchanged.
func classified(err error) error {
	if err == nil || errors.Is(err, domain.ErrUnavailable) || errors.Is(err, driver.ErrBadConn) || !passing(err) {
		return err // database/sql knows a bad connection by its name, and asks for another one
	}
	return &trouble{cause: err, means: errLater}
}

// passing says that a state of the database, or of the way there, is to blame and will pass.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgReadOnly || pg.Code == pgIdleInTx || pg.Code == pgCanceled || strings.HasPrefix(pg.Code,
			pgRestarted) ||
			strings.HasPrefix(pg.Code, pgConnection) || strings.HasPrefix(pg.Code, pgResources)
	}
	if errors.Is(err, context.Canceled) {
		return false // whoever asked has gone
	}
	var (
		refused *pgconn.ConnectError
		network net.Error
	)
	return errors.As(err, &refused) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded)
}

// grown says that a statement was kept from before the schema grew: it has done nothing, the driver has forgotten it, and
// asked once more it is understood. A newer release's migration does this to processes that serve.
func grown(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == pgUnsupported && pg.Routine == "RevalidateCachedQuery"
}

// inDoubt tells of the error of a commit that was sent whether it was made all the same. The database's own refusal
// says that it was not; the end of its process says nothing, nor does a pooler that has lost it. The driver's word that
// nothing was sent does not count: it says so of a commit whose answer was lost.
func inDoubt(err error) bool {
	var pg *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, pgx.ErrTxClosed):
		return false
	case errors.As(err, &pg):
		return pg.SeverityUnlocalized != "ERROR" || strings.HasPrefix(pg.Code, pgConnection)
	default:
		return true
	}
}

// translate turns what the database says into what the flows understand: a lost race, and a wait for a
// lock that took too long, is domain.ErrConflict; a state that will pass is domain.ErrUnavailable. Errors of the domain
// pass as they are.
func translate(err error) error {
	if err == nil || errors.Is(err, domain.ErrConflict) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case pgUnique:
			return fmt.Errorf("%w (%s)", domain.ErrConflict, pg.ConstraintName)
		case pgSerialization, pgDeadlock, pgLockTimeout:
			return &trouble{cause: err, means: errTooLong}
		}
		if grown(err) {
			return &trouble{cause: err, means: errTooLong}
		}
		return classified(err)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return translateLite(err, lite.Code())
	}
	if errors.Is(err, driver.ErrBadConn) {
		return &trouble{cause: err, means: errLater}
	}
	return classified(err)
}

func translateLite(err error, code int) error {
	switch {
	case code == sqliteUnique, code == sqlitePrimary:
		return fmt.Errorf("%w (%d)", domain.ErrConflict, code)
	case code&0xff == sqliteBusy:
		return &trouble{cause: err, means: errTooLong}
	case code&0xff == sqliteReadOnly, code&0xff == sqliteIO, code&0xff == sqliteFull, code&0xff == sqliteCannot:
		return &trouble{cause: err, means: errLater}
	default:
		return err
	}
}

// violates reports whether the error is a violation of this unique index. SQLite names columns instead of the index, so
// the caller only asks where one index can be meant.
func violates(err error, index string) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgUnique && pg.ConstraintName == index
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqliteUnique
}
