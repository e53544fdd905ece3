package store

import (
	"context"
	"errors"
	"testing"

	"pointbridge/test/expect"
)

func TestPagesAreReadAhead(t *testing.T) {
	t.Parallel()
	var ended context.Context
	count := func(last int, fault error) func(ctx context.Context) (int, bool, error) {
		n := 0
		return func(ctx context.Context) (int, bool, error) {
			ended = ctx
			if n++; n == last {
				return n, false, fault
			}
			return n, true, nil
		}
	}
	sum := 0
	for page, err := range ahead(t.Context(), count(4, nil)) {
		expect.MustEqual(t, "err", err, nil)
		sum += page
	}
	expect.Equal(t, "sum", sum, 1+2+3+4)

	broken := errors.New("broken")
	pages := 0
	var got error
	for _, err := range ahead(t.Context(), count(3, broken)) {
		if got = err; err == nil {
			pages++
		}
	}
	expect.Equal(t, "pages", pages, 2)
	expect.That(t, "errors.Is(got, broken)", errors.Is(got, broken), got)

	for range ahead(t.Context(), count(-1, nil)) { // without an end: whoever leaves the loop ends the reading
		break
	}
	expect.That(t, "ended.Err() != nil", ended.Err() != nil)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range ahead(ctx, count(-1, nil)) {
		cancel()
		got = err
	}
	expect.That(t, "errors.Is(got, context.Canceled)", errors.Is(got, context.Canceled), got)
}

func TestAPanicWhileReadingAheadIsTheLoops(t *testing.T) {
	t.Parallel()
	defer func() { expect.Equal(t, "recovered", recover(), any("spilt")) }()
	for range ahead(t.Context(), func(context.Context) (int, bool, error) { panic("spilt") }) {
		t.Error("there is no page")
	}
}
