package store

import (
	"context"
	"iter"
)

// ahead reads pages while the one before is worked on, one page in advance. read gives a page and whether there is
// another one; it is not called again after an error. Nothing of it goes on when the loop has ended, however it ended, and a
// panic of read is the loop's.
func ahead[T any](ctx context.Context, read func(ctx context.Context) (page T, more bool, err error)) iter.Seq2[T, error] {
	type one struct {
		page     T
		err      error
		panicked any
	}
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		pages := make(chan one)
		go func() {
			defer close(pages)
			for more := true; more; {
				var got one
				func() {
					defer func() { got.panicked = recover() }()
					got.page, more, got.err = read(ctx)
				}()
				select {
				case pages <- got:
				case <-ctx.Done():
					return
				}
				more = more && got.err == nil && got.panicked == nil
			}
		}()
		defer func() {
			stop()
			for range pages { //nolint:revive // until the reader has ended
			}
		}()
		for got := range pages {
			if got.panicked != nil {
				panic(got.panicked)
			}
			if !yield(got.page, got.err) || got.err != nil {
				return
			}
		}
		// A reader that was told to stop by whoever called ends without a word.
		if err := ctx.Err(); err != nil {
			var none T
			yield(none, err)
		}
	}
}
