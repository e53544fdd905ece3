package app

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/upstream"
)

// guarded keeps calls from a POS that does not answer, whoever makes them: an open circuit proves that nothing was
// sent.
type guarded struct {
	POSClient
	circuit *upstream.Breaker
}

func through[T any](g guarded, act string, call func() (T, error)) (T, error) {
	wait, ok := g.circuit.Allow()
	if !ok {
		var none T
		return none, refusedByCircuit(act, wait)
	}
	got, err := call()
	g.circuit.Report(err)
	return got, err
}

func refusedByCircuit(act string, wait time.Duration) error {
	return &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: act, Reason: "circuit_open",
		RetryAfter: wait}
}

func (g guarded) Balance(ctx context.Context, customerID string) (coupons.Balance, error) {
	return through(g, "balance", func() (coupons.Balance, error) { return g.POSClient.Balance(ctx, customerID) })
}

func (g guarded) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "deduct", func() (coupons.Entry, error) { return g.POSClient.Deduct(ctx, m) })
}

func (g guarded) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "add", func() (coupons.Entry, error) { return g.POSClient.Add(ctx, m) })
}

func (g guarded) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return through(g, "find", func() (coupons.Entry, error) { return g.POSClient.Find(ctx, m) })
}

// aside is through for questions whose failures open no circuit.
func aside[T any](g guarded, act string, call func() (T, error)) (T, error) {
	wait, ok := g.circuit.Allow()
	if !ok {
		var none T
		return none, refusedByCircuit(act, wait)
	}
	got, err := call()
	if err == nil || g.circuit.Open() {
		g.circuit.Report(err)
	}
	return got, err
}
