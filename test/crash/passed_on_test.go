package crash

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/listing"
	"pointbridge/integrations/pos/square"
	"pointbridge/integrations/sim"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAPhoneNumberPassesToAnotherAccount: while the answer to a movement is missing, the seller gives the member's
// phone number to another account. The movement stays with the account that was asked, the points come back to it, and nobody
// else's are touched.
func TestAPhoneNumberPassesToAnotherAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, passesOn)
}

func passesOn(t *testing.T, db storetest.Database) {
	w := world.New(t, db, true)
	server, err := simsquare.New(simsquare.Config{Token: "pos", Clock: w.Clock.Now, Faults: w.Faults})
	expect.MustEqual(t, "err", err, nil)
	at := w.Serve(server)
	// process is a new one, which remembers nothing.
	process := func() *coupons.Service {
		client, err := square.New(square.Config{URL: at, Token: "pos", Timeout: world.Patience, Clock: w.Clock.Now},
			world.Client())
		expect.MustEqual(t, "err", err, nil)
		s := w.Service(couponstest.Ports{Store: w.Store.Coupons, Ledger: client, Shop: w.Admin})
		s.POS, s.Till, s.Accounts = client.Capabilities(), "square", client
		return s
	}
	for name, wait := range map[string]time.Duration{"at once": 0, "when Square may have forgotten the key": time.Hour} {
		for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore} {
			t.Run(name+", "+string(mode), func(t *testing.T) {
				member := w.On(t).Member()
				first := server.AddCustomer(member, "Member", 1250)
				w.Taken = func(string, string) bool { points, _ := server.Balance(first); return points == 750 }
				w.Faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode, Count: 1})
				s := process()
				_, _ = s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member,
					Points: 500, Key: "k-" + member})
				expect.MustEqual(t, "err", s.Drain(t.Context()), nil)
				from, to := server.PassOn(member, 1250)
				expect.MustEqual(t, "the account of before", from, first)
				if wait > 0 {
					server.ForgetKeys()
					w.Clock.Advance(wait)
				}
				points := func() [2]int64 {
					was, _ := server.Balance(first)
					is, _ := server.Balance(to)
					return [2]int64{was, is}
				}
				s = process()
				w.Rest(s)
				expect.Equal(t, "the points of both accounts", points(), [2]int64{750, 1250})
				list, err := w.Store.Listing.List(t.Context(), listing.Filter{CustomerID: member, Limit: 10})
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "coupons", len(list), 1)
				expect.MustEqual(t, "its status", list[0].Status, domain.Active)
				_, err = s.Cancel(t.Context(), couponstest.Cancellation(list[0].Code, "c-"+member))
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "err", s.Drain(t.Context()), nil)
				w.Rest(s)
				expect.Equal(t, "the points after a cancellation", points(), [2]int64{1250, 1250})
			})
		}
	}
}
