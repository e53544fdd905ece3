package crash

import (
	"fmt"
	"testing"

	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestMadeGoodForReal lets orders come to nothing in the simulated store and makes them good, in processes that die at
// every commit and act, on both databases.
// covers: 000-02, 000-03, 000-04, 004-07, 004-30, T-05
func TestMadeGoodForReal(t *testing.T) {
	t.Parallel()
	for _, outcome := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewEndings(t, db, true)
				w.Shopify.OnDiscountChange(w.WatchReissues())
				places := w.MakeGood(outcome, 0, 0)
				if places < 7 {
					t.Fatalf("only %d places were found", places)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) {
						w.OnEnd(t).MakeGood(outcome, n, 0)
					})
				}
				for n := 1; n <= 4; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) {
						w.OnEnd(t).MakeGood(outcome, 0, n)
					})
				}
			})
		})
	}
}
