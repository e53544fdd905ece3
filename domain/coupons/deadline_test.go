package coupons_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// timed is a POS that writes down by when each call has to end.
type timed struct {
	couponstest.Till
	acts      []string
	deadlines []time.Time
}

func (p *timed) note(ctx context.Context, act string) {
	at, _ := ctx.Deadline()
	p.acts, p.deadlines = append(p.acts, act), append(p.deadlines, at)
}

func (p *timed) Balance(ctx context.Context, id string) (coupons.Balance, error) {
	p.note(ctx, "balance")
	return p.Till.Balance(ctx, id)
}

func (p *timed) Entries(ctx context.Context, id string, from, to time.Time) ([]coupons.Entry, error) {
	p.note(ctx, "entries")
	return p.Till.Entries(ctx, id, from, to)
}

func (p *timed) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	p.note(ctx, "deduct")
	return p.Till.Deduct(ctx, m)
}

// TestAllCallsOfAStepEndWithinItsLease: the sight before a movement is several calls, each with a limit of its own. All
// of them together end when the lease does, however long each may take.
func TestAllCallsOfAStepEndWithinItsLease(t *testing.T) {
	t.Parallel()
	w := byAmount(t)
	pos := &timed{Till: couponstest.Till{Outside: w.Out}}
	p := w.Whole()
	p.Ledger, p.Past = pos, pos
	s := w.Service(&p)
	began := time.Now()
	_, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1"))
	expect.MustEqual(t, "err", err, nil)
	w.Drain(s)
	ended := time.Now()
	expect.MustEqual(t, "the calls", pos.acts, []string{"balance", "entries", "balance", "deduct"})
	for i, at := range pos.deadlines {
		expect.That(t, "a call ends within the lease", at.After(began) && !at.After(ended.Add(s.Timing.Lease)), pos.acts[i])
	}
	expect.Equal(t, "the last call of the sight ends with the first", pos.deadlines[2], pos.deadlines[0])
	isSettled(t, w)
}
