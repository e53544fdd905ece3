// Package beside does things beside one another: a few at a time, each until its end, and none of them takes the process
// with it.
package beside

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Each does something for each of n, few at a time, and waits for all that was begun. It gives what each came to, nil
// where that was nothing. What has not begun when the context ends does not begin: it came to the context's cause.
func Each(ctx context.Context, n, few int, do func(ctx context.Context, i int) error) []error {
	came := make([]error, n)
	slots := make(chan struct{}, max(few, 1))
	var all sync.WaitGroup
	for i := range n {
		if !took(ctx, slots) {
			came[i] = context.Cause(ctx)
			continue
		}
		all.Go(func() {
			defer func() { <-slots }()
			came[i] = Guard(func() error { return do(ctx, i) })
		})
	}
	all.Wait()
	return came
}

// First is Each where the first error ends all: it is given, and is the cause for which the context of the others ends.
func First(ctx context.Context, n, few int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	Each(ctx, n, few, func(ctx context.Context, i int) error {
		err := Guard(func() error { return do(ctx, i) })
		if err != nil {
			cancel(err)
		}
		return err
	})
	return context.Cause(ctx)
}

// took waits for a slot; of a context that has ended there is none.
func took(ctx context.Context, slots chan<- struct{}) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Panic is a panic as an error. Its value stays out of rows, logs and answers unless Go's own runtime wrote it, because
// it can hold anything; Stack is for the log.
type Panic struct {
	value any
	Stack string
}

func (e *Panic) Error() string {
	var fault runtime.Error
	if err, ok := e.value.(error); ok && errors.As(err, &fault) {
		return "panic: " + fault.Error()
	}
	return fmt.Sprintf("panic with a %T", e.value)
}

// Guard gives a panic as a *Panic.
func Guard(act func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value: value, Stack: string(debug.Stack())}
		}
	}()
	return act()
}
