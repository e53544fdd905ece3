package staff

import (
	"context"
	"sync/atomic"
	"time"

	"pointbridge/domain"
)

const (
	// AtOnce is how many passwords are hashed at the same time, and so what they can cost in memory.
	AtOnce = 2
	// maxWaiting bounds the line before the gate; whoever comes later is told to come back.
	maxWaiting = 64
)

// gate lets a few through at a time.
type gate struct {
	slots   chan struct{}
	waiting *atomic.Int32
}

func newGate() gate { return gate{slots: make(chan struct{}, AtOnce), waiting: &atomic.Int32{}} }

// run waits for its turn. Errors: rate_limited when too many wait already, the context's, and fn's.
func (g gate) run(ctx context.Context, fn func() error) error {
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > maxWaiting+AtOnce {
		return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: time.Second}
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.slots }()
	return fn()
}
