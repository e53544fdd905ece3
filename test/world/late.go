package world

import (
	"fmt"
	"sync/atomic"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
)

func (w *World) LateAct(act, refusal string, safeKeys bool) {
	w.T.Helper()
	reached, arrive := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	w.Faults.OnAct(func(name string, phase sim.Phase) {
		if name == act && phase == sim.Before && held.CompareAndSwap(false, true) {
			close(reached)
			<-arrive
		}
	})
	member := w.Member()
	// The workers share a client here; it has to know the store's budget before it lets two calls go at once.
	if _, _, err := w.Admin.ReadCoupons(w.T.Context(), fmt.Sprintf("gid://shopify/Customer/%d",
		w.Members)); err != nil {
		w.T.Fatal(err)
	}
	first, second := w.Service(w.Whole()), w.Service(w.Whole())
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k"}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = first.Convert(w.T.Context(), c)
	}()
	Await(w.T, "the call is on its way", reached)
	if refusal != "" {
		w.Faults.Add(sim.Rule{Act: act, Mode: sim.Refuse, Reason: refusal})
	}
	w.Clock.Advance(31 * time.Second) // past the lease, and within what can still arrive
	ids, err := w.Store.Backlog.Stuck(w.T.Context(), w.Clock.Now(), 10)
	if err != nil || len(ids) != 1 {
		w.T.Fatalf("found %v, %v", ids, err)
	}
	err = second.Advance(w.T.Context(), ids[0])
	undecided := refusal != "" || (act == DeductAct && !safeKeys)
	if (err != nil) != undecided || (undecided && domain.KindOf(err) != domain.KindUnknown) {
		w.T.Errorf("the second worker ended with %v", err)
	}
	close(arrive)
	Await(w.T, "the first worker ends", ended)
	if err := first.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Rest(second)
	w.Ended(member, Race{})
}
