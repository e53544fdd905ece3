package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestJobsOfAReview: what a review asks for is committed with it, once, whoever else opens it in the same moment; a
// review that could not be written asks for nothing.
// covers: 003-15
func TestJobsOfAReview(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		var mu sync.Mutex
		var asked []domain.Job
		var broken error
		s := db.Open(t, now, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, jobs...)
			return broken
		})
		customer(t, s, "1")
		c := usedBy(t, s, "1", orderID)
		v := voidedOrder(c, reviews.OrderRefunded, reviews.ReasonRefunded)
		v.Jobs = []domain.Job{{Kind: domain.JobTag, Ref: orderID}, {Kind: domain.JobTag, CouponID: 1}}
		asked, broken = nil, errors.New("the queue is away")
		if _, err := s.Coupons.OpenVoidedOrder(t.Context(), v); err == nil {
			t.Error("a review was opened whose jobs were not kept")
		}
		{
			list, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Limit: 10})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "len(list)", len(list), 0, list)
		}
		asked, broken = nil, nil
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := s.Coupons.OpenVoidedOrder(t.Context(), v); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		v.Kind, v.Reason = reviews.OrderCancelled, "customer" // the same review, which is about more now
		r, err := s.Coupons.OpenVoidedOrder(t.Context(), v)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "r.Kind", r.Kind, reviews.OrderCancelled)
		expect.MustEqual(t, "len(asked)", len(asked), 2, asked)
		expect.Equal(t, "asked[0].Ref", asked[0].Ref, orderID)
	})
}
