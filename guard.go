package main

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/circuit"
)

// guarded keeps calls from a till that does not answer: an open circuit proves that nothing was sent.
type guarded struct {
	coupons.Ledger
	circuit *circuit.Breaker
}

func through[T any](g guarded, act string, call func() (T, error)) (T, error) {
	wait, ok := g.circuit.Allow()
	if !ok {
		var none T
		return none, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: act, Reason: "circuit_open", RetryAfter: wait}
	}
	got, err := call()
	g.circuit.Report(err)
	return got, err
}

func (g guarded) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	return through(g, "balance", func() (coupons.Balance, error) { return g.Ledger.Balance(ctx, customerID) })
}

func (g guarded) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "deduct", func() (coupons.Entry, error) { return g.Ledger.Deduct(ctx, m) })
}

func (g guarded) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "add", func() (coupons.Entry, error) { return g.Ledger.Add(ctx, m) })
}

func (g guarded) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "find", func() (coupons.Entry, error) { return g.Ledger.Find(ctx, m) })
}
