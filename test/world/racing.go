package world

import (
	"fmt"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/sim"
)

// Race is what the two workers of one coupon find.
type Race struct {
	Name              string
	SafeKeys, Refused bool
	// DiedAt is where an earlier process died, so that the first worker is a job that has to find out what was done; 0
	// when the first worker is the request itself.
	DiedAt int
}

// Race lets the first worker stand still at a place while the second one does everything, and then go on.
func (w *World) Race(r Race, pauseAt int) (places int) {
	w.T.Helper()
	w.Faults.Clear()
	if r.Refused {
		w.Faults.Add(sim.Rule{Act: CreateAct, Mode: sim.Refuse, Reason: "INVALID", Count: -1})
	}
	member := w.Member()
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member, Points: 500, Key: "k-" + member}
	work := func(s *coupons.Service) { _, _ = s.Convert(w.T.Context(), c) }
	if r.DiedAt > 0 {
		work = w.job(c, r.DiedAt)
	}
	p := newPaused(w.Whole(), w.Clock, pauseAt)
	first, second := w.Service(p.ports()), w.Service(w.Whole())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(first)
	}()
	if pauseAt > 0 {
		Await(w.T, "the first worker stands still", p.reached)
		w.Rest(second)
		_, _ = second.Convert(w.T.Context(), c)
		w.Rest(second)
		w.Ended(member, r)
		close(p.goOn)
	}
	Await(w.T, "the first worker ends", ended)
	if err := first.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	if pauseAt == 0 {
		places = p.places()
	}
	w.Rest(second)
	w.Ended(member, r)
	return places
}

// job leaves a conversion as a process leaves it that dies, and gives the work of whoever finds it.
func (w *World) job(c coupons.Conversion, diedAt int) func(*coupons.Service) {
	w.T.Helper()
	m := &couponstest.Mortal{DieAt: diedAt, Inner: w.Whole()}
	dead := w.Service(m.Ports())
	_, _ = dead.Convert(w.T.Context(), c)
	if err := dead.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Clock.Advance(65 * time.Second) // past its lease, and past all that it may have sent
	ids, err := w.Store.Backlog.Stuck(w.T.Context(), w.Clock.Now(), 100)
	if err != nil || len(ids) != 1 {
		w.T.Fatalf("the dead process left %v, %v", ids, err)
	}
	return func(s *coupons.Service) { _ = s.Advance(w.T.Context(), ids[0]) }
}

// Ended checks that one request has one outcome: one deduct and one code, or neither.
func (w *World) Ended(member string, r Race) {
	w.T.Helper()
	want := domain.Active
	if r.Refused {
		want = domain.Failed
	}
	if states := w.Balanced(member); len(states) != 1 || states[0] != want {
		w.T.Errorf("one request ended in %v", states)
	}
	takes, codes := 0, 0
	for _, e := range w.POS.Entries(member) {
		if strings.HasPrefix(e.Reference, "COUPON-") {
			takes++
		}
	}
	gid := "gid://shopify/Customer/" + fmt.Sprint(w.Members)
	for _, d := range w.Shopify.Discounts() {
		if len(d.CustomerIDs) == 1 && d.CustomerIDs[0] == gid {
			codes++
		}
	}
	if takes != 1 || codes != map[bool]int{true: 0, false: 1}[r.Refused] {
		w.T.Errorf("%d deducts, %d codes", takes, codes)
	}
}
