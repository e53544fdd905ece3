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
		return false
	}
	b.available -= float64(points)
	return true
}

func (b *bucket) giveBack(points int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.available = min(b.available+float64(points), b.limits.Maximum)
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
