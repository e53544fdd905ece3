package store_test

import (
	"slices"
	"testing"

	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestReviewsAreFound: by state, kind and customer, newest first, in pages; and how many wait of each kind.
func TestReviewsAreFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		b := bed{t, s}
		counts, err := s.Reviews.OpenReviews(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "len(counts)", len(counts), 0, counts)
		var ids []int64
		for i, kind := range []reviews.Kind{reviews.OrderCancelled, reviews.OrderRefunded,
			reviews.OrderCancelled, reviews.OrderCancelled} {
			member := []string{"1", "2"}[i%2]
			if i < 2 {
				customer(t, s, member)
			}
			reason := "declined"
			if kind == reviews.OrderRefunded {
				reason = reviews.ReasonRefunded
			}
			c := usedBy(t, s, member, orderID)
			r := b.open(voidedOrder(c, kind, reason))
			ids = append(ids, r.ID)
			if i == 2 {
				b.close(c, r.ID, reviews.OutcomeRefuse)
			}
		}
		for name, tc := range map[string]struct {
			filter reviews.Filter
			want   []int64
		}{
			"all, newest first": {reviews.Filter{Limit: 9}, []int64{ids[3], ids[2], ids[1], ids[0]}},
			"a page":            {reviews.Filter{Limit: 2, Before: ids[3]}, []int64{ids[2], ids[1]}},
			"open of a kind": {reviews.Filter{Limit: 9, Status: "open", Kind: reviews.OrderCancelled},
				[]int64{ids[3], ids[0]}},
			"closed":            {reviews.Filter{Limit: 9, Status: "closed"}, []int64{ids[2]}},
			"of a customer":     {reviews.Filter{Limit: 9, CustomerID: "1"}, []int64{ids[2], ids[0]}},
			"of nobody":         {reviews.Filter{Limit: 9, CustomerID: "3"}, nil},
			"a kind none is of": {reviews.Filter{Limit: 9, Kind: reviews.Unsettled}, nil},
		} {
			found, err := s.Reviews.Reviews(t.Context(), tc.filter)
			var got []int64
			for _, r := range found {
				got = append(got, r.ID)
			}
			if err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("%s: %v, want %v, %v", name, got, tc.want, err)
			}
		}
		want := map[reviews.Kind]int64{reviews.OrderCancelled: 2, reviews.OrderRefunded: 1}
		counts, err = s.Reviews.OpenReviews(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "counts", counts, want)
	})
}
