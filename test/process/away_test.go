package process

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestACommitWhoseAnswerIsLost: a commit of a conversion, the first, that of the points or that of the code, was made, or
// was not; nobody heard. Nobody is told that it failed, and with its key the request has one effect.
func TestACommitWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=20s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	w, through := newWire(t, b.Database.URL)
	p := b.Start("DATABASE_URL=" + through)
	for _, c := range []struct {
		commit string
		made   bool
	}{
		{"INSERT INTO coupons", true}, {"INSERT INTO coupons", false}, {domain.ActionPointsTaken, true},
		{domain.ActionPointsTaken, false}, {domain.ActionCouponActivated, true}, {domain.ActionCouponActivated, false},
	} {
		t.Run(fmt.Sprintf("with %s, made %v", c.commit, c.made), func(t *testing.T) {
			b := b.On(t)
			member := b.Member(p)
			gone := w.loseCommit(c.commit, c.made)
			answered := p.Convert(member, "lost-"+member)
			world.Await(t, "the commit's answer is lost", gone)
			told := world.Await(t, "an answer", answered)
			expect.MustThat(t,
				"told.Status == http.StatusCreated || "+
					"told.Status == http.StatusAccepted || "+
					"told.Status == http.StatusConflict && strings.Contains(…)",
				told.Status == http.StatusCreated ||
					told.Status == http.StatusAccepted ||
					told.Status == http.StatusConflict && strings.Contains(told.Raw, "_in_progress"), told.Status,
				p.Log.String)
			var again world.Reply
			world.Eventually(t, "the same key gets the coupon", func() bool {
				again = p.Post("/v1/customers/"+member+"/conversions", "lost-"+member, `{"points": 500}`)
				return again.Status == http.StatusCreated || again.Status == http.StatusAccepted
			})
			b.ConvertedOnce(p, member, "lost-"+member, again)
			if active := b.Books(member); len(active) != 1 || b.Codes(member) != 1 {
				t.Fatalf("%d coupons, %d codes", len(active), b.Codes(member))
			}
		})
	}
}

// TestACommitOfSeveralWhoseAnswerIsLost: points of several members are taken at the same moment, and their commits share
// one, which was made, or was not; nobody heard. Each request has one effect.
func TestACommitOfSeveralWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=20s", "POS_TIMEOUT=3s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=3500ms", "SETTLE_AFTER=3500ms")
	w, through := newWire(t, b.Database.URL)
	p := b.Start("DATABASE_URL=" + through)
	for _, made := range []bool{true, false} {
		t.Run(fmt.Sprintf("made %v", made), func(t *testing.T) {
			b := b.On(t)
			g := b.Hold(world.DeductAct, sim.Before)
			var members []string
			var answers []<-chan world.Reply
			for range 8 {
				member := b.Member(p)
				members, answers = append(members, member), append(answers, p.Convert(member, "several-"+member))
			}
			world.Await(t, "one is in the middle", g.Reached)
			gone := w.loseCommit(domain.ActionPointsTaken, made)
			g.Open()
			world.Await(t, "the commit's answer is lost", gone)
			for i, member := range members {
				world.Await(t, "an answer", answers[i])
				var again world.Reply
				world.Eventually(t, "the same key gets the coupon", func() bool {
					again = p.Post("/v1/customers/"+member+"/conversions", "several-"+member, `{"points": 500}`)
					return again.Status == http.StatusCreated || again.Status == http.StatusAccepted
				})
				b.ConvertedOnce(p, member, "several-"+member, again)
				expect.Equal(t, "codes", b.Codes(member), 1)
			}
			expect.Equal(t, "coupons", len(b.Books(members...)), len(members))
		})
	}
}

// TestADatabaseThatTakesNoWrites: a primary that became read-only is no fault of ours. Requests are told when to come
// again, readiness says so, and the same process works on when there is a primary again.
func TestADatabaseThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t))
	p := b.Start("DATABASE_URL=" + b.Database.URL + "&application_name=served")
	member := b.Member(p)
	b.ReadOnly("on")
	got := world.Await(t, "an answer", p.Convert(member, "ro-1"))
	expect.MustEqual(t, "got.Status", got.Status, http.StatusServiceUnavailable)
	expect.MustThat(t, "got.Raw to contain `\"temporarily_unavailable\"`",
		strings.Contains(got.Raw, `"temporarily_unavailable"`), got.Raw)
	expect.MustThat(t, `got.Header.Get("Retry-After") != ""`, got.Header.Get("Retry-After") != "")
	b.Readiness(p, http.StatusServiceUnavailable, `"writes"`)
	b.ReadOnly("off")
	b.Readiness(p, http.StatusOK, "ready")
	got = world.Await(t, "an answer", p.Convert(member, "ro-1"))
	expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated)
	if active := b.Books(member); len(active) != 1 {
		t.Fatalf("%d coupons", len(active))
	}
}

// TestRequestsInFlightWhenTheDatabaseRestarts: none of them is told that we broke, and no point is lost or taken twice.
func TestRequestsInFlightWhenTheDatabaseRestarts(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=20s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	p := b.Start("DATABASE_URL=" + b.Database.URL + "&application_name=served")
	db, name := b.Admin()
	members := make([]string, 6)
	for i := range members {
		members[i] = b.Member(p)
	}
	g := b.Hold(world.DeductAct, sim.Before)
	var wg sync.WaitGroup
	said := make(chan world.Reply, 4*len(members))
	for _, m := range members {
		wg.Go(func() {
			for range 4 {
				said <- p.Post("/v1/customers/"+m+"/conversions", "restart-"+m, `{"points": 500}`)
			}
		})
	}
	world.Await(t, "one is in the middle", g.Reached)
	for range 5 {
		b.CutOff(db, name)
	}
	g.Open()
	wg.Wait()
	close(said)
	for got := range said {
		switch got.Status {
		case http.StatusCreated, http.StatusAccepted, http.StatusConflict:
		case http.StatusServiceUnavailable:
			expect.That(t, `got.Header.Get("Retry-After") != ""`, got.Header.Get("Retry-After") != "")
		default:
			t.Errorf("%+v", got)
		}
	}
	for _, m := range members {
		var got world.Reply
		world.Eventually(t, "the same key gets the coupon", func() bool {
			got = p.Post("/v1/customers/"+m+"/conversions", "restart-"+m, `{"points": 500}`)
			return got.Status == http.StatusCreated || got.Status == http.StatusAccepted
		})
		b.ConvertedOnce(p, m, "restart-"+m, got)
	}
	if active := b.Books(members...); len(active) != len(members) {
		t.Fatalf("%d coupons", len(active))
	}
}

// TestADatabaseWhoseCommitsHang: it waits for a standby that is lost. Readiness does not wait with it, requests get an
// answer, and afterwards the books are right.
func TestADatabaseWhoseCommitsHang(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=1s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	w, through := newWire(t, b.Database.URL)
	p := b.Start("DATABASE_URL=" + through)
	first, member := b.Member(p), b.Member(p)
	world.Eventually(t, "the shop has been asked for its settings, and a coupon is made", func() bool {
		return p.Post("/v1/customers/"+first+"/conversions", "before-1",
			`{"points": 500}`).Status < http.StatusBadRequest
	})
	w.Hold()
	answered := p.Convert(member, "held-1")
	b.Readiness(p, http.StatusServiceUnavailable, `"writes"`)
	told := world.Await(t, "an answer", answered)
	expect.MustThat(t,
		"told.Status == http.StatusServiceUnavailable || "+
			"told.Status == http.StatusConflict || "+
			"told.Status == http.StatusAccepted",
		told.Status == http.StatusServiceUnavailable ||
			told.Status == http.StatusConflict ||
			told.Status == http.StatusAccepted, told.Status)
	w.free()
	w.cutAll()
	b.Readiness(p, http.StatusOK, "ready")
	var again world.Reply
	world.Eventually(t, "the same key gets the coupon", func() bool {
		again = p.Post("/v1/customers/"+member+"/conversions", "held-1", `{"points": 500}`)
		return again.Status == http.StatusCreated || again.Status == http.StatusAccepted
	})
	b.ConvertedOnce(p, member, "held-1", again)
	if active := b.Books(member); len(active) != 1 || b.Codes(member) != 1 {
		t.Fatalf("%d coupons, %d codes", len(active), b.Codes(member))
	}
}
