package domain

import (
	"context"
	"sync"
	"time"
)

// Remembered keeps the answer to a costly question for a while and lets one asker at a time put it: however many people
// want to know, the source is asked once.
type Remembered[T any] struct {
	Ask func(context.Context) (T, error)
	// For is how long an answer is believed, a failure too: a source in trouble is not asked more often for it.
	For time.Duration
	// Limit bounds one question. Whoever wants to know waits no longer, even when the source heeds no deadline.
	Limit time.Duration
	Now   func() time.Time

	mu   sync.Mutex
	last *question[T]
	next *question[T]
}

// question is one question that was put to the source, and its answer once done is closed.
type question[T any] struct {
	limit context.Context
	done  chan struct{}
	at    time.Time
	value T
	err   error
}

// Get returns the answer, asking for it where none is fresh enough.
func (r *Remembered[T]) Get(ctx context.Context) (T, error) {
	q := r.current()
	select {
	case <-q.done:
		return q.value, q.err
	default:
	}
	var nothing T
	select {
	case <-q.done:
		return q.value, q.err
	case <-q.limit.Done():
		return nothing, q.limit.Err()
	case <-ctx.Done():
		return nothing, ctx.Err()
	}
}

// current is the question whose answer counts now: the last one, the one that is being asked, or a new one.
func (r *Remembered[T]) current() *question[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != nil && r.Now().Sub(r.last.at) < r.For {
		return r.last
	}
	if r.next == nil {
		// The question outlives whoever put it: others wait for the same answer.
		limit, cancel := context.WithTimeout(context.Background(), r.Limit)
		r.next = &question[T]{limit: limit, done: make(chan struct{})}
		go r.ask(r.next, cancel)
	}
	return r.next
}

func (r *Remembered[T]) ask(q *question[T], cancel context.CancelFunc) {
	q.value, q.err = r.Ask(q.limit)
	r.mu.Lock()
	q.at = r.Now()
	r.last, r.next = q, nil
	close(q.done) // before the limit ends, so that whoever sees both takes the answer
	r.mu.Unlock()
	cancel()
}
