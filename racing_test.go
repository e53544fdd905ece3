package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// race is what the two workers of one coupon find.
type race struct {
	name              string
	safeKeys, refused bool
	// diedAt is where an earlier process died, so that the first worker is a job that has to find out what was done; 0
	// when the first worker is the request itself.
	diedAt int
}

// covers: H-12
func races() []race {
	return []race{
		{name: "a request", safeKeys: true},
		{name: "a request, keys not safe"},
		{name: "a request, Shopify refuses", safeKeys: true, refused: true},
		{name: "a request, Shopify refuses, keys not safe", refused: true},
		{name: "a job after a deduct", safeKeys: true, diedAt: 4},
		{name: "a job after a deduct, keys not safe", diedAt: 4},
		{name: "a job after a code was made", safeKeys: true, diedAt: 8},
		{name: "a job after a refusal", safeKeys: true, refused: true, diedAt: 8},
	}
}

// TestRacingWorkersForReal stops one worker at every commit and act there is, lets a second one take over while the first
// one only stands still, and then lets the first one go on, on both databases.
// covers: H-13, T-10
func TestRacingWorkersForReal(t *testing.T) {
	t.Parallel()
	for _, r := range races() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newWalkWorld(t, db, r.safeKeys)
				places := w.race(r, 0)
				if places < 6 {
					t.Fatalf("only %d places were found", places)
				}
				for n := 1; n <= places; n++ {
					t.Run(fmt.Sprintf("stands still at place %d of %d", n, places), func(t *testing.T) { w.on(t).race(r, n) })
				}
			})
		})
	}
}

// race lets the first worker stand still at a place while the second one does everything, and then go on.
func (w *walkWorld) race(r race, pauseAt int) (places int) {
	w.t.Helper()
	w.faults.Clear()
	if r.refused {
		w.faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	}
	member := w.member()
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member}
	work := func(s *coupons.Service) { _, _ = s.Convert(w.t.Context(), c) }
	if r.diedAt > 0 {
		work = w.job(c, r.diedAt)
	}
	p := newPaused(w.whole(), w.clock, pauseAt)
	first, second := w.service(p.ports()), w.service(w.whole())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(first)
	}()
	if pauseAt > 0 {
		await(w.t, "the first worker stands still", p.reached)
		w.rest(second)
		_, _ = second.Convert(w.t.Context(), c)
		w.rest(second)
		w.ended(member, r)
		close(p.goOn)
	}
	await(w.t, "the first worker ends", ended)
	if err := first.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if pauseAt == 0 {
		places = p.places()
	}
	w.rest(second)
	w.ended(member, r)
	return places
}

// job leaves a conversion as a process leaves it that dies, and gives the work of whoever finds it.
func (w *walkWorld) job(c coupons.Conversion, diedAt int) func(*coupons.Service) {
	w.t.Helper()
	m := &couponstest.Mortal{DieAt: diedAt, Inner: w.whole()}
	dead := w.service(m.Ports())
	_, _ = dead.Convert(w.t.Context(), c)
	if err := dead.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.clock.Advance(65 * time.Second) // past its lease, and past all that it may have sent
	ids, err := w.db.Stuck(w.t.Context(), w.clock.Now(), 100)
	if err != nil || len(ids) != 1 {
		w.t.Fatalf("the dead process left %v, %v", ids, err)
	}
	return func(s *coupons.Service) { _ = s.Advance(w.t.Context(), ids[0]) }
}

// ended checks that one request has one outcome: one deduct and one code, or neither.
func (w *walkWorld) ended(member string, r race) {
	w.t.Helper()
	want := domain.Active
	if r.refused {
		want = domain.Failed
	}
	if states := w.balanced(member); len(states) != 1 || states[0] != want {
		w.t.Errorf("one request ended in %v", states)
	}
	takes, codes := 0, 0
	for _, e := range w.till.Entries(member) {
		if strings.HasPrefix(e.Reference, "COUPON-") {
			takes++
		}
	}
	gid := "gid://shopify/Customer/" + fmt.Sprint(w.members)
	for _, d := range w.shop.Discounts() {
		if len(d.CustomerIDs) == 1 && d.CustomerIDs[0] == gid {
			codes++
		}
	}
	if takes != 1 || codes != map[bool]int{true: 0, false: 1}[r.refused] {
		w.t.Errorf("%d deducts, %d codes", takes, codes)
	}
}
