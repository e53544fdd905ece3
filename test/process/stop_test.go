package process

import (
	"net/http"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestStopWhileConverting asks a real process to stop while the outside holds a conversion up: it answers, it finishes,
// it ends well, and the next process finds everything.
// covers: 004-01, H-16
func TestStopWhileConverting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db)
		for _, c := range []struct {
			name   string
			act    string
			phase  sim.Phase
			wait   string
			status int
		}{
			{"the POS is slow", world.DeductAct, sim.Before, "60s", http.StatusCreated},
			{"the POS's answer is slow", world.DeductAct, sim.After, "60s", http.StatusCreated},
			{"Shopify is slow", world.CreateAct, sim.Before, "60s", http.StatusCreated},
			{"the POS outlasts the request", world.DeductAct, sim.Before, "200ms", http.StatusAccepted},
			{"Shopify outlasts the request", world.CreateAct, sim.After, "200ms", http.StatusAccepted},
		} {
			t.Run(c.name, func(t *testing.T) {
				b := b.On(t)
				p := b.Start("CONVERT_WAIT=" + c.wait)
				member := b.Member(p)
				g := b.Hold(c.act, c.phase)
				answered := p.ConvertUntil(member, "stop-"+member, g.Reached)
				p.Terminate()
				var got world.Reply
				if c.status == http.StatusAccepted {
					got = world.Await(t, "the request is answered while the process stops", answered)
				}
				select {
				case <-p.Ended:
					t.Fatal("the process did not wait for what was running")
				default:
				}
				g.Open()
				if c.status == http.StatusCreated {
					got = world.Await(t, "the request is answered", answered)
				}
				world.Await(t, "the process ends", p.Ended)
				if got.Err != nil || got.Status != c.status || p.Err != nil {
					t.Fatalf("answered %d %s %v, ended with %v\n%s", got.Status, got.Raw, got.Err, p.Err,
						p.Log.String())
				}
				b.ConvertedOnce(b.Start(), member, "stop-"+member, got)
			})
		}
	})
}

// TestStopThatCannotWait: an outside that never answers does not keep a process from stopping; the next one finishes
// the conversion, and what arrives late at the POS changes nothing.
// covers: H-14, T-10
func TestStopThatCannotWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		// The process has to give up while the call still waits for its answer, also where it hears late that it is to stop.
		b := world.NewProcesses(t, db, "POS_TIMEOUT=8s", "SHOPIFY_TIMEOUT=8s", "STEP_LEASE=8500ms", "SETTLE_AFTER=8500ms")
		for _, act := range []string{world.DeductAct, world.CreateAct} {
			t.Run(act, func(t *testing.T) {
				b := b.On(t)
				p := b.Start("CONVERT_WAIT=200ms", "SHUTDOWN_TIMEOUT=1200ms")
				member := b.Member(p)
				g := b.Hold(act, sim.Before)
				answered := p.ConvertUntil(member, "stop-"+member, g.Reached)
				p.Terminate()
				got := world.Await(t, "the request is answered while the process stops", answered)
				world.Await(t, "the process ends", p.Ended)
				if got.Err != nil || got.Status != http.StatusAccepted || p.Err == nil {
					t.Fatalf("answered %d %s %v, ended with %v", got.Status, got.Raw, got.Err, p.Err)
				}
				next := b.Start()
				b.ConvertedOnce(next, member, "stop-"+member, got)
				b.Late(act, g) // only now the POS or the store hears what the first process sent
				next.Terminate()
				world.Await(t, "the process ends", next.Ended)
				if b.Books(member); b.Codes(member) != 1 || next.Err != nil {
					t.Fatalf("%d codes, ended with %v", b.Codes(member), next.Err)
				}
			})
		}
	})
}
