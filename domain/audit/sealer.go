package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// Batch is how many rows are sealed by one commit.
	Batch = 500
	// QuietAfter is how long after it was sealed a row's id is taken for one below which nothing is being written any
	// more. A transaction that writes the audit lasts milliseconds; one that outlasts this is found by the look at
	// everything.
	QuietAfter = time.Minute
	// thorough is the time between two looks at everything, and between two notes of the head in the log.
	thorough = time.Hour
)

// Store keeps the audit and its seals.
type Store interface {
	// SealedBefore returns the highest id among the last rows that were sealed before a moment, 0 when there are none.
	SealedBefore(ctx context.Context, at time.Time) (int64, error)
	// Seal chains rows without a seal whose id is above after, in the order of their ids, limit at most, in one commit.
	// It gives the id of the last one and how many they were: none when another sealer is at work.
	Seal(ctx context.Context, after int64, limit int) (last int64, sealed int, err error)
	// Tip is the end of the chain.
	Tip(ctx context.Context) (Tip, error)
}

// Outlet keeps heads where whoever can change the database cannot. It may be given the same one twice.
type Outlet interface {
	Ship(ctx context.Context, t Tip) error
}

// Sealer chains what was committed since it last looked. Any number of them may work on one book.
type Sealer struct {
	Store  Store
	Clock  domain.Clock
	Logger *slog.Logger
	// Outlets get each head beside the log.
	Outlets []Outlet

	mu   sync.Mutex
	last time.Time // of the last thorough look
	owed bool      // a head could not be shipped
}

// Seal is one round: batch after batch until nothing is left, and the head is shipped. Once an hour it also looks below
// where it is used to, for rows whose transaction took unusually long, and ships the head even when nothing was sealed.
func (s *Sealer) Seal(ctx context.Context) error {
	now := s.Clock.Now()
	from, err := s.Store.SealedBefore(ctx, now.Add(-QuietAfter))
	if err != nil {
		return err
	}
	sealed, err := s.from(ctx, from)
	due := s.due(now)
	if due {
		more, looked := s.from(ctx, 0)
		sealed, err = sealed+more, errors.Join(err, looked)
	}
	if due || sealed > 0 || s.owes() {
		err = errors.Join(err, s.ship(ctx))
	}
	return err
}

func (s *Sealer) from(ctx context.Context, after int64) (all int, err error) {
	for {
		last, sealed, err := s.Store.Seal(ctx, after, Batch)
		all += sealed
		if err != nil || sealed < Batch {
			return all, err
		}
		after = last
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
}

// due tells once an hour that the hour is over.
func (s *Sealer) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.last.IsZero() && now.Sub(s.last) < thorough {
		return false
	}
	s.last = now
	return true
}

func (s *Sealer) owes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owed
}

// ship hands the head to the log and to every outlet. One that fails gets the next head in the next round: it covers
// this one.
func (s *Sealer) ship(ctx context.Context) error {
	tip, err := s.Store.Tip(ctx)
	if err == nil && tip.Seq > 0 {
		s.Logger.InfoContext(ctx, "head of the audit", "seq", tip.Seq, "hash", tip.Hash.String(), "key", tip.Key)
		for _, outlet := range s.Outlets {
			err = errors.Join(err, outlet.Ship(ctx, tip))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owed = err != nil
	return err
}
