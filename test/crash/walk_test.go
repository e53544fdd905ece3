package crash

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestCrashWalkForReal dies at every commit and act there is, on both databases, against the simulators over HTTP.
// covers: H-12, H-13, H-14, T-10
func TestCrashWalkForReal(t *testing.T) {
	t.Parallel()
	for _, sc := range []struct {
		name              string
		safeKeys, refused bool
	}{
		{"all goes well", true, false},
		{"keys are not safe to replay", false, false},
		{"Shopify refuses for good", true, true},
		{"Shopify refuses, keys not safe", false, true},
	} {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := world.New(t, db, sc.safeKeys)
				places, acts := w.Walk(0, 0, sc.refused)
				if places < 10 || acts < 2 {
					t.Fatalf("only %d places and %d acts were found", places, acts)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { w.On(t).Walk(n, 0, sc.refused) })
				}
				for n := 1; n <= acts; n++ {
					t.Run(fmt.Sprintf("the answer of act %d is lost", n),
						func(t *testing.T) { w.On(t).Walk(0, n, sc.refused) })
				}
				w.On(t).AuditAgrees()
			})
		})
	}
}

// TestAnswersLostByTheOutside lets the simulators themselves lose answers, break them, fail and throttle: what the
// clients make of it must be what the saga needs.
// covers: H-13, H-14
func TestAnswersLostByTheOutside(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for _, safeKeys := range []bool{true, false} {
			w := world.New(t, db, safeKeys)
			w.Members = map[bool]int{true: 1000, false: 2000}[safeKeys]
			for _, act := range []string{"pos.deduct", "shopify.discountCodeBasicCreate"} {
				for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.BrokenAnswer, sim.Internal,
					sim.InternalAfter, sim.Throttle} {
					t.Run(fmt.Sprintf("%s %s, keys safe %v", act, mode, safeKeys), func(t *testing.T) {
						w := w.On(t)
						w.Faults.Clear()
						w.Faults.Add(sim.Rule{Act: act, Mode: mode, RetryAfter: "1"})
						member := w.Member()
						s := w.Service(w.Whole())
						_, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
							CustomerID: member, Points: 500, Key: "k-" + member})
						if err != nil {
							t.Fatalf("a passing fault was told as %v", err)
						}
						w.Rest(s)
						if states := w.Balanced(member); len(states) != 1 || states[0] != domain.Active {
							t.Fatalf("ended as %v", states)
						}
					})
				}
			}
		}
	})
}

// TestTwoReplicas lets two processes convert for one customer at once, with points for three.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		member := w.Member()
		w.POS.SellAtPOS(member, 250) // 1,500 points: three times 500
		replicas := []*coupons.Service{w.Service(w.Whole()), w.Service(w.Whole())}
		stop := make(chan struct{})
		var moving sync.WaitGroup
		moving.Go(func() { // the clock has to move for those who wait for another replica, and leaves them the processor
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					w.Clock.Advance(5 * time.Millisecond)
				}
			}
		})
		var done sync.Map
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				got, err := replicas[i%2].Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
					CustomerID: member, Points: 500, Key: strconv.Itoa(i)})
				if err == nil && got.Done {
					done.Store(got.Coupon.Code, true)
				}
			})
		}
		wg.Wait()
		close(stop)
		moving.Wait()
		w.Rest(replicas[0])
		balance, _ := w.POS.Balance(member)
		if n := len(w.Shopify.Discounts()); n != 3 || balance != 0 {
			t.Fatalf("100 at once with points for 3: %d codes, balance %d", n, balance)
		}
	})
}
