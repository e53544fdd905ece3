package coupons_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
)

// TestTooLate: a coupon whose end comes before its making is settled was never anybody's: the points go back.
// covers: 000-05, T-01
func TestTooLate(t *testing.T) {
	t.Parallel()
	unknown := &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
	for name, made := range map[string]bool{"the code was never made": false,
		"the code was made, and the answer lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.policy.Validity = time.Hour
			s := w.service(&couponstest.Ports{Store: w.db, Ledger: w.out, Shop: lostCreate{w.out, func(string) {}}})
			if !made {
				w.out.refuse["create"] = unknown
			}
			if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.out.refuse["finddiscount"] = unknown
			w.clock.Advance(2 * time.Hour)
			_ = s.Advance(t.Context(), 1)
			w.out.refuse = map[string]error{}
			w.rest(w.service(nil))
			if c := w.db.coupons[0]; c.Status != domain.Failed || w.out.balances["8812370934"] != 1250 {
				t.Errorf("%+v, balance %d", c, w.out.balances["8812370934"])
			}
			w.balanced()
		})
	}
	t.Run("a reissue that comes too late is decided anew", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(w *world) {
			w.policy.ReissueValidity = time.Hour
			w.clock.Advance(400 * 24 * time.Hour)
		})
		w.out.refuse["create"] = unknown
		s := w.service(nil)
		if _, _, err := s.Decide(t.Context(), decision(reviews.OutcomeReissue, "d1")); err != nil {
			t.Fatal(err)
		}
		w.drain(s)
		w.clock.Advance(2 * time.Hour)
		delete(w.out.refuse, "create")
		w.rest(w.service(nil))
		if r, _ := w.db.Review(t.Context(), 1); !r.Open || w.last().Status != domain.Failed {
			t.Errorf("%+v, %+v", r, w.last())
		}
		w.balanced()
	})
}
