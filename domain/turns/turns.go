// Package turns lets calls about one thing wait for one another within a process.
package turns

import (
	"context"
	"sync"
)

// Turns lets calls with the same key, in this process, go one after the other without asking the database. What must
// hold between processes is the database's own rule. The zero value is ready.
type Turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

type line struct {
	turn    chan struct{}
	waiting int
}

// Take waits for the key's turn. release must be called exactly once when ok.
func (t *Turns) Take(ctx context.Context, key string) (release func(), ok bool) {
	l := t.join(key)
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; t.leave(key, l) }, true
	case <-ctx.Done():
		t.leave(key, l)
		return nil, false
	}
}

// Free takes the key's turn if nobody has it. release must be called exactly once when ok.
func (t *Turns) Free(key string) (release func(), ok bool) {
	l := t.join(key)
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; t.leave(key, l) }, true
	default:
		t.leave(key, l)
		return nil, false
	}
}

func (t *Turns) join(key string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[key]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		t.lines[key] = l
	}
	l.waiting++
	return l
}

func (t *Turns) leave(key string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		delete(t.lines, key)
	}
}
