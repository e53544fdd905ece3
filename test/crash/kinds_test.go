package crash

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/pos/square"
	"pointbridge/integrations/sim"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// simulated is what every simulated vendor lets a test do.
type simulated interface {
	http.Handler
	Balance(id string) (int64, bool)
}

// clerk is what somebody does at a simulated vendor's till: adds a member, who has 1,250 points, and books by hand.
type clerk struct {
	add  func(id string)
	book func(id string, points int64)
}

// vendor is a kind of POS with its simulator.
type vendor struct {
	name string
	// client connects a client, which has a clock of its own, to a new simulator.
	client func(w *world.WalkWorld, now func() time.Time) (coupons.Ledger, coupons.Capabilities, simulated, clerk)
}

func vendors(t *testing.T) []vendor {
	return []vendor{
		{"square", func(w *world.WalkWorld, now func() time.Time) (coupons.Ledger, coupons.Capabilities, simulated, clerk) {
			server, err := simsquare.New(simsquare.Config{Token: "pos", Clock: w.Clock.Now, Faults: w.Faults})
			expect.MustEqual(t, "err", err, nil)
			client, err := square.New(square.Config{URL: w.Serve(server), Token: "pos", Timeout: world.Patience,
				Clock: now}, world.Client())
			expect.MustEqual(t, "err", err, nil)
			return client, client.Capabilities(), server, clerk{func(id string) { server.AddCustomer(id, "Member", 1250) },
				func(id string, points int64) { server.AdjustByHand(id, points, "goodwill") }}
		}},
		{"smaregi", func(w *world.WalkWorld, now func() time.Time) (coupons.Ledger, coupons.Capabilities, simulated, clerk) {
			server, err := simsmaregi.New(simsmaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret",
				Clock: w.Clock.Now, Faults: w.Faults, TokenLife: 1000 * time.Hour})
			expect.MustEqual(t, "err", err, nil)
			at := w.Serve(server)
			client, err := smaregi.New(smaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret", APIURL: at,
				TokenURL: at, Timeout: world.Patience, Clock: now}, world.Client())
			expect.MustEqual(t, "err", err, nil)
			return client, client.Capabilities(), server, clerk{func(id string) { server.AddCustomer(id, "Member", 1250) },
				func(id string, points int64) { server.ByHand(id, points) }}
		}},
	}
}

// TestLostAnswersAndDeathsWithEachVendor lets the simulated vendors lose answers, and processes die at every place,
// against the real clients and both databases: the points are in the coupon or with the member, once, and nobody is
// asked.
func TestLostAnswersAndDeathsWithEachVendor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for i, v := range vendors(t) {
			t.Run(v.name, func(t *testing.T) {
				w := world.NewWalkWorld(t, db, true)
				w.Members = 1000 * i // the vendors share a database
				ledger, promises, till, at := v.client(w, w.Clock.Now)
				w.Taken = func(member, _ string) bool {
					balance, _ := till.Balance(member)
					return balance == 750
				}
				ports := couponstest.Ports{Store: w.DB.Coupons, Ledger: ledger, Shop: w.Admin}
				if past, ok := ledger.(coupons.History); ok {
					ports.Past = past
				}
				process := func(p couponstest.Ports) *coupons.Service {
					s := w.Service(p)
					s.POS, s.History, s.Till = promises, p.Past, v.name
					s.Accounts, _ = ledger.(coupons.Accounts)
					return s
				}
				walk := func(t *testing.T, dieAt int) (places int) {
					t.Helper()
					member := w.On(t).Member()
					at.add(member)
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
					list, err := w.DB.Listing.List(t.Context(), listing.Filter{CustomerID: member, Limit: 10})
					expect.MustEqual(t, "err", err, nil)
					expect.MustEqual(t, "len(list)", len(list), 1, list)
					expect.Equal(t, "status", list[0].Status, domain.Active)
					balance, _ := till.Balance(member)
					st, _ := w.DB.Coupons.ByCode(t.Context(), list[0].Code)
					expect.Equal(t, "balance", balance, 750, st.Movements)
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
					at.add(member)
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
						st, err := w.DB.Coupons.ByCode(t.Context(), c.Code)
						expect.MustEqual(t, "err", err, nil)
						expect.Equal(t, "status", st.Coupon.Status, domain.Cancelled)
						balance, _ := till.Balance(member)
						expect.Equal(t, "balance", balance, 1250, st.Movements)
					})
				}
				if smaregi, ok := till.(*simsmaregi.Server); ok {
					t.Run("what can be read in two ways is kept for the person who decides", func(t *testing.T) {
						w.Faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
						s, member, c := convert(t)
						w.Faults.Clear()
						smaregi.ByHand(member, -500)
						w.Rest(s)
						list, err := w.DB.Reviews.Reviews(t.Context(), reviews.Filter{CustomerID: member, Limit: 10})
						expect.MustEqual(t, "err", err, nil)
						expect.MustEqual(t, "len(list)", len(list), 1, list)
						e := list[0].Evidence
						expect.MustThat(t, "there is evidence", e != nil)
						expect.Equal(t, "before", e.Before.Balance, 1250)
						expect.Equal(t, "found", e.Found.Balance, 250)
						expect.Equal(t, "entries", len(e.Found.Entries), 2)
						st, err := w.DB.Coupons.ByCode(t.Context(), c.Code)
						expect.MustEqual(t, "err", err, nil)
						expect.That(t, "it is parked", st.Coupon.ParkedAt != nil)
						expect.Equal(t, "codes", w.Shop.Usable(c.Code), false)
					})
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { walk(t, n) })
				}
			})
		}
	})
}
