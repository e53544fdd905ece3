package crash

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

func checkouts() []world.Checkout {
	return []world.Checkout{
		{Name: "a dead code is refused", UnsafeKeys: false, Held: false, Lag: false},
		{Name: "a dead code is refused, the count lags", UnsafeKeys: false, Held: false, Lag: true},
		{Name: "an open checkout still uses the code", UnsafeKeys: false, Held: true, Lag: false},
		{Name: "an open checkout still uses the code, the count lags", UnsafeKeys: false, Held: true, Lag: true},
		{Name: "an open checkout still uses the code, the count lags, keys not safe", UnsafeKeys: true, Held: true,
			Lag: true},
	}
}

// TestCheckoutRaceForReal places an order between any two things that a cancellation does, told of or not, with the
// process dying there or not, on both databases, in the simulated store.
// covers: 004-17, T-02, T-11
func TestCheckoutRaceForReal(t *testing.T) {
	t.Parallel()
	for _, c := range checkouts() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewEndings(t, db, !c.UnsafeKeys)
				w.Shopify.HeldCodesStayGood(c.Held)
				if c.Lag {
					w.Shopify.LagUsage(24 * time.Hour)
				}
				places, _ := w.Overtaken(c, 0, false, false)
				if places < 8 {
					t.Fatalf("only %d places were found", places)
				}
				ends := map[domain.Status]int{}
				for n := 1; n <= places+1; n++ {
					for _, known := range []bool{false, true} {
						for _, dies := range []bool{false, true} {
							t.Run(fmt.Sprintf("order at place %d, told %v, dies %v", n, known, dies),
								func(t *testing.T) {
									_, end := w.OnEnd(t).Overtaken(c, n, known, dies)
									ends[end]++
								})
						}
					}
				}
				w.OnEnd(t)
				if ends[domain.Used] == 0 || ends[domain.Cancelled] == 0 {
					t.Errorf("the order came first %d times, the credit %d times: one of them was never tried",
						ends[domain.Used], ends[domain.Cancelled])
				}
			})
		})
	}
}
