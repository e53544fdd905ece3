package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pointbridge/migrations"
)

// A pooler in transaction mode, such as PgBouncer, lends a connection to the database for one transaction. What belongs
// to a session is then nobody's: its parameters, its prepared statements, its locks. So in this mode parameters come
// with each BEGIN, in the same message; statements have no names (their descriptions are remembered here, so that
// values are sent as they are otherwise); locks are the transaction's, here always; and what needs a session goes to
// the database directly.

// refusedAtStart is the class of what a pooler says to a parameter that it does not know.
const refusedAtStart = "08P01"

var (
	errNeedsTransaction = errors.New("a pooler in transaction mode is in between: set DATABASE_POOL=transaction, and DATABASE_DIRECT_URL to the database's own address")
	errNeedsDirect      = errors.New("behind a pooler in transaction mode this needs DATABASE_DIRECT_URL, the database's own address")
	errNotDirect        = errors.New("DATABASE_DIRECT_URL leads to a pooler in transaction mode; it must be the database's own address")
	errParameters       = errors.New("a start-up parameter is refused, as poolers do: behind one in transaction mode set DATABASE_POOL=transaction")
)

// lent tells of a configuration that it is for a pooler in transaction mode; lend makes it so.
func lent(conn *pgx.ConnConfig) bool {
	return conn.DefaultQueryExecMode == pgx.QueryExecModeCacheDescribe
}

func lend(conn *pgx.ConnConfig) { conn.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe }

// perTransaction are the parameters that can be set by a transaction for itself, and their names there.
var perTransaction = map[string]string{
	"statement_timeout": "", "lock_timeout": "", "idle_in_transaction_session_timeout": "", "synchronous_commit": "",
	"max_parallel_workers_per_gather": "", "jit": "", "default_transaction_read_only": "transaction_read_only",
}

// preludeOf returns the configuration that connections are made with, and what their transactions begin with. A
// statement outside a transaction has the bound of this side.
func preludeOf(conn *pgx.ConnConfig) (*pgx.ConnConfig, string) {
	conn = conn.Copy()
	var text strings.Builder
	for there, value := range lentParameters(conn) {
		text.WriteString("; SET LOCAL " + there + " = " + value)
	}
	if lent(conn) {
		maps.DeleteFunc(conn.RuntimeParams, func(name, _ string) bool { _, ours := perTransaction[name]; return ours })
	}
	return conn, text.String()
}

// lentParameters are those that a pooler in transaction mode keeps from the start of a connection, by their names within
// a transaction, each value as a text of SQL.
func lentParameters(conn *pgx.ConnConfig) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if !lent(conn) {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(conn.RuntimeParams)) {
			there, ours := perTransaction[name]
			if ours && !yield(cmp.Or(there, name), "'"+strings.ReplaceAll(conn.RuntimeParams[name], "'", "''")+"'") {
				return
			}
		}
	}
}

// localOf is what a message that is a transaction of its own asks for first, where transactions have a prelude.
func localOf(cfg Config) (string, error) {
	if !cfg.Transaction {
		return "", nil
	}
	conn, err := settings(cfg.URL, statementTimeout)
	if err != nil {
		return "", err
	}
	lend(conn)
	var text strings.Builder
	for name, value := range lentParameters(conn) {
		text.WriteString("set_config('" + name + "', " + value + ", true), ")
	}
	return text.String(), nil
}

// limitOf bounds statements on this side, later than the database does. Where its bound is none, or one that the
// address says in the database's own way, there is none here.
func limitOf(conn *pgx.ConnConfig) time.Duration {
	timeout, err := time.ParseDuration(conn.RuntimeParams["statement_timeout"])
	if err != nil || timeout <= 0 {
		return 0
	}
	return timeout + statementGrace
}

// reach asks for a sign of life, and looks for a pooler that nobody told us of.
func reach(ctx context.Context, cfg Config, db *sql.DB, dialect string) error {
	err := db.PingContext(ctx)
	if !cfg.Transaction {
		err = hinted(err)
	}
	if err != nil || dialect != migrations.Postgres || cfg.Transaction {
		return err
	}
	return unlent(ctx, cfg.URL, db, errNeedsTransaction)
}

// hinted adds to an error that a parameter is to blame, where one is.
func hinted(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == refusedAtStart {
		return errors.Join(err, errParameters)
	}
	return err
}

// direct is how connections of one's own are made.
type direct struct {
	url     string
	missing bool
	named   bool // by a setting of its own
}

func directOf(cfg Config) direct {
	if cfg.Direct != "" {
		return direct{url: cfg.Direct, named: true}
	}
	return direct{url: cfg.URL, missing: cfg.Transaction}
}

// Directly runs something that needs sessions of its own, and statements that may last: on PostgreSQL past any pooler,
// which it makes sure of.
func (s *Store) Directly(ctx context.Context, run func(*sql.DB) error) error {
	if s.dialect != migrations.Postgres {
		return run(s.sql)
	}
	if s.direct.missing {
		return errNeedsDirect
	}
	conn, err := settings(s.direct.url, "0")
	if err != nil {
		return err
	}
	conn.RuntimeParams["statement_timeout"] = "0" // also where the address bounds those of the service
	db := pool(conn, 2)
	refusal := errNeedsTransaction
	if s.direct.named {
		refusal = errNotDirect
	}
	if err := unlent(ctx, s.direct.url, db, refusal); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(run(db), db.Close())
}

// unlent makes sure that connections keep what they connect to. A pooler shows by the process: it tells the number of
// one that is not there. Then two connections in turns show whether what the first one had is given to the second.
func unlent(ctx context.Context, url string, db *sql.DB, refusal error) error {
	own, err := sameProcess(ctx, db)
	if err != nil || own {
		return hinted(err)
	}
	conn, err := settings(url, statementTimeout)
	if err != nil {
		return err
	}
	pair := pool(conn, 2)
	shared, err := takesTurns(ctx, pair)
	if err == nil && shared {
		err = refusal
	}
	return errors.Join(err, pair.Close())
}

const processNow = `SELECT pg_backend_pid()`

// plainly asks without a prepared statement: its name may be taken already by whoever had the connection before.
const plainly = pgx.QueryExecModeSimpleProtocol

// sameProcess reports whether the process that greeted is the one that answers.
func sameProcess(ctx context.Context, db *sql.DB) (same bool, err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	var now uint32
	if err := c.QueryRowContext(ctx, processNow, plainly).Scan(&now); err != nil {
		return false, err
	}
	return same, c.Raw(func(made any) error {
		if inner, ok := made.(*conn); ok {
			same = inner.Conn.Conn().PgConn().PID() == now
		}
		return nil
	})
}

// lookTurns is how often it is looked: on a busy pooler others may take what the first one gave back.
const lookTurns = 8

func takesTurns(ctx context.Context, pair *sql.DB) (bool, error) {
	first, err := pair.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = first.Close() }()
	var had uint32
	if err := first.QueryRowContext(ctx, processNow, plainly).Scan(&had); err != nil {
		return false, err
	}
	for range lookTurns {
		var other, now uint32
		tx, err := pair.BeginTx(ctx, nil)
		if err != nil {
			return false, err
		}
		err = tx.QueryRowContext(ctx, processNow, plainly).Scan(&other)
		if err == nil && other != had {
			err = first.QueryRowContext(ctx, processNow, plainly).Scan(&now)
		}
		if err := errors.Join(err, tx.Rollback()); err != nil {
			return false, err
		}
		if other == had || now != had {
			return true, nil
		}
	}
	return false, nil
}
