package command

import (
	"testing"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAnotherPOSWhileAMovementIsOpen: the answer to a take was lost, and the settings name another POS at the next
// start. The service does not start, says why and what can be done; each of these can be done.
func TestAnotherPOSWhileAMovementIsOpen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		w.Faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer, Count: -1})
		_, err := w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
			Role: domain.RolePOS}, CustomerID: world.HookMember, Points: 500, Key: "k1"})
		expect.MustEqual(t, "err", err, nil)
		at := func(settings ...string) []string { return append(append([]string{}, w.Env...), settings...) }
		vendor := at("POS_KIND=square", "POS_URL=", "POS_SANDBOX=true")
		refuses := func(env []string, wanted ...string) {
			t.Helper()
			var out, errs world.LockedBuffer
			code := commands.Run(t.Context(), []string{"serve"}, append(env, "HTTP_ADDR=127.0.0.1:0"), &out, &errs)
			expect.MustEqual(t, "the exit code of serve", code, 1, out.String()+errs.String())
			contains(t, errs.String(), append(wanted, "1 with generic http://127.0.0.1:", "pos moved --same",
				"pos moved --review")...)
		}
		refuses(vendor, `the POS "square sandbox"`)
		moved := at("POS_URL=http://127.0.0.1:1/elsewhere")
		refuses(moved, `the POS "generic http://127.0.0.1:1/elsewhere"`)
		contains(t, runPOS(t, vendor, 1, "moved"), "say one of --same and --review")
		contains(t, runPOS(t, moved, 0, "moved", "--same"),
			"1 open movements are those of generic http://127.0.0.1:1/elsewhere")
		contains(t, runPOS(t, w.Env, 0, "moved", "--same"), "1 open movements are those of generic http://127.0.0.1:")
		contains(t, runPOS(t, vendor, 0, "moved", "--review"), "1 coupons lie before a person; 0 are left")
		list, err := w.App.Store.Listing.List(t.Context(), listing.Filter{CustomerID: world.HookMember, Limit: 10})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "coupons", len(list), 1)
		expect.That(t, "it is parked", list[0].ParkedAt != nil)
		asked, err := w.App.Store.Reviews.Reviews(t.Context(), reviews.Filter{Kind: reviews.Unsettled, Status: "open",
			Limit: 10})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "cases", len(asked), 1)
		contains(t, runPOS(t, vendor, 0, "moved", "--review"), "0 coupons lie before a person")
		expect.Equal(t, "what the till booked", len(w.POS.AllEntries()), 1)
	})
}
