package shopify

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// bucket is Shopify's side of the cost budget: the requested cost is taken first, the rest given back.
type bucket struct {
	mu        sync.Mutex
	maximum   float64
	rate      float64
	available float64
	at        time.Time
	latency   time.Duration // each way
	throttled int
	served    []string
}

var prices = map[string]struct{ requested, actual float64 }{
	"couponCreate": {10, 10}, "couponByCode": {19, 8}, "ordersSince": {60, 14}, "shopRead": {1, 1},
}

func (b *bucket) take(op string) spending {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.available = min(b.maximum, b.available+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	p := prices[op]
	s := spending{requested: p.requested, actual: p.actual}
	if b.available < p.requested {
		b.throttled++
		s.throttled, s.actual = true, 0
	} else {
		b.available -= p.actual
		b.served = append(b.served, op)
	}
	s.status = throttleStatus{MaximumAvailable: b.maximum, CurrentlyAvailable: math.Floor(b.available),
		RestoreRate: b.rate}
	return s
}

// spend makes one call against the bucket through the budget.
func (b *bucket) spend(ctx context.Context, own *budget, op string, line int) (throttled bool, err error) {
	r, err := own.acquire(ctx, op, line)
	if err != nil {
		return false, err
	}
	<-time.After(b.latency)
	s := b.take(op)
	<-time.After(b.latency)
	own.charge(r, s)
	return s.throttled, nil
}

func TestBudgetAloneIsNeverThrottled(t *testing.T) {
	t.Parallel()
	ops := []string{"couponCreate", "couponByCode", "ordersSince", "shopRead"}
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		maximum := float64(rapid.IntRange(100, 2000).Draw(rt, "maximum"))
		rate := float64(rapid.IntRange(5, 200).Draw(rt, "rate"))
		latency := time.Duration(rapid.IntRange(1, 400).Draw(rt, "latency")) * time.Millisecond
		callers := rapid.IntRange(1, 40).Draw(rt, "callers")
		synctest.Test(t, func(t *testing.T) {
			b := &bucket{maximum: maximum, rate: rate, available: maximum, at: time.Now(), latency: latency}
			own := newBudget(domain.SystemClock{})
			for _, op := range ops { // the prices are learned
				if throttled, err := b.spend(t.Context(), own, op, interactive); throttled || err != nil {
					t.Fatal(throttled, err)
				}
			}
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					for n := range 5 {
						op := ops[(seed+uint64(7*i+3*n))%4]
						if _, err := b.spend(t.Context(), own, op, (i+n)%3); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if b.throttled != 0 || len(b.served) != 4+5*callers {
				t.Errorf("throttled %d times, served %d", b.throttled, len(b.served))
			}
		})
	})
}

func TestBudgetThrottledOnceThenNeverAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Another program has emptied the bucket: the first call learns of it, alone.
		b := &bucket{maximum: 1000, rate: 10, available: 3, at: time.Now(), latency: 50 * time.Millisecond}
		own := newBudget(domain.SystemClock{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for range 10 {
			wg.Go(func() {
				for {
					throttled, err := b.spend(t.Context(), own, "couponCreate", interactive)
					if err != nil {
						t.Error(err)
					}
					if !throttled {
						return
					}
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		began := time.Now()
		wg.Wait()
		if refused != 1 || b.throttled != 1 {
			t.Errorf("throttled %d times, want 1", b.throttled)
		}
		if took := time.Since(began); took < 9*time.Second || took > 13*time.Second {
			t.Errorf("100 points at 10 per second took %v", took)
		}
	})
}

func TestBudgetServesCustomersFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{maximum: 100, rate: 10, available: 100, at: time.Now()}
		own := newBudget(domain.SystemClock{})
		if _, err := b.spend(t.Context(), own, "couponCreate", interactive); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		start := func(op string, line int) {
			wg.Go(func() {
				if _, err := b.spend(t.Context(), own, op, line); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for range 20 {
			start("couponByCode", background)
		}
		b.mu.Lock()
		left := b.available
		b.mu.Unlock()
		if left < 25 {
			t.Errorf("background work left %v of 100", left)
		}
		began := time.Now()
		for range 5 {
			start("couponCreate", interactive)
		}
		own.mu.Lock()
		queued := len(own.waiting[interactive])
		own.mu.Unlock()
		for queued > 0 {
			<-time.After(100 * time.Millisecond)
			own.mu.Lock()
			queued = len(own.waiting[interactive])
			own.mu.Unlock()
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("customers waited %v behind background work", took)
		}
		wg.Wait()
	})
}

func TestBudgetWaitEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{maximum: 1000, rate: 1, available: 0, at: time.Now()}
		own := newBudget(domain.SystemClock{})
		if throttled, err := b.spend(t.Context(), own, "couponCreate", interactive); !throttled || err != nil {
			t.Fatal(throttled, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := own.acquire(ctx, "couponCreate", interactive)
		wantOutcome(t, err, domain.KindThrottled, "budget")
		if wait := domain.RetryAfterOf(err); wait < 5*time.Second || wait > 10*time.Second {
			t.Errorf("wait %v", wait)
		}
		// Nothing stays behind: the next one is served in its time.
		if _, err := own.acquire(t.Context(), "couponCreate", background); err != nil {
			t.Error(err)
		}
	})
}

func TestBudgetFirstCallGoesAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		own := newBudget(domain.SystemClock{})
		first, err := own.acquire(t.Context(), "couponCreate", interactive)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan reservation)
		go func() {
			r, _ := own.acquire(t.Context(), "couponCreate", interactive)
			done <- r
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("a second call went out before the first answer")
		default:
		}
		own.charge(first, spending{}) // lost: the next one tries
		own.charge(<-done, spending{requested: 10, status: throttleStatus{100, 90, 10}})
		expect.Equal(t, "own.bucket.CurrentlyAvailable", own.bucket.CurrentlyAvailable, 90)
		expect.Equal(t, "own.calls", own.calls, 0)
		expect.Equal(t, "own.underway", own.underway, 0)
	})
}

func TestBudgetRetryAfterHoldsEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []*http.Response{reply(429, "", "Retry-After", "2.5"),
			reply(200, string(readGolden(t, "shop_ok").Body))}
		s := &stub{}
		s.answer = func(*http.Request, string) (*http.Response, error) { return answers[len(s.sent())-1], nil }
		c := newTestClient(t, testConfig(), s)
		began := time.Now()
		wantOutcome(t, c.Ping(t.Context()), domain.KindThrottled, "http_429")
		wantOutcome(t, c.Background().Ping(t.Context()), "", "")
		if took := time.Since(began); took != 2500*time.Millisecond {
			t.Errorf("the second call went out after %v", took)
		}
	})
}

// A lower bound, an upper bound, and our own count between them.
func TestBudgetLearns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ own, others, told, want float64 }{
		{own: 500, others: 0, told: 700, want: 700},  // nobody else was under way: the figure is exact
		{own: 500, others: 50, told: 700, want: 650}, // our count was too low
		{own: 690, others: 50, told: 700, want: 690}, // possible
		{own: 900, others: 50, told: 700, want: 700}, // another program spends as well
	} {
		t.Run(fmt.Sprint(tc), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBudget(domain.SystemClock{})
				b.bucket, b.at = throttleStatus{1000, tc.own, 10}, time.Now()
				b.learn(reservation{cost: 10, underway: tc.others}, spending{actual: 10, status: throttleStatus{1000,
					tc.told, 10}}, time.Now())
				if b.bucket.CurrentlyAvailable != tc.want {
					t.Errorf("%v, want %v", b.bucket.CurrentlyAvailable, tc.want)
				}
			})
		})
	}
}

func TestBudgetKeepsTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{maximum: 100, rate: 10, available: 60, at: time.Now()}
		own := newBudget(domain.SystemClock{})
		for _, op := range []string{"couponByCode", "couponCreate", "ordersSince"} { // the last one is throttled
			if _, err := b.spend(t.Context(), own, op, interactive); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for _, op := range []string{"ordersSince", "couponCreate", "couponByCode", "couponCreate"} {
			wg.Go(func() {
				if _, err := b.spend(t.Context(), own, op, interactive); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		want := []string{"couponByCode", "couponCreate", "ordersSince", "couponCreate", "couponByCode", "couponCreate"}
		if !slices.Equal(b.served, want) || b.throttled != 1 {
			t.Errorf("served %v, throttled %d times; an expensive call must not starve behind cheap ones", b.served,
				b.throttled)
		}
	})
}
