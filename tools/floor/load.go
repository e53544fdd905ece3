// Package floor measures: it makes load, collects latencies, and compares the service with the bare database doing the
// same rows in the same number of commits.
package floor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Sample is what a load run saw.
type Sample struct {
	Latencies []time.Duration // sorted, of successful calls
	Errors    map[string]int
	Elapsed   time.Duration
}

// Rate is successful calls per second.
func (s Sample) Rate() float64 { return float64(len(s.Latencies)) / s.Elapsed.Seconds() }

// Percentile returns the latency that p percent of the calls did not exceed; zero without calls.
func (s Sample) Percentile(p float64) time.Duration {
	if len(s.Latencies) == 0 {
		return 0
	}
	i := int(p / 100 * float64(len(s.Latencies)))
	return s.Latencies[min(i, len(s.Latencies)-1)]
}

// With adds what another run saw.
func (s Sample) With(o Sample) Sample {
	sum := Sample{Latencies: slices.Concat(s.Latencies, o.Latencies), Elapsed: s.Elapsed + o.Elapsed}
	slices.Sort(sum.Latencies)
	for _, errs := range []map[string]int{s.Errors, o.Errors} {
		for text, n := range errs {
			if sum.Errors == nil {
				sum.Errors = map[string]int{}
			}
			sum.Errors[text] += n
		}
	}
	return sum
}

type collector struct {
	mu     sync.Mutex
	sample Sample
}

func (c *collector) add(took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.sample.Latencies = append(c.sample.Latencies, took)
		return
	}
	if c.sample.Errors == nil {
		c.sample.Errors = map[string]int{}
	}
	c.sample.Errors[err.Error()]++
}

func (c *collector) done(elapsed time.Duration) Sample {
	slices.Sort(c.sample.Latencies)
	c.sample.Elapsed = elapsed
	return c.sample
}

// ClosedLoop runs clients that each call again as soon as they were answered: it finds the highest rate.
func ClosedLoop(ctx context.Context, clients int, d time.Duration, call func(ctx context.Context, client,
	n int) error) Sample {
	var c collector
	began := time.Now()
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for n := 0; time.Since(began) < d && ctx.Err() == nil; n++ {
				at := time.Now()
				err := call(ctx, client, n)
				c.add(time.Since(at), err)
			}
		})
	}
	wg.Wait()
	return c.done(time.Since(began))
}

// OpenLoop calls at a fixed rate, whether or not earlier calls were answered, and counts each latency from the moment
// at which the call was due: a stall is seen by every call that it held up.
func OpenLoop(ctx context.Context, perSecond int, d time.Duration, call func(ctx context.Context, n int) error) Sample {
	var c collector
	began := time.Now()
	var wg sync.WaitGroup
	total := int(d.Seconds() * float64(perSecond))
	for n := range total {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(perSecond))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			wg.Wait()
			return c.done(time.Since(began))
		}
		wg.Go(func() {
			err := call(ctx, n)
			c.add(time.Since(due), err)
		})
	}
	wg.Wait()
	return c.done(time.Since(began))
}

// InTurn calls one time after the other; the first calls, warm of them, do not count.
func InTurn(ctx context.Context, warm, calls int, call func(ctx context.Context, n int) error) Sample {
	var c collector
	began := time.Now()
	for n := 0; n < warm+calls && ctx.Err() == nil; n++ {
		if n == warm {
			began = time.Now()
		}
		at := time.Now()
		if err := call(ctx, n); n >= warm || err != nil {
			c.add(time.Since(at), err)
		}
	}
	return c.done(time.Since(began))
}
