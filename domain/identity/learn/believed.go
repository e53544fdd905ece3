package learn

import (
	"context"
	"sync"
	"time"
)

const (
	// believedFor is how long an answer of the database is believed. A change on this machine is known at once, one on
	// another machine after this time.
	believedFor = 2 * time.Second
	// questionFor bounds how long one question may take; whoever waits for it may leave earlier.
	questionFor = 5 * time.Second
)

// believed is what the database answered, for a short time. When that is over one question is asked, for all who need
// the answer then: nobody holds a lock meanwhile, and a caller who leaves takes nothing from the others.
type believed[T any] struct {
	mu     sync.Mutex
	known  bool
	at     time.Time
	value  T
	asking *question[T]
}

type question[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// forget has the next one ask anew. Who was asking before may have read what was before: their answer is not kept.
func (b *believed[T]) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known, b.asking = false, nil
}

// get gives what is believed, or what ask answers now.
func (b *believed[T]) get(ctx context.Context, now func() time.Time, ask func(context.Context) (T, error)) (T, error) {
	b.mu.Lock()
	at := now()
	if age := at.Sub(b.at); b.known && age >= 0 && age < believedFor {
		defer b.mu.Unlock()
		return b.value, nil
	}
	q := b.asking
	if q == nil {
		q = &question[T]{done: make(chan struct{})}
		b.asking = q
		go b.answer(context.WithoutCancel(ctx), q, at, ask)
	}
	b.mu.Unlock()
	select {
	case <-q.done:
		return q.value, q.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (b *believed[T]) answer(ctx context.Context, q *question[T], at time.Time,
	ask func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, questionFor)
	defer cancel()
	defer close(q.done)
	q.value, q.err = ask(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asking != q {
		return // it was forgotten meanwhile
	}
	b.asking = nil
	if q.err == nil {
		b.known, b.at, b.value = true, at, q.value
	}
}
