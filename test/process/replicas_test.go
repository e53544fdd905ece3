package process

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTwoProcesses runs two replicas as processes of their own on one database.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=60s")
	one, two := b.Start(), b.Start()
	t.Run("both answer, and each sees what the other made", func(t *testing.T) {
		b := b.On(t)
		member := b.Member(one)
		for i, p := range []*world.Proc{one, two} {
			got := world.Await(t, "an answer", p.Convert(member, fmt.Sprint("each-", i)))
			expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated)
		}
		for _, p := range []*world.Proc{one, two} {
			got := p.POS().Do("GET", "/v1/customers/"+member+"/coupons", "", "")
			items, _ := got.Body["items"].([]any)
			expect.MustEqual(t, "len(items)", len(items), 2, got.Status, got.Raw)
		}
		if active := b.Books(member); len(active) != 2 || b.Codes(member) != 2 {
			t.Fatalf("%d coupons, %d codes", len(active), b.Codes(member))
		}
	})
	t.Run("the same key while the other replica is at it is told so, and afterwards the first answer",
		func(t *testing.T) {
			b := b.On(t)
			member := b.Member(one)
			g := b.Hold(world.DeductAct, sim.After)
			first := one.Convert(member, "both")
			world.Await(t, "the act is reached", g.Reached)
			got := world.Await(t, "an answer", two.Convert(member, "both"))
			expect.MustEqual(t, "got.Status", got.Status, http.StatusConflict)
			expect.MustThat(t, "got.Raw to contain `\"request_in_progress\"`",
				strings.Contains(got.Raw, `"request_in_progress"`), got.Raw)
			expect.MustThat(t, `got.Header.Get("Retry-After") != ""`, got.Header.Get("Retry-After") != "")
			g.Open()
			made := world.Await(t, "an answer", first)
			again := world.Await(t, "an answer", two.Convert(member, "both"))
			active := b.Books(member)
			if len(active) != 1 || b.Codes(member) != 1 || made.Status != http.StatusCreated ||
				again.Status != http.StatusCreated ||
				again.Header.Get("Idempotent-Replayed") != "true" || !strings.Contains(again.Raw, active[0].Code) {
				t.Fatalf("%d coupons, %+v, then %+v", len(active), made, again)
			}
		})
	t.Run("the same key sent to both at once, many times, has one effect", func(t *testing.T) {
		b := b.On(t)
		for round := range 10 {
			b.SameKeyAtOnce(fmt.Sprint("race-", round), one, two)
		}
	})
}

// TestKilledReplica kills one replica in the middle of a conversion: the other one, which was never told, finishes it,
// and whatever the dead one had sent takes effect before or after that.
// covers: H-13, T-10
func TestKilledReplica(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=60s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms", "SWEEP_EVERY=500ms")
	survivor := b.Start()
	for _, act := range []string{world.DeductAct, world.CreateAct} {
		for _, phase := range []sim.Phase{sim.Before, sim.After} {
			for _, late := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s it takes effect, heard late %v", act, phase, late), func(t *testing.T) {
					b := b.On(t)
					victim := b.Start()
					member := b.Member(victim)
					key := "kill-" + member
					g := b.Hold(act, phase)
					answered := victim.ConvertUntil(member, key, g.Reached)
					b.NoSweepRuns()
					victim.Kill()
					// On a slow machine the victim may have given up on the held call before it died: then it has said
					// "under way".
					told := world.Await(t, "the connection breaks", answered)
					if told.Err == nil && told.Status != http.StatusAccepted {
						t.Fatalf("a dead process answered %+v", told)
					}
					if !late {
						g.Open()
					}
					b.ConvertedOnce(survivor, member, key, told)
					if late && phase == sim.Before {
						b.Late(act, g)
					}
					g.Open()
					if active := b.Books(member); len(active) != 1 || b.Codes(member) != 1 {
						t.Fatalf("%d coupons, %d codes", len(active), b.Codes(member))
					}
				})
			}
		}
	}
}
