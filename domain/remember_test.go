package domain_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func TestRemembered(t *testing.T) {
	t.Parallel()
	counted := func(asked *atomic.Int64) *domain.Remembered[int64] {
		return &domain.Remembered[int64]{Ask: func(context.Context) (int64, error) { return asked.Add(1), nil },
			For: 5 * time.Second, Limit: time.Second, Now: time.Now}
	}
	t.Run("an answer is believed for its time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int64
			r := counted(&asked)
			for _, step := range []struct {
				wait time.Duration
				want int64
			}{{0, 1}, {4 * time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
				<-time.After(step.wait) // on the clock of the bubble
				if got, err := r.Get(t.Context()); got != step.want || err != nil {
					t.Errorf("after %s: %d, %v; want %d", step.wait, got, err, step.want)
				}
			}
		})
	})
	t.Run("many who want to know are one question", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int64
			release := make(chan struct{})
			r := &domain.Remembered[int64]{Ask: func(context.Context) (int64, error) { n := asked.Add(1); <-release; return n, nil },
				For: time.Second, Limit: time.Second, Now: time.Now}
			var group sync.WaitGroup
			for range 50 {
				group.Go(func() {
					got, err := r.Get(t.Context())
					expect.Equal(t, "got", got, 1)
					expect.Equal(t, "err", err, nil)
				})
			}
			synctest.Wait()
			close(release)
			group.Wait()
		})
	})
	t.Run("a source that heeds no deadline holds nobody up, and is not asked a second time meanwhile",
		func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int64
				release := make(chan struct{})
				r := &domain.Remembered[int64]{Ask: func(context.Context) (int64, error) { n := asked.Add(1); <-release; return n, nil },
					For: time.Second, Limit: time.Second, Now: time.Now}
				for range 3 {
					if _, err := r.Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v", err)
					}
				}
				close(release)
				synctest.Wait()
				if got, err := r.Get(t.Context()); got != 1 || err != nil {
					t.Errorf("%d, %v: the late answer counts", got, err)
				}
			})
		})
	t.Run("who leaves does not take the answer away from the others", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			r := &domain.Remembered[string]{Ask: func(ctx context.Context) (string, error) {
				select {
				case <-release:
					return "fine", nil
				case <-ctx.Done():
					return "", ctx.Err()
				}
			}, For: time.Second, Limit: time.Second, Now: time.Now}
			gone, leave := context.WithCancel(t.Context())
			first := make(chan error, 1)
			go func() { _, err := r.Get(gone); first <- err }()
			synctest.Wait()
			leave()
			if err := <-first; !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
			close(release)
			got, err := r.Get(t.Context())
			expect.Equal(t, "got", got, "fine")
			expect.Equal(t, "err", err, nil)
		})
	})
	t.Run("a failure is remembered as well", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		r := &domain.Remembered[int64]{Ask: func(context.Context) (int64, error) { asked.Add(1); return 0, errors.New("no") },
			For: time.Hour, Limit: time.Minute, Now: time.Now}
		for range 3 {
			if _, err := r.Get(t.Context()); err == nil {
				t.Error("no error")
			}
		}
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}
