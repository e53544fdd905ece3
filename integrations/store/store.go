// Package store keeps everything that outlives a process, in PostgreSQL or in one SQLite file. It is the only package
// that knows gorm; the domain sees its ports, the queue sees the transaction it is handed.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/migrations"
)

// EnqueueFunc inserts jobs through the transaction of the state they follow from.
type EnqueueFunc func(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error

// InlineFunc gives a part of a WITH that inserts jobs for each row of the part called from, and its arguments; ok is
// false for jobs that only EnqueueFunc can insert.
type InlineFunc func(from string, jobs []domain.Job) (text string, args []any, ok bool)

// WakeFunc tells the queue of jobs that are committed.
type WakeFunc func(jobs []domain.Job)

// Queue takes jobs and is told of those that are committed.
type Queue interface {
	Enqueue(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error
	// EnqueueOnce inserts a job only if the same one is not waiting already.
	EnqueueOnce(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error
	Inline(from string, jobs []domain.Job) (text string, args []any, ok bool)
	Wake(jobs []domain.Job)
}

// Config says which database to open.
type Config struct {
	// URL is postgres://… or sqlite:path.
	URL      string
	MaxConns int
	// Transaction says that URL is a pooler's that lends a connection for one transaction; Direct is the database's
	// own address, for what needs a connection of its own. Empty means that URL is.
	Transaction bool
	Direct      string
	// Logger is told of slow statements, without their values; nil for none.
	Logger *slog.Logger
	// Now is the clock of what the store dates by itself.
	Now func() time.Time
	// Aside is for looking at the database beside the service: few connections, short statements, and nothing is
	// written.
	Aside bool
}

// Store is the open database: opened, migrated, asked whether it is ready, closed. What is kept in it is kept by a
// small repository for each noun.
type Store struct {
	*database
	// Coupons keeps the state of coupons, and what is one commit with it; Backlog finds what waits to be done about
	// them.
	Coupons Coupons
	Backlog Backlog
	// Reviews reads the reviews of coupons.
	Reviews Reviews
	// Listing reads lists of coupons.
	Listing Listing
	// Books reads what is compared with the POS and the shop.
	Books Books
	// Members keeps who is a member, and what is known about them.
	Members Members
	// Privacy keeps requests about personal data; Webhooks keeps what the shop told.
	Privacy  Privacy
	Webhooks Webhooks
	// Guard keeps what the Function of the checkout is told.
	Guard Guard
	// Events keeps whom of the merchant's own systems is told of events, and how that went.
	Events Events
	// Metafields keeps how far each customer's metafield has come.
	Metafields Metafields
	// Audit keeps the audit and its chain of seals; Reports adds it up. Sales adds up the orders that used codes.
	Audit   Audit
	Reports Reports
	Sales   Sales
	// Settings keeps the settings that were last seen.
	Settings Settings
	// Mails keeps what became of mails.
	Mails Mails
	// Staff keeps people and their second factors; SignIns counts how often they tried, Sessions keeps how they got in,
	// and Notices what they are to be told.
	Staff    Staff
	SignIns  SignIns
	Sessions Sessions
	Notices  Notices
	// Campaigns keeps families of codes and their rules; Identity keeps what uses and decisions showed of persons, and
	// what was decided.
	Campaigns Campaigns
	Identity  Identity
	// Batches keeps codes of campaigns that are made together.
	Batches Batches
	// Keys keeps API keys: of programs and of people.
	Keys Keys
	// CancelRequests keeps who asks for a coupon to be cancelled, Notifications what people are told of.
	CancelRequests CancelRequests
	Notifications  Notifications
	// Bulk keeps jobs on many coupons.
	Bulk Bulk
}

// Open connects. Errors name what is wrong with the address, never a password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = domain.SystemClock{}.Now
	}
	dialector, db, relaxed, dialect, err := dial(cfg)
	if err != nil {
		return nil, err
	}
	g, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		// A statement that names its columns means the same when a newer release has added some: of every column that there
		// is, PostgreSQL refuses the kept plan, and a transaction cannot ask once more.
		QueryFields: true,
		// PrepareStmt stays off: with it the transaction's handle is gorm's wrapper, and the queue needs the bare
		// *sql.Tx.
		PrepareStmt: false,
		Logger:      logOf(cfg.Logger, dialect),
		NowFunc:     cfg.Now,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), db.Close(), relaxed.Close())
	}
	if err := reach(ctx, cfg, db, dialect); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the database: %w", err), db.Close(), relaxed.Close())
	}
	local, err := localOf(cfg)
	if err != nil {
		return nil, errors.Join(err, db.Close(), relaxed.Close())
	}
	prober, err := proberOf(cfg)
	if err != nil {
		return nil, errors.Join(err, db.Close(), relaxed.Close())
	}
	return storeOn(&database{db: g, commits: newTogether(), begun: newTogether(), ended: newTogether(), making: new(atomic.Int64), sql: db, prober: prober, relaxed: relaxed, dialect: dialect, direct: directOf(cfg),
			now: cfg.Now, bounds: usualBounds, auditPart: usualPart, lent: cfg.Transaction, local: local,
			enqueue: func(context.Context, *sql.Tx, []domain.Job) error { return errors.New("no queue is connected") }}),
		nil
}

// dial opens the pool and, on PostgreSQL, a second one whose commits do not wait for the disk.
func dial(cfg Config) (d gorm.Dialector, db, relaxed *sql.DB, dialect string, err error) {
	if path, ok := strings.CutPrefix(cfg.URL, "sqlite:"); ok {
		if err := keepPrivate(path, cfg.Logger); err != nil {
			return nil, nil, nil, "", fmt.Errorf("open the database: %w", err)
		}
		dsn := sqliteDSN(path)
		if cfg.Aside {
			dsn += "&_pragma=query_only(1)"
		}
		db, err := sql.Open(sqlite.DriverName, dsn)
		if err != nil {
			return nil, nil, nil, "", err
		}
		// One writer at a time is all SQLite has; one connection makes it a queue instead of an error.
		db.SetMaxOpenConns(1)
		return plainSQLite{&sqlite.Dialector{Conn: db}}, db, db, migrations.SQLite, nil
	}
	conn, err := settings(cfg.URL, statementTimeout)
	if err != nil {
		return nil, nil, nil, "", err
	}
	if cfg.Aside {
		conn.RuntimeParams["statement_timeout"], conn.RuntimeParams["default_transaction_read_only"] = asideTimeout, "on"
		if conn.ValidateConnect != nil {
			// target_session_attrs=read-write asks a session whether it may write, and these may not: the primary is meant.
			conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
		cfg.MaxConns = asideConns
	}
	if cfg.Transaction {
		lend(conn)
	}
	db = pool(conn, cfg.MaxConns)
	return plainPostgres{&postgres.Dialector{Config: &postgres.Config{Conn: db}}}, db, queuePool(conn), migrations.Postgres, nil
}

// queuePool is for the queue's own book-keeping. Its table is empty one moment and long the next, and a statement that was
// planned for the empty one reads all of the long one, for each job again, until the server counts the rows anew: where
// there is an index, it is used. That is said by a statement, which any pooler lets through that lends for a session; one
// that lends for a transaction has no place for it.
func queuePool(conn *pgx.ConnConfig) *sql.DB {
	conn.RuntimeParams["synchronous_commit"] = "off"
	if lent(conn) {
		return pool(conn, queueConns)
	}
	return poolOf(conn, queueConns, aliveLimit, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `SET enable_seqscan = off`)
		return err
	}))
}

// settings are those of a connection to PostgreSQL, unless the address says otherwise.
func settings(url, statementTimeout string) (*pgx.ConnConfig, error) {
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL is neither postgres://… nor sqlite:path")
	}
	for name, value := range map[string]string{
		"application_name": "pointbridge", "statement_timeout": statementTimeout, "lock_timeout": "10s",
		"idle_in_transaction_session_timeout": "30s", "timezone": "UTC",
		// Nothing here reads much; starting workers or a compiler costs more than any of its statements.
		"max_parallel_workers_per_gather": "0", "jit": "off",
	} {
		if _, set := conn.RuntimeParams[name]; !set {
			conn.RuntimeParams[name] = value
		}
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectLimit
	}
	return conn, nil
}

const (
	// asideConns is one for the figures, which are read one after the other, and the others for what readiness asks.
	asideConns   = 3
	asideTimeout = "3s"
)

// statementTimeout is the database's own bound on a statement of the service.
const statementTimeout = "15s"

// queueConns is enough for the queue's book-keeping: it works in batches.
const queueConns = 4

// connLife is how long a connection is kept at most: after a promotion nobody stays with the database that was the
// primary.
const connLife = 5 * time.Minute

func pool(conn *pgx.ConnConfig, most int) *sql.DB { return poolOf(conn, most, aliveLimit) }

func poolOf(conn *pgx.ConnConfig, most int, alive time.Duration, options ...stdlib.OptionOpenDB) *sql.DB {
	limit := limitOf(conn)
	conn, prelude := preludeOf(conn)
	db := sql.OpenDB(connector{Connector: stdlib.GetConnector(*conn, options...), prelude: prelude, limit: limit,
		alive: alive})
	if most > 0 {
		db.SetMaxOpenConns(most)
		db.SetMaxIdleConns(most)
	}
	db.SetConnMaxIdleTime(connLife)
	db.SetConnMaxLifetime(connLife)
	return db
}

// sqliteDSN asks for a write-ahead log, full durability, and transactions that take the write lock when they begin: a
// read that is followed by a write can then not fail half-way. Recursive triggers make REPLACE ask the triggers that
// refuse DELETE. (_time_format must stay out: the driver would skip _txlock.)
func sqliteDSN(path string) string {
	path = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) // https://www.sqlite.org/uri.html
	return "file:" + path + "?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=recursive_triggers(1)"
}

// SetQueue connects the queue, whole: a store that inserts jobs and tells nobody of them would work, but late.
func (s *Store) SetQueue(q Queue) {
	s.SetEnqueue(q.Enqueue)
	s.SetEnqueueOnce(q.EnqueueOnce)
	s.SetInline(q.Inline)
	s.SetWake(q.Wake)
}

// SetEnqueue connects the one thing that no store can do without; the rest of a queue, below, is for tests to add.
func (s *Store) SetEnqueue(enqueue EnqueueFunc) { s.enqueue = enqueue }

// SetEnqueueOnce connects the queue's way to insert a job only if the same one is not waiting already.
func (s *Store) SetEnqueueOnce(once EnqueueFunc) { s.once = once }

// SetInline connects the queue's way to insert jobs within another statement.
func (s *Store) SetInline(inline InlineFunc) { s.inline = inline }

// SetWake connects the queue's way to hear at once of jobs that are committed.
func (s *Store) SetWake(wake WakeFunc) { s.wake = wake }

// SetSealing gives the keys that seals are made with, and tells whether heads are to be shipped by the queue.
func (s *Store) SetSealing(keys *audit.Keys, ship bool) { s.keys, s.shipHeads = keys, ship }

// ReplaceKey lets seals follow those of a key that this process does not have: the one of before its start. It is told
// before anything is sealed.
func (s *Store) ReplaceKey(id string) { s.replaces = id }

// QueueDB is a pool for the queue's own book-keeping. On PostgreSQL its commits return before they are on disk.
func (s *Store) QueueDB() *sql.DB { return s.relaxed }

// DB is the pool that jobs are inserted through, with the state.
func (s *Store) DB() *sql.DB { return s.sql }

// Dialect is "postgres" or "sqlite".
func (s *Store) Dialect() string { return s.dialect }

// Migrate brings the schema up to date. On PostgreSQL it uses a connection of its own, whose statements may last: an
// index over millions of rows takes longer than a request may.
func (s *Store) Migrate(ctx context.Context) error {
	return s.Directly(ctx, func(db *sql.DB) error { return migrations.Run(ctx, db, s.dialect) })
}

// Fingerprint changes with the schema that Migrate makes in this dialect.
func Fingerprint(dialect string) (string, error) { return migrations.Fingerprint(dialect) }

// PendingMigrations reports whether Migrate has something to do.
func (s *Store) PendingMigrations(ctx context.Context) (bool, error) {
	return migrations.Pending(ctx, s.sql, s.dialect)
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error { return s.sql.PingContext(ctx) }

// Close lets the connections go.
func (s *Store) Close() error { return errors.Join(s.sql.Close(), s.relaxed.Close(), s.prober.close()) }

// Enqueue implements coupons.Queue. What is asked for by a sweep is asked for again by the next one.
func (s Backlog) Enqueue(ctx context.Context, jobs []domain.Job) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return insertJobs(ctx, tx, jobs, s.onceOrNot()) })
}
