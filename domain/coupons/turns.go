package coupons

import (
	"context"
	"sync"
)

// turns lets the conversions of one customer in this process wait for one another without asking the database. The
// database's own rule, one open movement per customer, is what holds between processes.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

type line struct {
	turn    chan struct{}
	waiting int
}

// take waits for the customer's turn. release must be called exactly once when ok.
func (t *turns) take(ctx context.Context, customerID string) (release func(), ok bool) {
	l := t.join(customerID)
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; t.leave(customerID, l) }, true
	case <-ctx.Done():
		t.leave(customerID, l)
		return nil, false
	}
}

// free takes the customer's turn if nobody has it. release must be called exactly once when ok.
func (t *turns) free(customerID string) (release func(), ok bool) {
	l := t.join(customerID)
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; t.leave(customerID, l) }, true
	default:
		t.leave(customerID, l)
		return nil, false
	}
}

func (t *turns) join(customerID string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[customerID]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		t.lines[customerID] = l
	}
	l.waiting++
	return l
}

func (t *turns) leave(customerID string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		delete(t.lines, customerID)
	}
}
