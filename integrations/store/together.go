package store

import (
	"context"
	"errors"
	"sync"
)

// together has what is asked for at the same time done at once. Who comes while nothing is under way goes by itself and
// waits for nobody; the others go together as soon as that ends, led by the first of them.
type together[T any] struct {
	chunk int // how many go together at most

	mu      sync.Mutex
	running bool
	waiting []*rider[T]
}

type rider[T any] struct {
	what T
	lead chan []*rider[T]
	done chan error
}

// errAlone is told to each of several who failed together: nothing was done, and each is to find out by itself whether
// it was to blame.
var errAlone = errors.New("several failed together")

// errLeft is what they are told whose leader ended without a word.
var errLeft = &trouble{cause: errors.New("whoever led has ended"), means: errInDoubt}

// do has what is asked for done by run, which is given all who go together; they end alike. Who gives up while it waits
// takes nothing with it; once it is under way, it hears how it ended.
func (g *together[T]) do(ctx context.Context, what T, run func(all []T) error) error {
	r := &rider[T]{what: what, lead: make(chan []*rider[T], 1), done: make(chan error, 1)}
	if g.first(r) {
		return g.run([]*rider[T]{r}, run)
	}
	select {
	case all := <-r.lead:
		return g.run(all, run)
	case err := <-r.done:
		return err
	case <-ctx.Done():
	}
	if g.leave(r) {
		return ctx.Err()
	}
	select {
	case all := <-r.lead:
		return g.run(all, run)
	case err := <-r.done:
		return err
	}
}

// first tells whether r goes at once; else it waits.
func (g *together[T]) first(r *rider[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.running {
		g.running = true
		return true
	}
	g.waiting = append(g.waiting, r)
	return false
}

func (g *together[T]) leave(r *rider[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == r {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// run does what all of them ask for, tells each, and lets those go who have come meanwhile, also if it panics.
func (g *together[T]) run(all []*rider[T], run func(all []T) error) error {
	var err error = errLeft
	defer func() {
		for _, r := range all[1:] {
			r.done <- err
		}
		g.next()
	}()
	list := make([]T, len(all))
	for i, r := range all {
		list[i] = r.what
	}
	err = run(list)
	return err
}

func (g *together[T]) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.chunk)
	if n == 0 {
		g.running = false
		return
	}
	all := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	all[0].lead <- all
}
