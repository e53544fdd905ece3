package upstream

import (
	"context"
	"errors"
	"sync"
	"time"

	"pointbridge/domain"
)

// growth bounds the waiting time: it doubles with every failed probe up to this many times the first one.
const growth = 16

// Breaker stops hammering an upstream that does not answer. After a number of failures in a row it refuses at once for
// a while, longer with every failed probe, and lets one probe through when the while has passed. It is safe for
// concurrent use.
type Breaker struct {
	threshold int
	cool      time.Duration
	now       func() time.Time

	mu       sync.Mutex
	failures int           // in a row
	wait     time.Duration // of the current opening; zero while closed
	until    time.Time     // no call before
	probing  bool          // one call was let through to try
	last     time.Time     // when a call was last reported; zero before the first
}

// NewBreaker makes a closed circuit that opens after threshold failures in a row, for cool at first.
func NewBreaker(threshold int, cool time.Duration, now func() time.Time) *Breaker {
	return &Breaker{threshold: max(threshold, 1), cool: cool, now: now}
}

// Allow says whether a call may be made; if not, retryAfter is how long to stay away. Every allowed call must be
// reported.
func (b *Breaker) Allow() (retryAfter time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wait == 0 {
		return 0, true
	}
	now := b.now()
	if left := b.until.Sub(now); left > 0 {
		return left, false
	}
	// The probe gets the time of one opening: if it is never reported, another one may go after that.
	b.probing = true
	b.until = now.Add(b.wait)
	return 0, true
}

// Report tells how an allowed call ended. Failures are an unavailable upstream and unknown outcomes; every other error
// is an answer and therefore proof of life. A call that its caller gave up proves nothing.
func (b *Breaker) Report(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if errors.Is(err, context.Canceled) {
		b.release()
		return
	}
	b.last = b.now()
	if !failed(err) {
		b.failures, b.wait, b.probing = 0, 0, false
		return
	}
	b.failures++
	switch {
	case b.wait == 0 && b.failures >= b.threshold:
		b.open(b.cool)
	case b.wait > 0 && b.probing:
		b.open(min(2*b.wait, growth*b.cool))
	}
}

// Open reports whether calls are refused now, for metrics and readiness.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wait > 0
}

// Last says when the upstream was last asked, zero for never, and whether that call was answered.
func (b *Breaker) Last() (at time.Time, answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last, b.failures == 0
}

func (b *Breaker) open(wait time.Duration) {
	b.wait, b.probing = wait, false
	b.until = b.now().Add(wait)
}

// release gives the probe's place to the next caller.
func (b *Breaker) release() {
	if b.probing {
		b.probing = false
		b.until = b.now()
	}
}

func failed(err error) bool {
	if err == nil {
		return false
	}
	switch domain.KindOf(err) {
	case domain.KindUnavailable, domain.KindUnknown:
		return true
	default:
		return false
	}
}
