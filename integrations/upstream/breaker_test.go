package upstream_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func fault(kind domain.Kind) error {
	return &domain.UpstreamError{Kind: kind, Upstream: "pos", Act: "deduct"}
}

func mustAllow(t *testing.T, b *upstream.Breaker, want bool) time.Duration {
	t.Helper()
	wait, ok := b.Allow()
	if ok != want {
		t.Fatalf("allowed %v, want %v (wait %v)", ok, want, wait)
	}
	return wait
}

func TestBreakerOpensAfterFailuresInARow(t *testing.T) {
	t.Parallel()
	clk := newClock()
	b := upstream.NewBreaker(3, time.Second, clk.now)
	for _, kind := range []domain.Kind{domain.KindUnknown, domain.KindUnavailable, domain.KindRefused,
		domain.KindUnknown, domain.KindUnknown} {
		mustAllow(t, b, true)
		b.Report(fault(kind))
	}
	if b.Open() {
		t.Fatal("a refusal is an answer: it must start the count again")
	}
	mustAllow(t, b, true)
	b.Report(fault(domain.KindUnknown))
	if wait := mustAllow(t, b, false); wait != time.Second {
		t.Errorf("wait %v, want 1s", wait)
	}
}

func TestBreakerProbesOneAtATimeAndWaitsLonger(t *testing.T) {
	t.Parallel()
	clk := newClock()
	b := upstream.NewBreaker(1, time.Second, clk.now)
	b.Report(fault(domain.KindUnavailable))
	for _, want := range []time.Duration{2, 4, 8, 16, 16} {
		clk.pass(16 * time.Second)
		mustAllow(t, b, true)
		mustAllow(t, b, false)
		b.Report(fault(domain.KindUnknown))
		if wait := mustAllow(t, b, false); wait != want*time.Second {
			t.Errorf("wait %v, want %v", wait, want*time.Second)
		}
	}
	clk.pass(16 * time.Second)
	mustAllow(t, b, true)
	b.Report(nil)
	mustAllow(t, b, true)
	mustAllow(t, b, true)
}

func TestBreakerLateFailuresDoNotExtendTheWait(t *testing.T) {
	t.Parallel()
	clk := newClock()
	b := upstream.NewBreaker(1, time.Second, clk.now)
	b.Report(fault(domain.KindUnknown))
	clk.pass(600 * time.Millisecond)
	b.Report(fault(domain.KindUnknown))
	if wait := mustAllow(t, b, false); wait != 400*time.Millisecond {
		t.Errorf("wait %v, want 400ms", wait)
	}
}

func TestBreakerCancelledProbeGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	clk := newClock()
	b := upstream.NewBreaker(1, time.Second, clk.now)
	b.Report(fault(domain.KindUnknown))
	clk.pass(time.Second)
	mustAllow(t, b, true)
	mustAllow(t, b, false)
	b.Report(&domain.UpstreamError{Kind: domain.KindUnknown, Err: context.Canceled})
	mustAllow(t, b, true)
}

func TestBreakerForgottenProbeDoesNotLockItForGood(t *testing.T) {
	t.Parallel()
	clk := newClock()
	b := upstream.NewBreaker(1, time.Second, clk.now)
	b.Report(fault(domain.KindUnknown))
	clk.pass(time.Second)
	mustAllow(t, b, true)
	clk.pass(time.Second)
	mustAllow(t, b, true)
}

// Whatever happens, an answer closes the circuit, and an open one never asks to stay away longer than the bound.
func TestBreakerProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		b := upstream.NewBreaker(rapid.IntRange(1, 4).Draw(t, "threshold"), time.Second, clk.now)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			clk.pass(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			wait, ok := b.Allow()
			if wait < 0 || wait > 16*time.Second || ok != (wait == 0) {
				t.Fatalf("wait %v, allowed %v", wait, ok)
			}
			if !ok {
				continue
			}
			if rapid.Bool().Draw(t, "answers") {
				b.Report(fault(domain.KindThrottled))
				if b.Open() {
					t.Fatal("open after an answer")
				}
				continue
			}
			b.Report(fault(domain.KindUnknown))
		}
	})
}
