package shopify

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
)

// TestABatchTakesWhatIsLeft: with two calls under way a batch spends at least 98 of 100 points that come back, nothing
// is refused for the budget, and a customer's call beside it goes out at once.
// covers: 002-22
func TestABatchTakesWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{100, 1000} {
		synctest.Test(t, func(t *testing.T) {
			b := &bucket{maximum: 20 * rate, rate: rate, available: 20 * rate, at: time.Now(), latency: 20 * time.Millisecond}
			own := newBudget(domain.SystemClock{})
			var done atomic.Bool
			var spent atomic.Int64
			var group sync.WaitGroup
			for range 16 {
				group.Go(func() {
					for !done.Load() {
						if throttled, err := b.spend(t.Context(), own, "couponCreate", batch); throttled || err != nil {
							t.Errorf("throttled %v, %v", throttled, err)
							return
						}
						spent.Add(10)
					}
				})
			}
			<-time.After(60 * time.Second) // the full bucket is spent down to what is kept back
			before := spent.Load()
			for range 20 {
				<-time.After(time.Second)
				began := time.Now()
				if _, err := b.spend(t.Context(), own, "couponCreate", interactive); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took > 100*time.Millisecond {
					t.Errorf("a customer's call took %v beside a batch", took)
				}
			}
			share := float64(spent.Load()-before+20*10) / (20 * rate)
			done.Store(true)
			group.Wait()
			if share < 0.98 || b.throttled > 0 {
				t.Errorf("%v of the budget was used, %d calls were throttled", share, b.throttled)
			}
		})
	}
}
