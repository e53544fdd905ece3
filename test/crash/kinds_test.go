package crash

import (
	"fmt"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestLostAnswersAndDeathsWithEachVendor lets the simulated vendors lose answers, and processes die at every place,
// against the real clients and both databases: the points are in the coupon or with the member, once, and nobody is
// asked.
func TestLostAnswersAndDeathsWithEachVendor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for i, name := range world.Vendors() {
			t.Run(name, func(t *testing.T) {
				w := world.New(t, db, true)
				w.Members = 1000 * i // the vendors share a database
				v := w.Vendor(name, w.Clock.Now)
				w.Taken = func(member, _ string) bool { return v.Balance(member) == 750 }
				ports := v.Ports(w)
				process := func(p couponstest.Ports) *coupons.Service { return v.Of(w.Service(p), p) }
				walk := func(t *testing.T, dieAt int) (places int) {
					t.Helper()
					member := w.On(t).Member()
					v.Add(member)
					c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500,
						Key: "k-" + member}
					m := &couponstest.Mortal{DieAt: dieAt, Inner: ports}
					first := process(m.Ports())
					_, _ = first.Convert(t.Context(), c)
					expect.MustEqual(t, "err", first.Drain(t.Context()), nil)
					if dieAt != 0 {
						m.Kill()
					}
					w.Faults.Clear()
					second := process(ports)
					w.Rest(second)
					if _, err := second.Convert(t.Context(), c); err != nil {
						t.Fatal(err) // the client that got no answer asks again with its key
					}
					w.Rest(second)
					list, err := w.Store.Listing.List(t.Context(), listing.Filter{CustomerID: member, Limit: 10})
					expect.MustEqual(t, "err", err, nil)
					expect.MustEqual(t, "len(list)", len(list), 1, list)
					expect.Equal(t, "status", list[0].Status, domain.Active)
					st, _ := w.Store.Coupons.ByCode(t.Context(), list[0].Code)
					expect.Equal(t, "balance", v.Balance(member), 750, st.Movements)
					places, _ = m.Walked()
					return places
				}
				places := walk(t, 0)
				expect.MustThat(t, "places >= 10", places >= 10, places)
				for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.InternalAfter, sim.Internal,
					sim.BrokenAnswer} {
					t.Run(fmt.Sprintf("the answer to the take: %s", mode), func(t *testing.T) {
						w.Faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
						walk(t, 0)
					})
				}
				convert := func(t *testing.T) (s *coupons.Service, member string, c domain.Coupon) {
					t.Helper()
					member = w.On(t).Member()
					v.Add(member)
					s = process(ports)
					got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"},
						CustomerID: member, Points: 500, Key: "k-" + member})
					expect.MustEqual(t, "err", err, nil)
					expect.MustEqual(t, "err", s.Drain(t.Context()), nil)
					return s, member, got.Coupon
				}
				for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore, sim.InternalAfter} {
					t.Run(fmt.Sprintf("the answer to the credit: %s", mode), func(t *testing.T) {
						s, member, c := convert(t)
						w.Faults.Add(sim.Rule{Act: "pos.add", Mode: mode})
						_, err := s.Cancel(t.Context(), couponstest.Cancellation(c.Code, "c-"+member))
						expect.MustEqual(t, "err", err, nil)
						expect.MustEqual(t, "err", s.Drain(t.Context()), nil)
						w.Rest(s)
						w.Faults.Clear()
						w.Rest(s)
						st, err := w.Store.Coupons.ByCode(t.Context(), c.Code)
						expect.MustEqual(t, "err", err, nil)
						expect.Equal(t, "status", st.Coupon.Status, domain.Cancelled)
						expect.Equal(t, "balance", v.Balance(member), 1250, st.Movements)
					})
				}
				if name == "smaregi" {
					t.Run("what can be read in two ways is kept for the person who decides", func(t *testing.T) {
						w.Faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
						s, member, c := convert(t)
						w.Faults.Clear()
						v.ByHand(member, -500)
						w.Rest(s)
						list, err := w.Store.Reviews.Reviews(t.Context(), reviews.Filter{CustomerID: member, Limit: 10})
						expect.MustEqual(t, "err", err, nil)
						expect.MustEqual(t, "len(list)", len(list), 1, list)
						e := list[0].Evidence
						expect.MustThat(t, "there is evidence", e != nil)
						expect.Equal(t, "before", e.Before.Balance, 1250)
						expect.Equal(t, "found", e.Found.Balance, 250)
						expect.Equal(t, "entries", len(e.Found.Entries), 2)
						st, err := w.Store.Coupons.ByCode(t.Context(), c.Code)
						expect.MustEqual(t, "err", err, nil)
						expect.That(t, "it is parked", st.Coupon.ParkedAt != nil)
						expect.Equal(t, "codes", w.Shopify.Usable(c.Code), false)
					})
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { walk(t, n) })
				}
			})
		}
	})
}
