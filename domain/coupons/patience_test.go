package coupons_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// slowStore holds the first commit up until the request has no patience left.
type slowStore struct {
	couponstest.Store
	w *world
}

// Open implements coupons.Store.
func (s slowStore) Open(ctx context.Context, _ coupons.Opening, _ func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	s.w.Clock.Advance(couponstest.RequestWait)
	<-ctx.Done()
	return coupons.State{}, ctx.Err()
}

// TestPatienceEndsInTheDatabase: a request that waited too long for the database's lock is told to ask again, not that
// something broke; asking again with its key finds whatever came of it.
func TestPatienceEndsInTheDatabase(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	_, err := w.Service(&couponstest.Ports{Store: slowStore{w.DB, w}, Ledger: w.Out, Shop: w.Out}).Convert(t.Context(),
		couponstest.Conversion(500, "k1"))
	refusedWith(t, err, domain.CodeConversionInProgress)
	got, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1"))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got.Done", got.Done, true)
	w.Balanced()
}

// stalledStore lets nobody through to the first commit until it is opened, and does not answer the first question for a
// request that was made before.
type stalledStore struct {
	couponstest.Store
	t       *testing.T
	w       *world
	asked   *atomic.Bool
	reached chan struct{}
	opened  <-chan struct{}
}

// Open implements coupons.Store.
func (s stalledStore) Open(ctx context.Context, _ coupons.Opening, _ func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	close(s.reached)
	<-s.opened
	<-ctx.Done()
	return coupons.State{}, ctx.Err()
}

// FindRequest implements coupons.Requests.
func (s stalledStore) FindRequest(ctx context.Context, key coupons.RequestKey) (coupons.Request, error) {
	if s.asked.Swap(true) {
		return s.Store.FindRequest(ctx, key)
	}
	s.w.Clock.Advance(couponstest.RequestWait)
	select {
	case <-ctx.Done():
		return coupons.Request{}, ctx.Err()
	case <-time.After(5 * time.Minute): // ends a test that would never end
		s.t.Error("patience does not end this question")
		return coupons.Request{}, domain.ErrUnavailable
	}
}

// TestPatienceEndsTheLookBeforeTheTurn: whoever finds their member's turn taken asks the database whether the request
// was made before. Where it does not answer, that is part of what the request waits.
func TestPatienceEndsTheLookBeforeTheTurn(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	opened := make(chan struct{})
	s := stalledStore{w.DB, t, w, new(atomic.Bool), make(chan struct{}), opened}
	service := w.Service(&couponstest.Ports{Store: s, Ledger: w.Out, Shop: w.Out})
	first := make(chan error, 1)
	go func() {
		_, err := service.Convert(t.Context(), couponstest.Conversion(500, "k1"))
		first <- err
	}()
	<-s.reached
	_, err := service.Convert(t.Context(), couponstest.Conversion(500, "k2"))
	refusedWith(t, err, domain.CodeConversionInProgress)
	close(opened)
	refusedWith(t, <-first, domain.CodeConversionInProgress)
	w.Balanced()
}
