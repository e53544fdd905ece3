package crash

import (
	"fmt"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestRacingWorkersAndLateActs holds the first worker's call on its way to the POS or the store, lets a second worker
// take over, and then lets the call arrive, within the time in which one can.
// covers: H-14, T-10
func TestRacingWorkersAndLateActs(t *testing.T) {
	t.Parallel()
	for _, safeKeys := range []bool{true, false} {
		for act, reason := range map[string]string{world.DeductAct: "insufficient_points", world.CreateAct: "INVALID"} {
			for _, refused := range []bool{false, true} {
				if act == world.DeductAct && refused && !safeKeys {
					continue // without safe keys the second worker does not deduct before it knows
				}
				t.Run(fmt.Sprintf("%s, keys safe %v, the second worker is refused %v", act, safeKeys, refused),
					func(t *testing.T) {
						t.Parallel()
						storetest.Each(t, func(t *testing.T, db storetest.Database) {
							w := world.New(t, db, safeKeys)
							w.LateAct(act, map[bool]string{true: reason}[refused], safeKeys)
						})
					})
			}
		}
	}
}
