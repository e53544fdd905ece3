package coupons_test

import (
	"context"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// slowStore holds the first commit up until the request has no patience left.
type slowStore struct {
	couponstest.Store
	w *world
}

// Open implements coupons.Store.
func (s slowStore) Open(ctx context.Context, _ coupons.Opening, _ func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	s.w.clock.Advance(requestWait)
	<-ctx.Done()
	return coupons.State{}, ctx.Err()
}

// TestPatienceEndsInTheDatabase: a request that waited too long for the database's lock is told to ask again, not that
// something broke; asking again with its key finds whatever came of it.
func TestPatienceEndsInTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.service(&couponstest.Ports{Store: slowStore{w.db, w}, Ledger: w.out, Shop: w.out}).Convert(t.Context(),
		conversion(500, "k1"))
	refusedWith(t, err, domain.CodeConversionInProgress)
	if got, err := w.service(nil).Convert(t.Context(), conversion(500, "k1")); err != nil || !got.Done {
		t.Errorf("%+v, %v", got, err)
	}
	w.balanced()
}
