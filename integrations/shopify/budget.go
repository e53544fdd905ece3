package shopify

import (
	"context"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// firstGuess prices an operation that was never sent: Shopify takes 10 for a mutation plus the objects below it.
	firstGuess = 12
)

// keptBack is the share of the bucket that the calls of a line leave for those before it: background calls for
// customers, batches for both. The bucket then stands at the share while a line has work, and all that comes back goes to
// that line; whoever stands before it finds the share and need not wait.
var keptBack = [...]float64{interactive: 0, background: 0.25, batch: 0.35}

// budget is Shopify's cost bucket as this process sees it: what it holds, what it gets back per second, what each
// operation costs. All of it is learned from the answers. Until the first one only one call is under way.
type budget struct {
	clock domain.Clock

	mu       sync.Mutex
	bucket   throttleStatus // CurrentlyAvailable as of at
	at       time.Time
	notUntil time.Time // Shopify asked everybody to wait
	prices   map[string]float64
	underway float64 // reserved by calls whose answer is still to come
	calls    int
	sent     float64 // reserved since the start
	waiting  [3]queue
}

// The queues, served in this order: calls that somebody waits for, work that follows from them, and what is made by the
// thousand.
const (
	interactive = iota
	background
	batch
)

type queue []*waiter

type waiter struct{ wake chan struct{} }

// reservation is the cost of one call, held from before it is sent until its answer is read.
type reservation struct {
	op       string
	cost     float64
	underway float64 // of the other calls when this one was sent
	sent     float64 // the budget's sum, this call included
}

func newBudget(clock domain.Clock) *budget {
	return &budget{clock: clock, prices: map[string]float64{}}
}

// acquire waits until the operation can be paid for. Errors: KindThrottled when ctx ends first; nothing was sent then.
func (b *budget) acquire(ctx context.Context, op string, line int) (reservation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first(line) {
		if wait, ok := b.ready(op, line); ok && wait <= 0 {
			return b.reserve(op), nil
		}
	}
	w := &waiter{wake: make(chan struct{}, 1)}
	b.waiting[line] = append(b.waiting[line], w)
	defer b.leave(line, w)
	for {
		var timer <-chan time.Time
		wait, ok := b.ready(op, line)
		if b.head() == w && ok {
			if wait <= 0 {
				return b.reserve(op), nil
			}
			timer = b.clock.After(wait)
		}
		b.mu.Unlock()
		var ended error
		select {
		case <-timer:
		case <-w.wake:
		case <-ctx.Done():
			ended = ctx.Err()
		}
		b.mu.Lock()
		if ended != nil {
			return reservation{}, &domain.UpstreamError{Kind: domain.KindThrottled, Reason: "budget",
				RetryAfter: max(wait, time.Second), Err: ended}
		}
	}
}

// ready says how long until the operation can be paid for; ok is false when only another call's answer can tell.
func (b *budget) ready(op string, line int) (wait time.Duration, ok bool) {
	now := b.clock.Now()
	if pause := b.notUntil.Sub(now); pause > 0 {
		return pause, true
	}
	if !b.bucket.known() {
		return 0, b.calls == 0
	}
	b.refill(now)
	need := b.price(op) + keptBack[line]*b.bucket.MaximumAvailable
	need = min(need, b.bucket.MaximumAvailable)
	return duration((need - b.bucket.CurrentlyAvailable) / b.bucket.RestoreRate), true
}

func (b *budget) reserve(op string) reservation {
	cost := b.price(op)
	r := reservation{op: op, cost: cost, underway: b.underway}
	b.bucket.CurrentlyAvailable -= cost
	b.underway += cost
	b.sent += cost
	b.calls++
	r.sent = b.sent
	return r
}

// charge books an answer, or the lack of one: then the reserved cost counts as spent.
func (b *budget) charge(r reservation, s spending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.refill(now)
	b.underway -= r.cost
	b.calls--
	if s.unsent || s.throttled {
		b.bucket.CurrentlyAvailable += r.cost
	}
	if s.requested > 0 {
		b.prices[r.op] = s.requested
	}
	if s.pause > 0 {
		b.notUntil = now.Add(s.pause)
	}
	if s.status.known() {
		b.learn(r, s, now)
	}
	b.wakeHead()
}

// learn takes over what Shopify says it has left. Calls that were under way together with this one may or may not be
// in that figure, so it is an upper bound, and without them a lower one; between the two our own count holds.
func (b *budget) learn(r reservation, s spending, now time.Time) {
	own := b.bucket.CurrentlyAvailable
	if !s.throttled {
		own += r.cost - s.actual
	}
	others := r.underway + b.sent - r.sent
	if !b.bucket.known() {
		own = s.status.CurrentlyAvailable
	}
	b.bucket = s.status
	b.bucket.CurrentlyAvailable = min(max(own, s.status.CurrentlyAvailable-others), s.status.CurrentlyAvailable)
	b.at = now
}

func (b *budget) refill(now time.Time) {
	passed := now.Sub(b.at).Seconds()
	b.at = now
	if passed > 0 {
		b.bucket.CurrentlyAvailable = min(b.bucket.CurrentlyAvailable+passed*b.bucket.RestoreRate,
			b.bucket.MaximumAvailable)
	}
}

func (b *budget) price(op string) float64 {
	if p := b.prices[op]; p > 0 {
		return p
	}
	return firstGuess
}

// first reports whether nobody of the same or a better line is waiting.
func (b *budget) first(line int) bool {
	for l := interactive; l <= line; l++ {
		if len(b.waiting[l]) > 0 {
			return false
		}
	}
	return true
}

func (b *budget) head() *waiter {
	for _, q := range b.waiting {
		if len(q) > 0 {
			return q[0]
		}
	}
	return nil
}

func (b *budget) leave(line int, w *waiter) {
	q := b.waiting[line]
	for i := range q {
		if q[i] == w {
			b.waiting[line] = append(q[:i], q[i+1:]...)
			break
		}
	}
	b.wakeHead()
}

func (b *budget) wakeHead() {
	if w := b.head(); w != nil {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}
