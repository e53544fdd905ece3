package world

import (
	"context"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// paused is a process's way to the world on which it stands still at one place, as a machine does that is suspended or
// starved. Places are counted as couponstest.Mortal counts them: one before and one after each commit and each act.
// When it goes on, the deadlines it set itself have passed if the clock says so.
type paused struct {
	couponstest.Ports // what is not an act or a commit goes straight through

	clock   *couponstest.Clock
	pauseAt int           // 0 for never
	reached chan struct{} // closed when the process stands still
	goOn    chan struct{} // closed to let it go on

	mu    sync.Mutex
	steps int
}

func newPaused(inner couponstest.Ports, clock *couponstest.Clock, pauseAt int) *paused {
	return &paused{Ports: inner, clock: clock, pauseAt: pauseAt, reached: make(chan struct{}),
		goOn: make(chan struct{})}
}

func (p *paused) ports() couponstest.Ports { return couponstest.Ports{Store: p, Ledger: p, Shop: p} }

func (p *paused) places() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.steps
}

func (p *paused) place() {
	p.mu.Lock()
	p.steps++
	here := p.steps == p.pauseAt
	p.mu.Unlock()
	if here {
		close(p.reached)
		<-p.goOn
	}
}

func standing[T any](ctx context.Context, p *paused, do func(context.Context) (T, error)) (T, error) {
	deadline, bounded := ctx.Deadline()
	began, left := p.clock.Now(), time.Until(deadline)
	p.place()
	if bounded && p.clock.Now().Sub(began) >= left {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, time.Unix(0, 0))
		defer cancel()
	}
	got, err := do(ctx)
	p.place()
	return got, err
}

// Open implements coupons.Store.
func (p *paused) Open(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.State, error) { return p.Store.Open(ctx, o, decide) })
}

// Load implements coupons.Store.
func (p *paused) Load(ctx context.Context, id int64) (coupons.State, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.State, error) { return p.Store.Load(ctx, id) })
}

// Claim implements coupons.Store.
func (p *paused) Claim(ctx context.Context, id int64, now, until time.Time) (coupons.State, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.State, error) { return p.Store.Claim(ctx, id, now, until) })
}

// Commit implements coupons.Store.
func (p *paused) Commit(ctx context.Context, c coupons.Change) (coupons.State, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.State, error) { return p.Store.Commit(ctx, c) })
}

// Deduct implements coupons.Ledger.
func (p *paused) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.Entry, error) { return p.Ports.Deduct(ctx, m) })
}

// Add implements coupons.Ledger.
func (p *paused) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.Entry, error) { return p.Ports.Add(ctx, m) })
}

// Find implements coupons.Ledger.
func (p *paused) Find(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.Entry, error) { return p.Ports.Find(ctx, m) })
}

// CreateDiscount implements coupons.Shop.
func (p *paused) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	return standing(ctx, p, func(ctx context.Context) (string, error) { return p.Ports.CreateDiscount(ctx, d) })
}

// FindDiscount implements coupons.Shop.
func (p *paused) FindDiscount(ctx context.Context, code string) (coupons.FoundDiscount, error) {
	return standing(ctx, p, func(ctx context.Context) (coupons.FoundDiscount, error) { return p.Ports.FindDiscount(ctx, code) })
}
