package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// statementGrace is how much later than the database this side gives a statement up: a database that still answers
	// speaks first. A statement that waits for a lost standby when it commits heeds no time-out of the database's.
	statementGrace = 5 * time.Second
	// commitLimit is when this side gives a commit up: none here takes long, but for a standby that does not answer.
	commitLimit = 5 * time.Second
	// rollbackLimit is short: a connection that cannot even do that is closed, which rolls back as well.
	rollbackLimit = 5 * time.Second
	// aliveLimit is when a connection that was idle, and is asked for a sign of life before it is used again, counts as
	// dead: another one is taken then. A request that nobody gives up would wait for it without end.
	aliveLimit = 3 * time.Second
	// connectLimit is when this side gives up making a connection, unless the address says it: connect_timeout.
	connectLimit = 10 * time.Second
)

// connector makes connections to PostgreSQL whose waits have an end, and whose errors say whether waiting helps. It is
// around the driver, so that whoever uses the pool is told the same: gorm, the queue and our own statements.
type connector struct {
	driver.Connector
	// prelude is what transactions begin with; see preludeOf.
	prelude string
	// limit bounds a statement; zero for no bound. alive bounds a sign of life.
	limit, alive time.Duration
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, classified(err)
	}
	inner, ok := made.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection is a %T", made), made.Close())
	}
	return &conn{Conn: inner, prelude: c.prelude, limit: c.limit, alive: c.alive}, nil
}

// conn is one connection. What it does not say itself is the driver's.
type conn struct {
	*stdlib.Conn
	prelude      string
	limit, alive time.Duration
	// readOnly says that the database took no writes: after a promotion this is the old primary, which nobody may
	// keep.
	readOnly bool
}

// IsValid implements driver.Validator: a connection that is not valid does not go back into the pool.
func (c *conn) IsValid() bool { return !c.readOnly && !c.Conn.Conn().IsClosed() }

// ResetSession implements driver.SessionResetter: the driver asks a connection that was idle for a sign of life, under
// the context of whoever is to have it, which may have no end. A connection that gives none is closed.
func (c *conn) ResetSession(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.alive)
	defer cancel()
	return c.Conn.ResetSession(ctx)
}

func (c *conn) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.limit)
}

// told classifies an error and remembers what it says about the connection.
func (c *conn) told(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == pgReadOnly {
		c.readOnly = true
	}
	return classified(err)
}

// ExecContext implements driver.ExecerContext. The driver takes a statement without values whose answer was lost for
// one that was never sent, and would have it run again.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	done, err := c.Conn.ExecContext(ctx, query, args)
	if errors.Is(err, driver.ErrBadConn) {
		return nil, &trouble{cause: errLost, means: errLater}
	}
	return done, c.told(err)
}

// errLost is not the driver's, because database/sql would run the statement again for that one.
var errLost = errors.New("the connection to the database was lost")

// outsideTransaction is what PostgreSQL says of a connection that has none, nor one that failed.
const outsideTransaction = 'I'

// QueryContext implements driver.QueryerContext. The bound holds until the rows are closed.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, cancel := c.bounded(ctx)
	got, err := c.Conn.QueryContext(ctx, query, args)
	if grown(err) && c.Conn.Conn().PgConn().TxStatus() == outsideTransaction {
		got, err = c.Conn.QueryContext(ctx, query, args)
	}
	if err != nil {
		cancel()
		return nil, c.told(err)
	}
	inner, ok := got.(*stdlib.Rows)
	if !ok {
		cancel()
		return nil, errors.Join(fmt.Errorf("the driver's rows are a %T", got), got.Close())
	}
	return &rows{Rows: inner, conn: c, cancel: cancel}, nil
}

// BeginTx implements driver.ConnBeginTx. A transaction that did not begin has done nothing: it begins again on another
// connection, so that nobody has to hear of a database that was restarted a moment ago.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begin, err := beginOf(opts)
	if err != nil {
		return nil, err
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	limited, cancel := c.bounded(ctx)
	defer cancel()
	begun, err := c.Conn.Conn().BeginTx(limited, pgx.TxOptions{BeginQuery: begin + c.prelude})
	if err != nil {
		if c.Conn.Conn().IsClosed() && limited.Err() == nil {
			return nil, driver.ErrBadConn
		}
		return nil, c.told(err)
	}
	return &tx{tx: begun, ctx: context.WithoutCancel(ctx), conn: c}, nil
}

func beginOf(opts driver.TxOptions) (string, error) {
	begin := "begin"
	switch level := sql.IsolationLevel(opts.Isolation); level {
	case sql.LevelDefault:
	case sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable:
		begin += " isolation level " + strings.ToLower(level.String())
	default:
		return "", fmt.Errorf("there are no transactions that are %s", level)
	}
	if opts.ReadOnly {
		begin += " read only"
	}
	return begin, nil
}

// tx is a transaction. Its end is not cut short by a request that is given up: that would leave a commit in doubt.
type tx struct {
	tx   pgx.Tx
	ctx  context.Context //nolint:containedctx // database/sql's interface passes none
	conn *conn
}

// Commit implements driver.Tx. Of a commit that was sent and not answered nobody knows whether it was made; that is
// errInDoubt, unless the database said that it was not.
func (t *tx) Commit() error {
	if t.conn.Conn.Conn().IsClosed() {
		return &trouble{cause: errLost, means: errLater} // it was not sent, and the database has rolled back
	}
	ctx, cancel := context.WithTimeout(t.ctx, commitLimit)
	defer cancel()
	err := t.tx.Commit(ctx)
	if inDoubt(err) {
		return &trouble{cause: err, means: errInDoubt}
	}
	return t.conn.told(err)
}

// Rollback implements driver.Tx.
func (t *tx) Rollback() error {
	ctx, cancel := context.WithTimeout(t.ctx, rollbackLimit)
	defer cancel()
	return t.conn.told(t.tx.Rollback(ctx))
}

// rows are the rows of one statement.
type rows struct {
	*stdlib.Rows
	conn   *conn
	cancel context.CancelFunc
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || err == io.EOF { //nolint:errorlint // this very value is the end; a wrapped one is a broken connection
		return err
	}
	return r.conn.told(err)
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	err := r.Rows.Close()
	r.cancel()
	return r.conn.told(err)
}
