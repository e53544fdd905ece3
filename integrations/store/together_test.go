package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// ride is a together whose first run is held, so that whoever comes meanwhile waits.
type ride struct {
	*together[int]
	held, open chan struct{}
	mu         sync.Mutex
	runs       [][]int
}

func newRide(chunk int) *ride {
	return &ride{together: &together[int]{chunk: chunk}, held: make(chan struct{}), open: make(chan struct{})}
}

// run holds 0 until open. Those who go with an odd number at their head end with an error.
func (r *ride) run(all []int) error {
	if all[0] == 0 {
		close(r.held)
		<-r.open
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = append(r.runs, slices.Clone(all))
	if all[0]%2 == 1 {
		return errOdd
	}
	return nil
}

var errOdd = errors.New("odd")

func (r *ride) start(ctx context.Context, n int, run func([]int) error) <-chan error {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, done := r.waits(), make(chan error, 1)
	go func() { done <- r.do(ctx, n, run) }()
	for n != 0 && r.waits() == before {
		runtime.Gosched()
	}
	return done
}

// TestWhoWaitsGoesTogether: the first goes by itself; those who come meanwhile go together, so many at once, in the order
// in which they came, and each hears how they ended.
func TestWhoWaitsGoesTogether(t *testing.T) {
	t.Parallel()
	r := newRide(3)
	ends := []<-chan error{r.start(t.Context(), 0, r.run)}
	<-r.held
	for n := 1; n <= 5; n++ {
		ends = append(ends, r.start(t.Context(), n, r.run))
	}
	close(r.open)
	for n, end := range ends {
		var want error
		if n >= 1 && n <= 3 {
			want = errOdd
		}
		expect.Equal(t, "an end", <-end, want)
	}
	expect.Equal(t, "the runs", slices.EqualFunc(r.runs, [][]int{{0}, {1, 2, 3}, {4, 5}}, slices.Equal), true, r.runs)
	expect.Equal(t, "running", r.running, false)
}

// TestWhoGivesUpWhileItWaits takes nothing with it; under way, it hears how that ended.
func TestWhoGivesUpWhileItWaits(t *testing.T) {
	t.Parallel()
	r := newRide(3)
	first := r.start(t.Context(), 0, r.run)
	<-r.held
	ctx, giveUp := context.WithCancel(t.Context())
	second := r.start(ctx, 2, r.run)
	third := r.start(t.Context(), 4, r.run)
	giveUp()
	expect.Equal(t, "its end", <-second, context.Canceled)
	close(r.open)
	expect.Equal(t, "the first one's", <-first, nil)
	expect.Equal(t, "the third one's", <-third, nil)
	expect.Equal(t, "the runs", slices.EqualFunc(r.runs, [][]int{{0}, {4}}, slices.Equal), true, r.runs)

	late, stop := context.WithCancel(t.Context())
	expect.Equal(t, "of one under way", r.do(late, 3, func([]int) error {
		stop()
		return errOdd
	}), errOdd)
}

// TestWhoPanicsKeepsIt: those who went along are told that nobody knows, and those who wait go on.
func TestWhoPanicsKeepsIt(t *testing.T) {
	t.Parallel()
	r := newRide(2)
	first := r.start(t.Context(), 0, r.run)
	<-r.held
	panicked := make(chan any, 1)
	lead := make(chan error, 1)
	go func() {
		defer func() { panicked <- recover() }()
		lead <- r.do(t.Context(), 2, func([]int) error { panic("mine") })
	}()
	for r.waits() == 0 {
		runtime.Gosched()
	}
	along, behind := r.start(t.Context(), 4, r.run), r.start(t.Context(), 6, r.run)
	close(r.open)
	expect.Equal(t, "the first one's end", <-first, nil)
	expect.Equal(t, "what is kept", <-panicked, any("mine"))
	err := <-along
	expect.That(t, "nobody knows", errors.Is(err, domain.ErrConflict) && errors.Is(err, domain.ErrUnavailable), err)
	expect.Equal(t, "the end of who waited", <-behind, nil)
	expect.Equal(t, "running", r.running, false)
}
