package coupons_test

import (
	"fmt"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// issuing is a code of a campaign that is asked for in a process which is cut off at a place; a new one goes on.
type issuing struct {
	name   string
	points int64
	to     func(*coupons.Issue)
	set    func(*world)
	must   func(*testing.T, *world)
	// dead happens between the death of the process and the next one, or where it does not die, after it.
	dead func(*world)
}

// stops has the campaign paused before an act takes effect.
func stops(act string) func(*world) {
	return func(w *world) { before(w, act, func() { w.Stop(0, campaigns.Paused) }) }
}

func stopped(w *world) { w.Stop(0, campaigns.Paused) }

// madeOrNot holds for a campaign that was paused on the way: a code that the shop was asked for stays, every other one is
// given up.
func madeOrNot(t *testing.T, w *world) {
	t.Helper()
	for _, c := range w.DB.Coupons {
		made := w.Out.Codes[c.Code] != nil
		if made && c.Status != domain.Active || !made && c.Status != domain.Failed {
			t.Errorf("%s is %s, in the shop: %v", c.Code, c.Status, made)
		}
	}
}

func issuings() []issuing {
	refused := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create", Reason: "invalid"}
	member, nothing := func(*coupons.Issue) {}, func(*world) {}
	return []issuing{
		{"a free code", 0, member, nothing, nil, nothing},
		{"a free code for a shopper", 0, toShopper, nothing, nil, nothing},
		{"a free code whose campaign is paused while the shop makes it", 0, member, stops("create"), madeOrNot, nothing},
		{"a free code whose campaign is paused after the death", 0, member, nothing, madeOrNot, stopped},
		{"a code that costs points, whose campaign is paused as they are taken", 300, member, stops("deduct"), madeOrNot,
			nothing},
		{"a code that costs points, whose campaign is paused after the death", 300, member, nothing, madeOrNot, stopped},
		{"a free code that Shopify refuses", 0, toShopper, func(w *world) { w.Out.Refuse["create"] = refused }, noCoupon, nothing},
		{"a code that costs points", 300, member, nothing, nil, nothing},
		{"a code that costs points and that Shopify refuses", 300, member,
			func(w *world) { w.Out.Refuse["create"] = refused }, noCoupon, nothing},
	}
}

// lived lives through one of them, and asks again with the same key at the end: still one effect.
func (i issuing) lived(t *testing.T, dieAt, loseAt int) *couponstest.Mortal {
	t.Helper()
	w := inCampaign(t, i.points)
	i.set(w)
	m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
	p := m.Ports()
	first := w.Service(&p)
	_, _ = first.Issue(t.Context(), asked("k1", i.to))
	if err := first.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dieAt == 0 {
		w.Rest(first)
	} else {
		m.Kill()
	}
	i.dead(w)
	paused, had := w.Campaigns[0].Status == campaigns.Paused, len(w.Out.Codes)
	w.Rest(w.Service(nil))
	w.Balanced()
	if i.must != nil {
		i.must(t, w)
	}
	_, _ = w.Service(nil).Issue(t.Context(), asked("k1", i.to))
	w.Rest(w.Service(nil))
	w.Balanced()
	if n := len(w.Out.Codes); paused && n != had {
		t.Errorf("the shop made a code for a campaign that was paused: %d, then %d", had, n)
	}
	if n := len(w.DB.Coupons); n > 1 {
		t.Errorf("one request made %d coupons", n)
	}
	if i.must == nil && (len(w.DB.Coupons) != 1 || w.DB.Coupons[0].Status != domain.Active) {
		t.Errorf("one active coupon was to come of it: %d", len(w.DB.Coupons))
	}
	return m
}

// TestCrashWalkOfIssuing dies at every place between asking and having a code, and loses every answer: never two codes
// for one key, never a code without its points, never points without their code.
func TestCrashWalkOfIssuing(t *testing.T) {
	t.Parallel()
	for _, i := range issuings() {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel()
			walked{places: 6, acts: 1}.everywhere(t, func(t *testing.T, dieAt, loseAt int) *couponstest.Mortal {
				t.Helper()
				return i.lived(t, dieAt, loseAt)
			})
		})
	}
}

// TestCrashWalkOfCancellingAFreeCode dies at every place of the ending of a code that cost nothing: it ends cancelled,
// and no points move.
func TestCrashWalkOfCancellingAFreeCode(t *testing.T) {
	t.Parallel()
	live := func(t *testing.T, dieAt, loseAt int) (places, acts int) {
		w := inCampaign(t, 0)
		got, err := w.Service(nil).Issue(t.Context(), asked("k1"))
		if err != nil {
			t.Fatal(err)
		}
		w.Rest(w.Service(nil))
		m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
		p := m.Ports()
		first := w.Service(&p)
		by := coupons.Cancellation{Caller: couponstest.Manager(), Code: got.Coupon.Code,
			Reason: domain.ReasonCustomerRequest, Key: "c1"}
		_, _ = first.Cancel(t.Context(), by)
		_ = first.Drain(t.Context())
		if dieAt > 0 {
			m.Kill()
		} else {
			w.Rest(first)
		}
		w.Rest(w.Service(nil))
		w.Balanced()
		_, _ = w.Service(nil).Cancel(t.Context(), by)
		w.Rest(w.Service(nil))
		w.Balanced()
		if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || len(w.DB.Movements) != 0 {
			t.Errorf("it ends %s with %d movements", c.Status, len(w.DB.Movements))
		}
		return m.Walked()
	}
	places, acts := live(t, 0, 0)
	for n := 0; n <= acts+2; n++ {
		for d := 0; d <= places+2; d++ {
			t.Run(fmt.Sprintf("lost %d, died %d", n, d), func(t *testing.T) {
				t.Parallel()
				live(t, d, n)
			})
		}
	}
}
