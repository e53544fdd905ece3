package couponstest

import (
	"context"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/orders"
)

// Gate is a process's way to the world on which something happens at one place: before the At-th time it goes outside
// or commits. Then it dies there, if it is told to.
type Gate struct {
	mu      sync.Mutex
	reached int
	dead    bool
	// At is the place; 0 for none.
	At    int
	Do    func()
	Dies  bool
	Inner Ports
}

// Ports is this process's way to the world.
func (g *Gate) Ports() Ports {
	return Ports{Store: gatedStore{g.Inner.Store, g}, Ledger: gatedLedger{g.Inner.Ledger, g},
		Shop: gatedShop{g.Inner.Shop, g}, Past: g.Inner.Past}
}

// Reached is how many places were reached.
func (g *Gate) Reached() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reached
}

func (g *Gate) pass() error {
	g.mu.Lock()
	g.reached++
	here := g.reached == g.At
	g.dead = g.dead || here && g.Dies
	dead := g.dead
	g.mu.Unlock()
	if here {
		g.Do()
	}
	if dead {
		return ErrDied
	}
	return nil
}

func gated[T any](g *Gate, do func() (T, error)) (T, error) {
	if err := g.pass(); err != nil {
		var none T
		return none, err
	}
	return do()
}

type gatedStore struct {
	Store
	g *Gate
}

// Commit implements coupons.Store.
func (s gatedStore) Commit(ctx context.Context, c coupons.Change) (coupons.State, error) {
	return gated(s.g, func() (coupons.State, error) { return s.Store.Commit(ctx, c) })
}

// Decide implements coupons.Store.
func (s gatedStore) Decide(ctx context.Context, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (coupons.State, error) {
	return gated(s.g, func() (coupons.State, error) { return s.Store.Decide(ctx, q, decide) })
}

type gatedLedger struct {
	coupons.Ledger
	g *Gate
}

// Deduct implements coupons.Ledger.
func (l gatedLedger) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return gated(l.g, func() (coupons.Entry, error) { return l.Ledger.Deduct(ctx, m) })
}

// Add implements coupons.Ledger.
func (l gatedLedger) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return gated(l.g, func() (coupons.Entry, error) { return l.Ledger.Add(ctx, m) })
}

// Find implements coupons.Ledger.
func (l gatedLedger) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return gated(l.g, func() (coupons.Entry, error) { return l.Ledger.Find(ctx, m) })
}

type gatedShop struct {
	Shop
	g *Gate
}

// DeactivateDiscount implements coupons.Shop.
func (s gatedShop) DeactivateDiscount(ctx context.Context, id string) error {
	_, err := gated(s.g, func() (struct{}, error) { return struct{}{}, s.Shop.DeactivateDiscount(ctx, id) })
	return err
}

// Usage implements coupons.Shop.
func (s gatedShop) Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	return gated(s.g, func() (orders.Usage, error) { return s.Shop.Usage(ctx, q) })
}

// Count implements coupons.Shop.
func (s gatedShop) Count(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	return gated(s.g, func() (orders.Usage, error) { return s.Shop.Count(ctx, q) })
}

// OrdersSince implements coupons.Shop.
func (s gatedShop) OrdersSince(ctx context.Context, since time.Time, after string) (orders.Page, error) {
	return s.Shop.OrdersSince(ctx, since, after)
}
