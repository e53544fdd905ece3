package coupons_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
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
			w := couponstest.NewWorld(t)
			w.Policy.Validity = time.Hour
			s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: w.Out, Shop: lostCreate{w.Out, func(string) {}}})
			if !made {
				w.Out.Refuse["create"] = unknown
			}
			if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.Out.Refuse["finddiscount"] = unknown
			w.Clock.Advance(2 * time.Hour)
			_ = s.Advance(t.Context(), 1)
			w.Out.Refuse = map[string]error{}
			w.Rest(w.Service(nil))
			if c := w.DB.Coupons[0]; c.Status != domain.Failed || w.Out.Balances["8812370934"] != 1250 {
				t.Errorf("%+v, balance %d", c, w.Out.Balances["8812370934"])
			}
			w.Balanced()
		})
	}
	t.Run("a reissue that comes too late is decided anew", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) {
			w.Policy.ReissueValidity = time.Hour
			w.Clock.Advance(400 * 24 * time.Hour)
		})
		w.Out.Refuse["create"] = unknown
		s := w.Service(nil)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Drain(s)
		w.Clock.Advance(2 * time.Hour)
		delete(w.Out.Refuse, "create")
		w.Rest(w.Service(nil))
		r, _ := w.DB.Review(t.Context(), 1)
		expect.Equal(t, "r.Open", r.Open, true)
		expect.Equal(t, "w.Last().Status", w.Last().Status, domain.Failed)
		w.Balanced()
	})
}
