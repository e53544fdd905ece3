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
		if list, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
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
		if err != nil || r.Kind != reviews.OrderCancelled || len(asked) != 2 || asked[0].Ref != orderID {
			t.Errorf("%+v, %v: %+v", r, err, asked)
		}
	})
}
