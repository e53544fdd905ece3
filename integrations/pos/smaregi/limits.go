package smaregi

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"pointbridge/domain"
)

// spend is what a request is counted as.
type spend int

const (
	read spend = iota
	write
)

// What Smaregi lets an app do to a contract in a second: reads, and writes with requests for a token among them.
var (
	productionPerSecond = [2]int{read: 50, write: 20}
	sandboxPerSecond    = [2]int{read: 10, write: 4}
)

// longestPause bounds how long everybody stays away after one answer of 429; whoever got it waits as long as it said.
const longestPause = time.Minute

// limits keeps this client below Smaregi's limits, because an app that keeps hitting them may be shut out. In any
// second there are at most a half of what is allowed, steadily, and two fifths at once: nine tenths together.
type limits struct {
	now      func() time.Time
	limiters [2]*rate.Limiter

	mu       sync.Mutex
	notUntil [2]time.Time
}

func newLimits(sandbox bool, now func() time.Time) *limits {
	allowed := productionPerSecond
	if sandbox {
		allowed = sandboxPerSecond
	}
	l := &limits{now: now}
	for kind, n := range allowed {
		l.limiters[kind] = rate.NewLimiter(rate.Limit(float64(n)/2), n*2/5)
	}
	return l
}

// turn waits until a request may be made. Where that would be after the call's own time-out it says so at once.
func (l *limits) turn(ctx context.Context, act string, kind spend) error {
	now := l.now()
	if pause := l.pausedFor(kind, now); pause > 0 {
		return throttled(act, pause, nil)
	}
	place := l.limiters[kind].ReserveN(now, 1)
	wait := place.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	if deadline, bound := ctx.Deadline(); bound && time.Until(deadline) <= wait {
		place.CancelAt(now)
		return throttled(act, wait, nil)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		place.CancelAt(l.now())
		return throttled(act, wait, ctx.Err())
	}
}

func (l *limits) pausedFor(kind spend, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.notUntil[kind].Sub(now)
}

// pause keeps everybody away for as long as Smaregi asked one of us to stay away.
func (l *limits) pause(kind spend, wait time.Duration) {
	until := l.now().Add(min(wait, longestPause))
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.notUntil[kind]) {
		l.notUntil[kind] = until
	}
}

// throttled says that nothing was sent because it was not its turn.
func throttled(act string, wait time.Duration, err error) error {
	e := failed(act, domain.KindThrottled, "own_limit", err)
	e.RetryAfter = wait
	return e
}
