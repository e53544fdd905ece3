package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/migrations"
)

const (
	// writableFor is how long it is believed that the database takes writes, or does not: however often somebody asks.
	writableFor = time.Second
	// writableLimit is when a write counts as not taken: here also those end that wait for a lost standby.
	writableLimit = 2 * time.Second
	// writtenSetting is the row that is written; its value says nothing.
	writtenSetting = "database.written"
)

// prober writes to find out whether the database takes writes.
type prober struct {
	db      *sql.DB
	own     bool // a pool of its own, so that it waits for no conversion and no conversion for it
	verdict *domain.Remembered[struct{}]
}

// proberOf gives a prober for a pool of the same kind as the service's. On PostgreSQL it has one connection, made when it is
// first asked; SQLite has one in all.
func proberOf(cfg Config, db *sql.DB, dialect string) (*prober, error) {
	p := &prober{db: db}
	if dialect == migrations.Postgres {
		conn, err := settings(cfg.URL, statementTimeout)
		if err != nil {
			return nil, err
		}
		if cfg.Transaction {
			lend(conn)
		}
		p.db, p.own = pool(conn, 1), true
	}
	now := cfg.Now
	p.verdict = &domain.Remembered[struct{}]{For: writableFor, Limit: writableLimit, Now: now,
		Ask: func(ctx context.Context) (struct{}, error) { return struct{}{}, p.write(ctx, now()) }}
	return p, nil
}

// write changes one row, for good: a primary that takes no writes, one whose disk is full and one that waits for a standby are
// told from one that works by nothing less.
func (p *prober) write(ctx context.Context, now time.Time) error {
	_, err := p.db.ExecContext(ctx, `INSERT INTO settings (name, value, changed_at) VALUES ($1, '', $2)
		ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at`, writtenSetting, utc(now))
	return translate(err)
}

func (p *prober) close() error {
	if !p.own {
		return nil
	}
	return p.db.Close()
}

// Writable tells whether the database takes writes. Errors: domain.ErrUnavailable when it does not, for now.
func (s *Store) Writable(ctx context.Context) error {
	_, err := s.prober.verdict.Get(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return &trouble{cause: err, means: errLater}
	}
	return err
}
