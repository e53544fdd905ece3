package metafields

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

const (
	// lease is how long one writer has customers' metafields; what it does with them ends by itself before that.
	lease     = time.Minute
	workLimit = 30 * time.Second
	// callsAtOnce is how many calls of AtOnce metafields are made beside one another, readsAtOnce how many reads before
	// one of them.
	callsAtOnce = 4
	readsAtOnce = 2
	// awayFor is how long metafields wait that the shop did not take, where it does not say how long.
	awayFor = 5 * time.Second
	// asideFor is how long a metafield waits that the shop refuses, so that it costs the others nothing.
	asideFor = time.Hour
)

// Service brings metafields up to date. Its fields are set once, before the first call.
type Service struct {
	Projections Projections
	Fields      Fields
	Clock       domain.Clock
	Observer    domain.StepObserver
	Logger      *slog.Logger
}

// Project writes what is behind, until nothing is that may be written now. Any number of changes of a customer's since
// the last write become one. It may run in any number of processes at once, and be cut off anywhere: docs/architecture.md
// has the table of its steps. It tries nothing twice: what the shop does not take waits, and the next call of Project
// takes it up. Errors: a *domain.UpstreamError, and those of the database.
func (s *Service) Project(ctx context.Context) error {
	for {
		more, err := s.some(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// some writes as many as are claimed together; more tells that there may be others.
func (s *Service) some(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, workLimit)
	defer cancel()
	now := s.Clock.Now()
	until := now.Add(lease)
	list, err := s.Projections.ClaimProjections(ctx, now, until, callsAtOnce*AtOnce)
	if err != nil {
		return false, err
	}
	chunks := slices.Collect(slices.Chunk(list, AtOnce))
	failed := beside.Each(ctx, len(chunks), callsAtOnce, func(ctx context.Context, i int) error {
		call := &call{Service: s, now: now}
		err := call.write(ctx, chunks[i])
		// What is known is kept even if the process is being stopped.
		return errors.Join(err, s.Projections.SettleProjections(context.WithoutCancel(ctx), until, call.settled))
	})
	return len(list) == callsAtOnce*AtOnce, errors.Join(failed...)
}
