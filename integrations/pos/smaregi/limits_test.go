package smaregi_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/test/expect"
)

// hurried is a context whose end is nearer than any turn that has to be waited for.
func hurried(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// On a clock that stands still only what may be sent at once is sent: less than Smaregi allows in a second. One too
// many is not sent, was therefore not applied, and says when to come again.
func TestLimits_StayBelowWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sandbox                 bool
		reads, writes           int // at once, requests for a token among the writes
		nextRead, nextWrite     time.Duration
		allowedReads, allowedWr float64
	}{
		"production": {false, 20, 8, 40 * time.Millisecond, 100 * time.Millisecond, 50, 20},
		"sandbox":    {true, 4, 1, 200 * time.Millisecond, 500 * time.Millisecond, 10, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect.That(t, "all of a second's reads to be below the limit",
				float64(c.reads)+float64(time.Second/c.nextRead) < c.allowedReads)
			expect.That(t, "all of a second's writes to be below the limit",
				float64(c.writes)+float64(time.Second/c.nextWrite) < c.allowedWr)
			l := numbered()
			cl := client(t, l, func(cfg *smaregi.Config) { cfg.Sandbox = c.sandbox })
			for range c.reads {
				_, err := cl.Balance(t.Context(), taro)
				expect.MustEqual(t, "err", err, nil)
			}
			_, err := cl.Balance(hurried(t), taro)
			notItsTurn(t, err, c.nextRead)
			l.answer = changed
			for range c.writes - 1 {
				_, err := cl.Deduct(t.Context(), take())
				expect.MustEqual(t, "err", err, nil)
			}
			_, err = cl.Deduct(hurried(t), take())
			notItsTurn(t, err, c.nextWrite)
			l.counts(t, 1, int64(c.reads+c.writes-1))
		})
	}
}

func notItsTurn(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	expect.MustThat(t, "err != nil", err != nil)
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindThrottled, err)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), "own_limit", err)
	expect.Equal(t, "Retry-After", domain.RetryAfterOf(err), wait)
}

// A caller who has time waits for the turn.
func TestLimits_WaitsWithinItsTime(t *testing.T) {
	t.Parallel()
	l := numbered()
	l.answer = changed
	c := client(t, l, func(cfg *smaregi.Config) { cfg.Sandbox = true })
	_, err := c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	l.counts(t, 1, 1)
}

// After one answer of 429 nobody asks until the time has passed, and reading and writing are counted apart.
func TestLimits_AllWaitAfterOne429(t *testing.T) {
	t.Parallel()
	var writes, reads atomic.Int64
	sundial := &moving{at: now}
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			_, _ = w.Write([]byte(`{"access_token":"issued-token"}`))
		case r.Method == http.MethodGet:
			reads.Add(1)
			_, _ = w.Write([]byte(balanceOf))
		case writes.Add(1) == 1:
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			_, _ = w.Write([]byte(strings.Replace(changed, "10:02:03", "10:02:33", 1)))
		}
	}), func(cfg *smaregi.Config) { cfg.Clock = sundial.Now })
	for range 3 {
		_, err := c.Deduct(t.Context(), take())
		expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindThrottled, err)
		expect.Equal(t, "Retry-After", domain.RetryAfterOf(err), 30*time.Second)
	}
	expect.Equal(t, "writes", writes.Load(), 1)
	_, err := c.Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	sundial.pass(30 * time.Second)
	_, err = c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "writes", writes.Load(), 2)
}
