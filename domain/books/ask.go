package books

import (
	"context"
	"time"

	"pointbridge/domain"
)

const (
	upstreamPOS     = "pos"
	upstreamShopify = "shopify"
	// tries is how often one question is asked; giveUp is after how many questions without an answer in a row an
	// upstream is not asked any more.
	tries       = 3
	giveUp      = 3
	shortestAsk = time.Second
	longestAsk  = 30 * time.Second
)

// ask asks an upstream, patiently. "No" and "not there" are answers; the other errors are gaps.
func ask[T any](ctx context.Context, r *run, upstream string, do func(context.Context) (T, error)) (T, error) {
	var none T
	if r.failed[upstream] >= giveUp {
		return none, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: upstream, Act: "ask",
			Reason: "given_up"}
	}
	for try := 1; ; try++ {
		got, err := do(ctx)
		kind := domain.KindOf(err)
		if err == nil || kind == domain.KindRefused || kind == domain.KindNotFound {
			r.failed[upstream] = 0
			return got, err
		}
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		if try == tries || kind == domain.KindAuth {
			r.failed[upstream]++
			return none, err
		}
		if err := r.wait(ctx, min(max(domain.RetryAfterOf(err), shortestAsk), longestAsk)); err != nil {
			return none, err
		}
	}
}
