package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/glebarez/sqlite"

	"pointbridge/domain"
)

const (
	// writableFor is how long it is believed that the database takes writes, or does not: however often somebody asks.
	writableFor = time.Second
	// writableLimit is when a write counts as not taken: here also those end that wait for a lost standby.
	writableLimit = 2 * time.Second
	// writtenSetting is the row that is written; its value says nothing.
	writtenSetting = "database.written"
)

// prober writes to find out whether the database takes writes. Its pool is its own: it waits for no conversion and no
// conversion for it, so that a service whose connections are all at work is not taken for one that cannot write.
type prober struct {
	db      *sql.DB
	verdict *domain.Remembered[struct{}]
}

// proberOf returns a prober with one connection of the service's kind, made when it is first asked.
func proberOf(cfg Config) (*prober, error) {
	db, err := probing(cfg)
	if err != nil {
		return nil, err
	}
	p, now := &prober{db: db}, cfg.Now
	p.verdict = &domain.Remembered[struct{}]{For: writableFor, Limit: writableLimit, Now: now,
		Ask: func(ctx context.Context) (struct{}, error) { return struct{}{}, p.write(ctx, now()) }}
	return p, nil
}

func probing(cfg Config) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(cfg.URL, "sqlite:"); ok {
		db, err := sql.Open(sqlite.DriverName, sqliteDSN(path))
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return db, err
	}
	conn, err := settings(cfg.URL, statementTimeout)
	if err != nil {
		return nil, err
	}
	if cfg.Transaction {
		lend(conn)
	}
	return pool(conn, 1), nil
}

// write changes one row, for good: a primary that takes no writes, one whose disk is full and one that waits for a
// standby are told from one that works by nothing less.
func (p *prober) write(ctx context.Context, now time.Time) error {
	_, err := p.db.ExecContext(ctx, `INSERT INTO settings (name, value, changed_at) VALUES ($1, '', $2)
		ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at`, writtenSetting, utc(now))
	return translate(err)
}

func (p *prober) close() error { return p.db.Close() }

// Writable reports whether the database takes writes. Errors: domain.ErrUnavailable when it does not, for now.
func (s *Store) Writable(ctx context.Context) error {
	_, err := s.prober.verdict.Get(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &trouble{cause: err, means: errLater}
	}
	return err
}
