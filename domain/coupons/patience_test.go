package coupons_test

import (
	"context"
	"testing"

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
