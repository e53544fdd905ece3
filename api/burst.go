package api

import "time"

// burst finds out who does something too often, and says so once per window however long they go on. The zero limit
// never does.
type burst struct {
	limit  int
	window time.Duration
	counts *limiter
	told   *limiter
}

func newBurst(limit int, window time.Duration) *burst {
	return &burst{limit: limit, window: window, counts: newLimiter(limit, window), told: newLimiter(1, window)}
}

// reached counts once and reports whether it is time to say that the limit was reached.
func (b *burst) reached(key string, now time.Time) bool {
	if b.limit <= 0 {
		return false
	}
	b.counts.take(key, now)
	if b.counts.full(key, now) == 0 {
		return false
	}
	_, first := b.told.take(key, now)
	return first
}
