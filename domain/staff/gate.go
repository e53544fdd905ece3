package staff

import (
	"context"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// AtOnce is how many passwords are hashed at the same time, and so what they can cost in memory.
	AtOnce = 2
	// PlacesEach is how many attempts of one address, or of one known device, are under way at once.
	PlacesEach = 8
	// Places bounds the attempts that are under way at once, and PlacesKnown is how many more there are for known
	// devices and for those who are signed in: a crowd of strangers takes none of these.
	Places, PlacesKnown = 64 + AtOnce, 16
)

// gate lets a few through at a time. Before it there is a line with few places for each source, so that nobody can
// fill it alone. Whoever finds no place is told to come back, which costs neither a question to the database nor
// memory.
type gate struct {
	slots chan struct{}
	line  *line
}

type line struct {
	mu      sync.Mutex
	taken   int
	sources map[string]int
}

func newGate() gate {
	return gate{slots: make(chan struct{}, AtOnce), line: &line{sources: map[string]int{}}}
}

// enter takes a place in the line; leave gives it back. Errors: rate_limited.
func (g gate) enter(source string, known bool) (leave func(), err error) {
	most := Places
	if known {
		most += PlacesKnown
	}
	g.line.mu.Lock()
	defer g.line.mu.Unlock()
	if g.line.taken >= most || g.line.sources[source] >= PlacesEach {
		return nil, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: time.Second}
	}
	g.line.taken++
	g.line.sources[source]++
	return func() { g.line.leave(source) }, nil
}

func (l *line) leave(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken--
	if l.sources[source]--; l.sources[source] == 0 {
		delete(l.sources, source)
	}
}

// run waits for its turn; whoever waits has a place in the line. Errors: the context's, and fn's.
func (g gate) run(ctx context.Context, fn func() error) error {
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.slots }()
	return fn()
}
