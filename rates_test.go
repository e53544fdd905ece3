package main

import (
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestRateChangesMeanwhile restarts the process with another rate while a conversion is on its way.
// covers: 004-34, H-23, T-04
func TestRateChangesMeanwhile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "CONVERT_WAIT=200ms", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms", "SHUTDOWN_TIMEOUT=100ms")
		// interrupted converts 500 points at 1.5 yen in a process that is stopped before the code is made.
		interrupted := func(b *procBed) (member string) {
			p := b.start("POINT_RATE=1.5")
			member = b.member(p)
			g := b.hold(createAct, sim.Before)
			answered := p.convert(member, "k-"+member)
			await(b.t, "the points are taken", g.reached)
			if got := await(b.t, "an answer", answered); got.status != http.StatusAccepted {
				b.t.Fatalf("%+v", got)
			}
			if balance, _ := b.out.pos.Balance(member); balance != 750 {
				b.t.Fatalf("%d points are left", balance)
			}
			p.terminate()
			await(b.t, "the process ends", p.ended)
			b.out.faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "INVALID"}) // for the call that is held
			g.open()
			return member
		}
		t.Run("when Shopify refuses, the points that were taken come back, at whatever rate", func(t *testing.T) {
			b := b.on(t)
			member := interrupted(b)
			b.out.faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "INVALID", Count: -1})
			p := b.start("POINT_RATE=3")
			b.ends(member, domain.Failed)
			p.terminate()
			await(b.t, "the process ends", p.ended)
			b.out.faults.Clear()
			entries := b.out.pos.Entries(member)
			if len(entries) != 2 || entries[0].Amount != -entries[1].Amount || entries[1].RelatedReference != entries[0].Reference {
				t.Fatalf("%+v", entries)
			}
			if balance, _ := b.out.pos.Balance(member); balance != 1250 {
				t.Fatalf("%d points", balance)
			}
		})
		t.Run("a new rate is for the next conversion only", func(t *testing.T) {
			b := b.on(t)
			member := interrupted(b)
			p := b.start("POINT_RATE=3", "CONVERT_WAIT=60s")
			old := b.ends(member, domain.Active)
			var got reply
			eventually(t, "the next conversion has its turn", func() bool {
				got = await(t, "an answer", p.convert(member, "next-"+member))
				return got.status != http.StatusConflict // a slow disk: ask again, as the answer says
			})
			if got.status != http.StatusCreated {
				t.Fatalf("%+v", got)
			}
			active := b.books(member)
			if len(active) != 2 || old.Amount.Minor != 750 || old.Points != 500 || active[0].Amount.Minor != 1500 {
				t.Fatalf("%+v", active)
			}
			if d, _ := b.out.shopify.DiscountByCode(old.Code); d.Amount != "750.0" {
				t.Fatalf("the store's code is worth %s", d.Amount)
			}
		})
	})
}

// ends waits until the member's one coupon has come to rest as it should.
func (b *procBed) ends(member string, as domain.Status) domain.Coupon {
	b.t.Helper()
	var list []domain.Coupon
	eventually(b.t, "the coupon comes to rest", func() bool {
		var err error
		if list, err = b.store.Listing.List(b.t.Context(), listing.Filter{CustomerID: member, Limit: 10}); err != nil {
			b.t.Fatal(err)
		}
		return len(list) == 1 && !list[0].Status.OnTheWay()
	})
	if list[0].Status != as {
		b.t.Fatalf("it ended as %s", list[0].Status)
	}
	return list[0]
}
