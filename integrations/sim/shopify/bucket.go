package shopify

import (
	"sync"
	"time"
)

// bucket is the leaky bucket: a query takes its requested cost first and gets back what it did not use.
type bucket struct {
	limits Bucket
	clock  func() time.Time

	mu        sync.Mutex
	available float64
	at        time.Time
	// spent and refused count what was taken and what was not given, since the limits were last set.
	spent   float64
	refused int
}

// Budget is the cost bucket as people and scripts see and set it.
type Budget struct {
	Maximum     float64 `json:"maximum"`
	RestoreRate float64 `json:"restore_rate"`
	// Spent are the points that calls cost since the limits were last set, Throttled the calls that were refused.
	Spent     float64 `json:"spent"`
	Throttled int     `json:"throttled"`
}

// SetBudget gives the bucket other limits, and fills it.
func (s *Server) SetBudget(maximum, restoreRate float64) {
	b := s.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits.Maximum, b.limits.RestoreRate = maximum, restoreRate
	b.available, b.at, b.spent, b.refused = maximum, b.clock(), 0, 0
}

// Budget tells what of the bucket was spent.
func (s *Server) Budget() Budget {
	b := s.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	return Budget{b.limits.Maximum, b.limits.RestoreRate, b.spent, b.refused}
}

// throttleStatus is what every answer tells of the bucket.
type throttleStatus struct {
	MaximumAvailable   float64 `json:"maximumAvailable"`
	CurrentlyAvailable int     `json:"currentlyAvailable"`
	RestoreRate        float64 `json:"restoreRate"`
}

func newBucket(limits Bucket, clock func() time.Time) *bucket {
	return &bucket{limits: limits, clock: clock, available: limits.Maximum, at: clock()}
}

// take is false when there is not enough; then nothing is taken.
func (b *bucket) take(points int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill()
	if b.available < float64(points) {
		b.refused++
		return false
	}
	b.available -= float64(points)
	b.spent += float64(points)
	return true
}

func (b *bucket) giveBack(points int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.available = min(b.available+float64(points), b.limits.Maximum)
	b.spent -= float64(points)
}

func (b *bucket) status() throttleStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill()
	return throttleStatus{b.limits.Maximum, int(b.available), b.limits.RestoreRate}
}

func (b *bucket) refill() {
	now := b.clock()
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.available = min(b.available+passed*b.limits.RestoreRate, b.limits.Maximum)
	}
	b.at = now
}
