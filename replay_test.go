package main

import (
	"net/http"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestAcceptedStaysAccepted repeats a request that was answered with "on its way" because the outside's answer was lost,
// while the queue has not finished it, and after it has.
// covers: H-16
func TestAcceptedStaysAccepted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "CONVERT_WAIT=60s")
		p := b.start()
		member := b.member(p)
		t.Run("the same request gets the same answer, before and after the end", func(t *testing.T) {
			b := b.on(t)
			b.out.faults.Add(sim.Rule{Act: deductAct, Mode: sim.LoseAnswer})
			g := b.hold(createAct, sim.Before) // the queue gets this far, and no further until it is let
			first := await(t, "an answer", p.convert(member, "k"))
			await(t, "the queue is at it", g.reached)
			again := await(t, "an answer", p.convert(member, "k"))
			if first.status != http.StatusAccepted || again.status != http.StatusAccepted || again.header.Get("Idempotent-Replayed") != "true" ||
				again.header.Get("Location") != first.header.Get("Location") {
				t.Errorf("first %+v, again %+v", first, again)
			}
			g.open()
			b.settledOnce(p, member, "k", first)
		})
	})
}
