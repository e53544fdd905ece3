package floor_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/tools/floor"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	s := floor.Sample{Elapsed: 2 * time.Second}
	for i := range 100 {
		s.Latencies = append(s.Latencies, time.Duration(i+1)*time.Millisecond)
	}
	if s.Percentile(50) != 51*time.Millisecond || s.Percentile(99) != 100*time.Millisecond ||
		s.Percentile(100) != 100*time.Millisecond || s.Rate() != 50 {
		t.Fatalf("p50 %s, p99 %s, p100 %s, rate %f", s.Percentile(50), s.Percentile(99), s.Percentile(100), s.Rate())
	}
	if (floor.Sample{}).Percentile(99) != 0 {
		t.Fatal("no calls have no latency")
	}
}

func TestLoops(t *testing.T) {
	t.Parallel()
	t.Run("errors are counted and are no successes", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		var calls atomic.Int64
		s := floor.ClosedLoop(ctx, 4, time.Minute, func(context.Context, int, int) error {
			if calls.Add(1) == 100 {
				cancel()
			}
			return errors.New("no")
		})
		if len(s.Latencies) != 0 || int64(s.Errors["no"]) != calls.Load() {
			t.Fatalf("%d calls, errors %v", calls.Load(), s.Errors)
		}
	})
	t.Run("an open loop makes every call it owes", func(t *testing.T) {
		t.Parallel()
		s := floor.OpenLoop(t.Context(), 1000, 50*time.Millisecond, func(context.Context, int) error { return nil })
		if len(s.Latencies) != 50 {
			t.Fatalf("%d calls", len(s.Latencies))
		}
	})
}
