package main

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestRacingWorkersAndLateActs holds the first worker's call on its way to the till or the store, lets a second worker
// take over, and then lets the call arrive, within the time in which one can.
// covers: H-14, T-10
func TestRacingWorkersAndLateActs(t *testing.T) {
	t.Parallel()
	for _, safeKeys := range []bool{true, false} {
		for act, reason := range map[string]string{deductAct: "insufficient_points", createAct: "INVALID"} {
			for _, refused := range []bool{false, true} {
				if act == deductAct && refused && !safeKeys {
					continue // without safe keys the second worker does not deduct before it knows
				}
				t.Run(fmt.Sprintf("%s, keys safe %v, the second worker is refused %v", act, safeKeys, refused), func(t *testing.T) {
					t.Parallel()
					storetest.Each(t, func(t *testing.T, db storetest.Database) {
						w := newWalkWorld(t, db, safeKeys)
						w.lateAct(act, map[bool]string{true: reason}[refused], safeKeys)
					})
				})
			}
		}
	}
}

func (w *walkWorld) lateAct(act, refusal string, safeKeys bool) {
	w.t.Helper()
	reached, arrive := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	w.faults.OnAct(func(name string, phase sim.Phase) {
		if name == act && phase == sim.Before && held.CompareAndSwap(false, true) {
			close(reached)
			<-arrive
		}
	})
	member := w.member()
	// The workers share a client here; it has to know the store's budget before it lets two calls go at once.
	if _, _, err := w.admin.ReadCoupons(w.t.Context(), fmt.Sprintf("gid://shopify/Customer/%d", w.members)); err != nil {
		w.t.Fatal(err)
	}
	first, second := w.service(w.whole()), w.service(w.whole())
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k"}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = first.Convert(w.t.Context(), c)
	}()
	await(w.t, "the call is on its way", reached)
	if refusal != "" {
		w.faults.Add(sim.Rule{Act: act, Mode: sim.Refuse, Reason: refusal})
	}
	w.clock.Advance(31 * time.Second) // past the lease, and within what can still arrive
	ids, err := w.db.Stuck(w.t.Context(), w.clock.Now(), 10)
	if err != nil || len(ids) != 1 {
		w.t.Fatalf("found %v, %v", ids, err)
	}
	err = second.Advance(w.t.Context(), ids[0])
	undecided := refusal != "" || (act == deductAct && !safeKeys)
	if (err != nil) != undecided || (undecided && domain.KindOf(err) != domain.KindUnknown) {
		w.t.Errorf("the second worker ended with %v", err)
	}
	close(arrive)
	await(w.t, "the first worker ends", ended)
	if err := first.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.rest(second)
	w.ended(member, race{})
}
