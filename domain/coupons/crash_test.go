package coupons_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// scene is what happens outside while the process lives and dies.
type scene struct {
	name string
	set  func(*world)
	// must says what must have come of it; nil means one active coupon.
	must func(*testing.T, *world)
	// asked says that the POS can be asked, so that nothing is left to a person.
	asked bool
	// twin says that the saga does the same in another scene: one loss at a time is enough.
	twin bool
}

// scenes are a conversion that goes well and one that Shopify refuses, with each kind of POS.
// covers: H-12
func scenes() (list []scene) {
	refused := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create", Reason: "invalid"}
	for _, p := range couponstest.Promises() {
		asked, twin := p.POS.Lookup != coupons.LookupNone, p.POS.Lookup == coupons.LookupScan
		list = append(list,
			scene{name: "all goes well, the POS has " + p.Name, asked: asked, twin: twin,
				set: func(w *world) { w.Promise(p.POS) }},
			scene{name: "Shopify refuses for good, the POS has " + p.Name, asked: asked, twin: twin,
				must: noCoupon, set: func(w *world) {
					w.Out.Refuse["create"] = refused
					w.Promise(p.POS)
				}})
	}
	return list
}

func noCoupon(t *testing.T, w *world) {
	t.Helper()
	for _, c := range w.DB.Coupons {
		if c.Status == domain.Active {
			t.Errorf("%s is active", c.Code)
		}
	}
}

// live runs one conversion in a process that is cut off at a place, then starts a new one on what is left.
func live(t *testing.T, sc scene, dieAt, loseAt int) *couponstest.Mortal {
	t.Helper()
	w := couponstest.NewWorld(t)
	sc.set(w)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
	p := m.Ports()
	first := w.Service(&p)
	_, _ = first.Convert(t.Context(), couponstest.Conversion(500, "k1"))
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		// The same process goes on working; the answer lost at one act is all that went wrong.
		w.Rest(first)
	} else {
		m.Kill()
	}
	w.Rest(w.Service(nil))
	if n := w.ByHand(w.Service(nil)); n > 0 && sc.asked {
		t.Errorf("%d times a person was asked for what the POS says", n)
	}
	w.Balanced()
	if sc.must != nil {
		sc.must(t, w)
	}
	// The client that got no answer asks again with its key: still one effect.
	_, _ = w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1"))
	w.Rest(w.Service(nil))
	w.Balanced()
	if n := len(w.DB.Coupons); n > 1 {
		t.Errorf("one request made %d coupons", n)
	}
	return m
}

// TestCrashWalk dies at every place there is, and loses every answer there is.
// covers: H-14, T-10
func TestCrashWalk(t *testing.T) {
	t.Parallel()
	for _, sc := range scenes() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			walked{places: 10, acts: 2, once: sc.twin}.everywhere(t, func(t *testing.T, dieAt, loseAt int) *couponstest.Mortal {
				t.Helper()
				return live(t, sc, dieAt, loseAt)
			})
		})
	}
}

// TestRacingWorkers lets two processes work on everything that a dead one left, at the same time.
func TestRacingWorkers(t *testing.T) {
	t.Parallel()
	for _, sc := range scenes() {
		places, _ := live(t, sc, 0, 0).Walked()
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("%s, died at place %d", sc.name, n), func(t *testing.T) {
				t.Parallel()
				w := couponstest.NewWorld(t)
				sc.set(w)
				m := &couponstest.Mortal{DieAt: n, Inner: w.Whole()}
				p := m.Ports()
				dead := w.Service(&p)
				_, _ = dead.Convert(t.Context(), couponstest.Conversion(500, "k1"))
				w.Buried(m, dead)
				a, b := w.Service(nil), w.Service(nil)
				for range 20 {
					w.Clock.Advance(11 * time.Second)
					ids, _ := w.DB.Stuck(t.Context(), w.Clock.Now(), 10)
					var wg sync.WaitGroup
					for _, s := range []*coupons.Service{a, b, a, b} {
						for _, id := range ids {
							wg.Go(func() { _ = s.Advance(t.Context(), id) })
						}
					}
					wg.Wait()
				}
				w.Rest(a)
				w.ByHand(a)
				w.Balanced()
				if sc.must != nil {
					sc.must(t, w)
				}
			})
		}
	}
}
