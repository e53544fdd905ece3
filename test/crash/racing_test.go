package crash

import (
	"fmt"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// covers: H-12
func races() []world.Race {
	return []world.Race{
		{Name: "a request", SafeKeys: true},
		{Name: "a request, keys not safe"},
		{Name: "a request, Shopify refuses", SafeKeys: true, Refused: true},
		{Name: "a request, Shopify refuses, keys not safe", Refused: true},
		{Name: "a job after a deduct", SafeKeys: true, DiedAt: 4},
		{Name: "a job after a deduct, keys not safe", DiedAt: 4},
		{Name: "a job after a code was made", SafeKeys: true, DiedAt: 8},
		{Name: "a job after a refusal", SafeKeys: true, Refused: true, DiedAt: 8},
	}
}

// TestRacingWorkersForReal stops one worker at every commit and act there is, lets a second one take over while the
// first one only stands still, and then lets the first one go on, on both databases.
// covers: H-13, T-10
func TestRacingWorkersForReal(t *testing.T) {
	t.Parallel()
	for _, r := range races() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.New(t, db, r.SafeKeys)
				places := w.Race(r, 0)
				if places < 6 {
					t.Fatalf("only %d places were found", places)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("stands still at place %d of %d", n, places),
						func(t *testing.T) { w.On(t).Race(r, n) })
				}
			})
		})
	}
}
