package domain

import (
	"context"
	"time"
)

// StepObserver is told of each act outside, for metrics and the log. It must not block.
type StepObserver interface {
	// Step reports one act and its duration: name "pos.deduct", outcome "done", "refused", …
	Step(ctx context.Context, name, outcome string, took time.Duration)
}

// Timed does one act outside and reports how it ended and how long it took.
func Timed[T any](ctx context.Context, clock Clock, o StepObserver, name string, do func(context.Context) (T,
	error)) (T, error) {
	began := clock.Now()
	value, err := do(ctx)
	outcome := OutcomeDone
	if err != nil {
		outcome = string(KindOf(err))
	}
	o.Step(ctx, name, outcome, clock.Now().Sub(began))
	return value, err
}
