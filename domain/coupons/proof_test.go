package coupons_test

import (
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

func TestACodeIsNotRemovedFromTheShopByOurClockAlone(t *testing.T) {
	t.Parallel()
	w := issued(t)
	w.out.behind = 400 * day // ours was set forward
	w.clock.Advance(400 * day)
	s := w.service(nil)
	err := s.Sweep(t.Context())
	if err != nil || len(w.db.jobs) == 0 {
		t.Fatalf("%d jobs, %v", len(w.db.jobs), err)
	}
	id := w.db.coupons[0].ID
	if err := s.RemoveDiscount(t.Context(), id); domain.ReasonOf(err) != "still_active" || len(w.out.codes) != 1 ||
		w.db.coupons[0].DiscountDeletedAt != nil {
		t.Errorf("%v, codes %v", err, w.out.codes)
	}
	for name, answer := range map[string]*domain.UpstreamError{
		"frozen": {Kind: domain.KindAuth, Reason: "http_402"}, "no such store": {Kind: domain.KindAuth,
			Reason: "http_404"},
		"away": {Kind: domain.KindUnavailable}, "nonsense": {Kind: domain.KindUnknown},
		"refused": {Kind: domain.KindRefused, Reason: "http_400"},
	} {
		w.out.refuse["finddiscount"] = answer
		if err := s.RemoveDiscount(t.Context(), id); !errors.Is(err, error(answer)) || len(w.out.codes) != 1 {
			t.Errorf("%s: %v, codes %v", name, err, w.out.codes)
		}
	}
	delete(w.out.refuse, "finddiscount")
	w.out.behind = 0
	if err := s.RemoveDiscount(t.Context(), id); err != nil || len(w.out.codes) != 0 {
		t.Errorf("once Shopify says so too: %v, codes %v", err, w.out.codes)
	}
}

// TestAConversionIsNotCalledFailedOnABareStatus: the first answer of the POS was lost, the points were taken; what
// stands between it and us then answers for it.
func TestAConversionIsNotCalledFailedOnABareStatus(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"http_403", "http_400", "route_missing"} {
		w := newWorld(t)
		w.pos = coupons.Capabilities{Replay: true}
		m := &couponstest.Mortal{LoseAt: 1, Inner: couponstest.Ports{Store: w.db, Ledger: w.out, Shop: w.out}}
		p := m.Ports()
		s := w.service(&p)
		w.out.onAct = func(act string) {
			if act == "deduct" && len(w.out.entries) == 1 {
				w.out.refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
					Reason: reason}
			}
		}
		_, _ = s.Convert(t.Context(), conversion(500, "k"))
		for range 5 {
			w.clock.Advance(time.Minute)
			_ = s.Advance(t.Context(), w.db.coupons[0].ID)
		}
		if c := w.db.coupons[0]; c.Status != domain.Pending || len(w.out.entries) != 1 {
			t.Fatalf("%s: %s with %d entries", reason, c.Status, len(w.out.entries))
		}
		w.out.onAct = nil
		delete(w.out.refuse, "deduct")
		w.clock.Advance(time.Minute)
		w.rest(s)
		if c := w.db.coupons[0]; c.Status != domain.Active || len(w.out.entries) != 1 {
			t.Errorf("%s: then %s with %d entries", reason, c.Status, len(w.out.entries))
		}
	}
}
