package crash

import (
	"fmt"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

func finales() []world.Finale {
	ended := []domain.Status{domain.Cancelled, domain.Active}
	decided := []domain.Status{domain.Cancelled, domain.Active, domain.Suspended}
	return []world.Finale{
		{Name: "cancel", UnsafeKeys: false, Wiped: false, Run: endByCancel, Must: ended},
		{Name: "cancel, keys not safe", UnsafeKeys: true, Wiped: false, Run: endByCancel, Must: ended},
		{Name: "cancel, somebody deleted the code", UnsafeKeys: false, Wiped: true, Run: endByCancel, Must: ended},
		{Name: "refund", UnsafeKeys: false, Wiped: false, Run: endByRefund, Must: ended},
		{Name: "refund, keys not safe", UnsafeKeys: true, Wiped: false, Run: endByRefund, Must: ended},
		{Name: "suspend, then return points", UnsafeKeys: false, Wiped: false,
			Run: endBySuspension(reviews.OutcomeReturnPoints), Must: decided},
		{Name: "suspend, then return points, keys not safe", UnsafeKeys: true, Wiped: false,
			Run: endBySuspension(reviews.OutcomeReturnPoints), Must: decided},
		{Name: "suspend, then forfeit", UnsafeKeys: false, Wiped: false, Run: endBySuspension(reviews.OutcomeForfeit),
			Must: []domain.Status{domain.Forfeited, domain.Active, domain.Suspended}},
	}
}

func endByCancel(w *world.Endings, s *coupons.Service, code string) {
	_, _ = s.Cancel(w.T.Context(), world.Ending(code, "c"))
}

func endByRefund(w *world.Endings, s *coupons.Service, code string) {
	_, _ = s.Refund(w.T.Context(), coupons.RefundRequest{Cancellation: world.Ending(code, "r"), Reference: "POS-" +
		code})
}

func endBySuspension(outcome reviews.Outcome) func(*world.Endings, *coupons.Service, string) {
	return func(w *world.Endings, s *coupons.Service, code string) {
		_, _ = s.Suspend(w.T.Context(), coupons.Suspension(world.Ending(code, "s")))
		if id := w.ReviewOf(code, reviews.SuspectedFraud); id != 0 {
			_, _, _ = s.Decide(w.T.Context(), coupons.Decision{Caller: world.TheManager(), ReviewID: id,
				Outcome: outcome, Note: "looked into", Key: "d" + code})
		}
	}
}

// TestEndingsCrashWalkForReal dies at every commit and act of every ending, and loses every answer, on both databases,
// against the simulators over HTTP.
// covers: 004-25, 004-57
func TestEndingsCrashWalkForReal(t *testing.T) {
	t.Parallel()
	for _, f := range finales() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewEndings(t, db, !f.UnsafeKeys)
				places, acts := w.CutOff(f, 0, 0)
				if places < 8 || acts < 2 {
					t.Fatalf("only %d places and %d acts were found", places, acts)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { w.OnEnd(t).CutOff(f, n, 0) })
				}
				for n := 1; n <= acts; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { w.OnEnd(t).CutOff(f, 0, n) })
				}
				t.Run("the last answer is lost, then it dies", func(t *testing.T) {
					for n := places - 3; n <= places+4; n++ {
						w.OnEnd(t).CutOff(f, n, acts)
					}
				})
			})
		})
	}
}

// TestEndingsRacedForReal lets two processes finish, at the same time, what a dead one left of an ending, while
// everybody asks again, on both databases.
// covers: 004-29, 004-57
func TestEndingsRacedForReal(t *testing.T) {
	t.Parallel()
	for _, f := range finales() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.NewEndings(t, db, !f.UnsafeKeys)
				places, _ := w.CutOff(f, 0, 0)
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("died at place %d", n), func(t *testing.T) { w.OnEnd(t).Raced(f, n) })
				}
			})
		})
	}
}
