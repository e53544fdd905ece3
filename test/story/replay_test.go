package story

import (
	"net/http"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestAcceptedStaysAccepted repeats a request that was answered with "on its way" because the outside's answer was
// lost, while the queue has not finished it, and after it has.
// covers: H-16
func TestAcceptedStaysAccepted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "CONVERT_WAIT=60s")
		p := b.Start()
		member := b.Member(p)
		t.Run("the same request gets the same answer, before and after the end", func(t *testing.T) {
			b := b.On(t)
			b.Faults.Add(sim.Rule{Act: world.DeductAct, Mode: sim.LoseAnswer})
			g := b.Hold(world.CreateAct, sim.Before) // the queue gets this far, and no further until it is let
			first := world.Await(t, "an answer", p.Convert(member, "k"))
			world.Await(t, "the queue is at it", g.Reached)
			again := world.Await(t, "an answer", p.Convert(member, "k"))
			if first.Status != http.StatusAccepted || again.Status != http.StatusAccepted ||
				again.Header.Get("Idempotent-Replayed") != "true" ||
				again.Header.Get("Location") != first.Header.Get("Location") {
				t.Errorf("first %+v, again %+v", first, again)
			}
			g.Open()
			b.ConvertedOnce(p, member, "k", first)
		})
	})
}
