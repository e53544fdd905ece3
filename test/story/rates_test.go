package story

import (
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestRateChangesMeanwhile restarts the process with another rate while a conversion is on its way.
// covers: 004-34, H-23, T-04
func TestRateChangesMeanwhile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		// The call that is held outlasts whoever waits for it, and not the process, which would send it again.
		b := world.NewProcesses(t, db, "CONVERT_WAIT=200ms", "POS_TIMEOUT=3s", "SHOPIFY_TIMEOUT=3s", "STEP_LEASE=3500ms",
			"SETTLE_AFTER=3500ms", "SHUTDOWN_TIMEOUT=100ms")
		// interrupted converts 500 points at 1.5 yen in a process that is stopped before the code is made.
		interrupted := func(b *world.Processes) (member string) {
			p := b.Start("POINT_RATE=1.5")
			member = b.Member(p)
			g := b.Hold(world.CreateAct, sim.Before)
			answered := p.ConvertUntil(member, "k-"+member, g.Reached)
			got := world.Await(b.T, "an answer", answered)
			expect.MustEqual(b.T, "got.Status", got.Status, http.StatusAccepted)
			if balance, _ := b.POS.Balance(member); balance != 750 {
				b.T.Fatalf("%d points are left", balance)
			}
			p.Terminate()
			world.Await(b.T, "the process ends", p.Ended)
			b.Faults.Add(sim.Rule{Act: world.CreateAct, Mode: sim.Refuse,
				Reason: "INVALID"}) // for the call that is held
			g.Open()
			return member
		}
		t.Run("when Shopify refuses, the points that were taken come back, at whatever rate", func(t *testing.T) {
			b := b.On(t)
			member := interrupted(b)
			b.Faults.Add(sim.Rule{Act: world.CreateAct, Mode: sim.Refuse, Reason: "INVALID", Count: -1})
			p := b.Start("POINT_RATE=3")
			b.Ends(member, domain.Failed)
			p.Terminate()
			world.Await(b.T, "the process ends", p.Ended)
			b.Faults.Clear()
			entries := b.POS.Entries(member)
			expect.MustEqual(t, "len(entries)", len(entries), 2, entries)
			expect.MustEqual(t, "entries[0].Amount", entries[0].Amount, -entries[1].Amount)
			expect.MustEqual(t, "entries[1].RelatedReference", entries[1].RelatedReference, entries[0].Reference)
			if balance, _ := b.POS.Balance(member); balance != 1250 {
				t.Fatalf("%d points", balance)
			}
		})
		t.Run("a new rate is for the next conversion only", func(t *testing.T) {
			b := b.On(t)
			member := interrupted(b)
			p := b.Start("POINT_RATE=3", "CONVERT_WAIT=60s")
			old := b.Ends(member, domain.Active)
			var got world.Reply
			world.Eventually(t, "the next conversion has its turn", func() bool {
				got = world.Await(t, "an answer", p.Convert(member, "next-"+member))
				return got.Status != http.StatusConflict // a slow disk: ask again, as the answer says
			})
			expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated)
			active := b.Books(member)
			expect.MustEqual(t, "len(active)", len(active), 2, active)
			expect.MustEqual(t, "old.Amount.Minor", old.Amount.Minor, 750)
			expect.MustEqual(t, "old.Points", old.Points, 500)
			expect.MustEqual(t, "active[0].Amount.Minor", active[0].Amount.Minor, 1500)
			if d, _ := b.Shopify.DiscountByCode(old.Code); d.Amount != "750.0" {
				t.Fatalf("the store's code is worth %s", d.Amount)
			}
		})
	})
}
