package command

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// runPOS runs a command about the POS and returns what it printed.
func runPOS(t *testing.T, env []string, want int, args ...string) string {
	t.Helper()
	var out, errs world.LockedBuffer
	if code := commands.Run(t.Context(), append([]string{"pos"}, args...), env, &out, &errs); code != want {
		t.Fatalf("pos %v: exit %d, want %d: %s%s", args, code, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

func contains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		expect.That(t, "the text to say "+want, strings.Contains(text, want), text)
	}
}

// tellsOf keeps the settings that the commands say they need, and no other.
func tellsOf(env []string) (few []string) {
	for _, line := range env {
		if strings.HasPrefix(line, "POS_") || strings.HasPrefix(line, "DATABASE_") {
			few = append(few, line)
		}
	}
	return few
}

func TestAPOSIsTriedOutWithAMemberWhoIsAtRest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		w.POS.AddCustomer("5550001111", "Test", 50)
		env := tellsOf(w.Env)
		contains(t, runPOS(t, env, 0, "check"), "held      unknown_member", "Nothing was moved")
		expect.MustEqual(t, "entries after a question", len(w.POS.AllEntries()), 0)
		text := runPOS(t, env, 0, "check", "--member", "5550001111")
		contains(t, text, "held      replay_key", "held      look_up", "held      below_zero",
			"The balance was 50 and is 50.", "What follows: POS_REPLAY=key POS_LOOKUP=exact.", "The POS keeps what Pointbridge relies on")
		points, _ := w.POS.Balance("5550001111")
		expect.MustEqual(t, "points", points, 50)
		expect.That(t, "no points of the name", !strings.Contains(text, "Test"))

		w.Faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Status, Count: -1})
		_, err := w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
			Role: domain.RolePOS}, CustomerID: world.HookMember, Points: 100, Key: "k1"})
		expect.MustEqual(t, "err", err, nil)
		before := len(w.POS.AllEntries())
		contains(t, runPOS(t, env, 2, "check", "--member", world.HookMember), "coupons under way")
		expect.MustEqual(t, "entries after a refusal", len(w.POS.AllEntries()), before)
	})
}

func TestWhatAPOSDoesNotKeepIsNamedWithTheSettingsThatFollow(t *testing.T) {
	t.Parallel()
	server, err := simpos.New(simpos.Config{Token: "token", IgnoreKeys: true, IgnoreReferences: true, NoLookup: true})
	expect.MustEqual(t, "err", err, nil)
	server.AddCustomer("m1", "Test", 20)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	env := []string{"POS_URL=" + s.URL, "POS_TOKEN=token"}
	args := []string{"check", "--member", "m1", "--without-books"}
	contains(t, runPOS(t, env, 1, args...), "not_held  replay_key        it was booked twice",
		"What follows: POS_REPLAY=none POS_LOOKUP=none. Set is: POS_REPLAY=key POS_LOOKUP=exact.",
		"NOT KEPT: replay_key, look_up.", "The balance was 20 and is 20.")
	server.AddCustomer("m2", "Test", 2)
	for member, says := range map[string]string{"m9": "the POS has no such member", "m2": "too few points"} {
		text := runPOS(t, env, 2, "check", "--member", member, "--without-books")
		contains(t, text, says, "NOT TOLD: ")
		expect.That(t, "no advice from what was not tried", !strings.Contains(text, "What follows"), text)
	}
	careful := append(env, "POS_REPLAY=none", "POS_LOOKUP=none")
	var said struct {
		Name    string            `json:"name"`
		NotKept []string          `json:"not_kept"`
		Follows map[string]string `json:"follows"`
		Owed    []any             `json:"owed"`
	}
	var out, errs world.LockedBuffer
	code := commands.Run(t.Context(), append([]string{"pos"}, append(args, "--json")...), careful, &out, &errs)
	expect.MustEqual(t, "exit code", code, 0, out.String())
	expect.MustEqual(t, "unreadable", json.Unmarshal([]byte(out.String()), &said), nil)
	expect.MustEqual(t, "not kept", len(said.NotKept), 0)
	expect.MustEqual(t, "owed", len(said.Owed), 0)
	expect.MustEqual(t, "POS_REPLAY", said.Follows["POS_REPLAY"], "none")
	contains(t, errs.String(), "CHECK-"+said.Name)

	contains(t, runPOS(t, env, 2, "check", "--member", "m1"), "DATABASE_URL is not set")
	text := runPOS(t, nil, 2, "check")
	contains(t, text, "POS_URL is not set", "POS_TOKEN is not set")
	expect.That(t, "no fault of what is not needed", !strings.Contains(text, "SHOPIFY"), text)
}

func TestAMovementIsTracedOnEitherSide(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		w.Start()
		env := tellsOf(w.Env)
		var got coupons.Result
		world.Eventually(t, "there is a coupon", func() bool {
			var err error
			got, err = w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
				Role: domain.RolePOS}, CustomerID: world.HookMember, Points: 100, Key: "k1"})
			expect.MustEqual(t, "err", err, nil)
			return got.Done
		})
		reference := domain.TakeReference(got.Coupon.Code)
		text := runPOS(t, env, 0, "trace", reference)
		contains(t, text, "of member "+world.HookMember+": active", "applied take of 100 points", "-100 points",
			"Both say the same.")
		for _, personal := range []string{"Yamada", "member@example.com"} {
			expect.That(t, "no "+personal, !strings.Contains(text, personal), text)
		}
		if _, err := w.App.Store.DB().ExecContext(t.Context(),
			"UPDATE movements SET entry_id = 'another' WHERE coupon_id > 0"); err != nil {
			t.Fatal(err)
		}
		contains(t, runPOS(t, env, 1, "trace", reference), "THEY DIFFER")
		contains(t, runPOS(t, env, 1, "trace", reference, "--json"), `"verdict": "not_held"`)
		contains(t, runPOS(t, env, 2, "trace", "COUPON-70934-ZZZZZZ-100"), "our books have no movement")
		w.POS.AddCustomer("5550001111", "Test", 50)
		runPOS(t, env, 0, "check", "--member", "5550001111")
		for _, e := range w.POS.Entries("5550001111") {
			text := runPOS(t, env, 0, "trace", e.Reference, "--member", "5550001111")
			contains(t, text, "entry "+e.ID, "It stands in the POS.")
		}
		contains(t, runPOS(t, env, 1, "trace", "CHECK-22222222-1-1", "--member", "5550001111"), "no such entry")
		contains(t, runPOS(t, env, 2, "trace", reference, "--member", "5550001111"), "no reference of a check")
	})
}
