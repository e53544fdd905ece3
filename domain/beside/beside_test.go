package beside_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pointbridge/domain/beside"
)

var errOne = errors.New("one")

func TestEachIsDoneAFewAtATime(t *testing.T) {
	t.Parallel()
	const few = 3
	var now, most, done atomic.Int64
	full := make(chan struct{})
	came := beside.Each(t.Context(), 20, few, func(_ context.Context, i int) error {
		defer now.Add(-1)
		n := now.Add(1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		if n == few && done.Load() == 0 {
			close(full)
		}
		if i < few { // the first ones wait for one another
			<-full
		}
		done.Add(1)
		if i == 7 {
			return errOne
		}
		return nil
	})
	if most.Load() != few || done.Load() != 20 {
		t.Errorf("%d at once, %d done", most.Load(), done.Load())
	}
	for i, err := range came {
		if (err != nil) != (i == 7) || err != nil && !errors.Is(err, errOne) {
			t.Errorf("%d came to %v", i, err)
		}
	}
	if len(came) != 20 || len(beside.Each(t.Context(), 0, 0, nil)) != 0 {
		t.Error("not all came to something")
	}
}

func TestAPanicIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	came := beside.Each(t.Context(), 4, 2, func(_ context.Context, i int) error {
		switch i {
		case 1:
			panic("a secret")
		case 2:
			return []error{}[i]
		}
		return nil
	})
	var hidden, told *beside.Panic
	if came[0] != nil || came[3] != nil || !errors.As(came[1], &hidden) || !errors.As(came[2], &told) {
		t.Fatalf("they came to %v", came)
	}
	if hidden.Error() != "panic with a string" || !strings.Contains(told.Error(), "index out of range") {
		t.Errorf("they say %q and %q", hidden, told)
	}
	for _, fault := range []*beside.Panic{hidden, told} {
		if !strings.Contains(fault.Stack, "beside_test.go") {
			t.Errorf("the stack does not say where: %s", fault.Stack)
		}
	}
}

func TestNothingBeginsAfterTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	var begun atomic.Int64
	came := beside.Each(ctx, 5, 1, func(context.Context, int) error {
		begun.Add(1)
		cancel(errOne)
		return nil
	})
	if begun.Load() != 1 || came[0] != nil || slices.ContainsFunc(came[1:], func(err error) bool { return !errors.Is(err, errOne) }) {
		t.Errorf("%d began, they came to %v", begun.Load(), came)
	}
}

func TestTheFirstErrorEndsAll(t *testing.T) {
	t.Parallel()
	var ended atomic.Int64
	waits := make(chan struct{})
	err := beside.First(t.Context(), 50, 2, func(ctx context.Context, i int) error {
		if i == 0 {
			close(waits)
			<-ctx.Done()
			ended.Add(1)
			return ctx.Err()
		}
		<-waits
		return errOne
	})
	if !errors.Is(err, errOne) || ended.Load() != 1 {
		t.Errorf("%v, %d were ended", err, ended.Load())
	}
	var fault *beside.Panic
	err = beside.First(t.Context(), 3, 1, func(context.Context, int) error { panic(errOne) })
	if !errors.As(err, &fault) {
		t.Errorf("a panic is %v", err)
	}
	if err := beside.First(t.Context(), 3, 2, func(context.Context, int) error { return nil }); err != nil {
		t.Error(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := beside.First(over, 3, 2, func(context.Context, int) error { return errOne }); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
