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
	// Settled is how long after it was sealed a row's id is taken for one below which nothing is being written any more.
	// A transaction that writes the record lasts milliseconds; one that outlasts this is found by the look at everything.
	Settled = time.Minute
	// thorough is the time between two looks at everything, and between two notes of the head in the log.
	thorough = time.Hour
)

// Book keeps the record and its seals.
type Book interface {
	// SealedBefore gives the highest id among the last rows that were sealed before a moment, 0 when there are none.
	SealedBefore(ctx context.Context, at time.Time) (int64, error)
	// Seal chains rows without a seal whose id is above after, in the order of their ids, limit at most, in one commit.
	// It gives the id of the last one and how many they were: none when another sealer is at work.
	Seal(ctx context.Context, after int64, limit int) (last int64, sealed int, err error)
	// Head is the end of the chain.
	Head(ctx context.Context) (Head, error)
}

// Sealer chains what was committed since it last looked. Any number of them may work on one book.
type Sealer struct {
	Book   Book
	Clock  domain.Clock
	Logger *slog.Logger

	mu   sync.Mutex
	last time.Time // of the last thorough look
}

// Seal is one round: batch after batch until nothing is left. Once an hour it also looks below where it is used to, for
// rows whose transaction took unusually long, and notes the head in the log, where whoever can change the database cannot.
func (s *Sealer) Seal(ctx context.Context) error {
	now := s.Clock.Now()
	from, err := s.Book.SealedBefore(ctx, now.Add(-Settled))
	if err != nil {
		return err
	}
	err = s.from(ctx, from)
	if !s.due(now) {
		return err
	}
	return errors.Join(err, s.from(ctx, 0), s.note(ctx))
}

func (s *Sealer) from(ctx context.Context, after int64) error {
	for {
		last, sealed, err := s.Book.Seal(ctx, after, Batch)
		if err != nil || sealed < Batch {
			return err
		}
		after = last
		if ctx.Err() != nil {
			return ctx.Err()
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

func (s *Sealer) note(ctx context.Context) error {
	head, err := s.Book.Head(ctx)
	if err != nil {
		return err
	}
	s.Logger.InfoContext(ctx, "head of the audit", "seq", head.Seq, "hash", head.Hash.String())
	return nil
}
