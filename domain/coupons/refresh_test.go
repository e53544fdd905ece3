package coupons_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// ordersShown is how old an order can be for Shopify to show it to an app.
const ordersShown = 60 * day

// withHidden is a world in which a coupon was used by an order that the shop does not answer for, so long ago.
func withHidden(t *testing.T, ago time.Duration, set func(*world)) (w *world, code, gid string) {
	t.Helper()
	w, code = withCoupon(t, set)
	w.out.order(code)
	w.told(w.service(nil), w.out.orders[0])
	gid = w.out.orders[0].ID
	w.out.orders = nil
	w.clock.Advance(ago)
	return w, code, gid
}

func (w *world) refresh(gid string, hints ...domain.OrderHint) {
	w.t.Helper()
	for _, hint := range hints {
		if err := w.service(nil).RefreshOrder(w.t.Context(), gid, hint); err != nil {
			w.t.Fatal(err)
		}
	}
}

// covers: 000-01, 000-09, 000-10, 000-13
func TestHiddenOrders(t *testing.T) {
	t.Parallel()
	for hint, want := range map[domain.OrderHint]coupons.ReviewKind{domain.HintRefunded: coupons.ReviewOrderRefunded,
		domain.HintCancelled: coupons.ReviewOrderCancelled, domain.HintDeleted: coupons.ReviewOrderCancelled} {
		t.Run("an order of 70 days ago that is told to be "+string(hint)+
			" is one review for a person, and nothing moves",
			func(t *testing.T) {
				t.Parallel()
				// Everything that could be decided alone would be.
				w, code, gid := withHidden(t, 70*day,
					func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 1 << 40, Reviews: 100} })
				w.refresh(gid, hint, hint, domain.HintNone, hint)
				r, c := w.db.reviews[0], w.db.coupons[0]
				if len(w.db.reviews) != 1 || r.Kind != want || r.Reason != coupons.ReasonUnreadable ||
					r.OrderID != gid || r.OrderName != "#1001" || !r.Open {
					t.Errorf("%+v", w.db.reviews)
				}
				if c.Status != domain.Used || c.SupersededBy != "" || len(w.db.coupons) != 1 ||
					len(w.out.entries) != 1 {
					t.Errorf("%+v, %+v", c, w.out.entries)
				}
				if history := w.actions(code); w.count("order.unreadable") != 1 || slices.Contains(history,
					"order.deleted") {
					t.Errorf("the history says %v", history)
				}
				if _, _, err := w.service(nil).Decide(t.Context(), decision(coupons.OutcomeRefuse, "d1")); err != nil {
					t.Fatal(err)
				}
				w.refresh(gid, hint)
				if len(w.db.reviews) != 1 || w.db.reviews[0].Open {
					t.Errorf("told again after it was decided: %+v", w.db.reviews)
				}
				w.balanced()
			})
	}
	t.Run("a change that says nothing of a loss is ignored", func(t *testing.T) {
		t.Parallel()
		w, code, gid := withHidden(t, 70*day, func(*world) {})
		before := strings.Join(w.actions(code), " ")
		w.refresh(gid, domain.HintNone, domain.HintNone)
		if c := w.db.coupons[0]; c.Status != domain.Used || len(w.db.reviews) != 0 || strings.Join(w.actions(code),
			" ") != before {
			t.Errorf("%+v, %+v, %v", c, w.db.reviews, w.actions(code))
		}
	})
	t.Run("to the second of sixty days it was deleted, after that nobody knows", func(t *testing.T) {
		t.Parallel()
		w, _, gid := withHidden(t, ordersShown, func(*world) {})
		w.refresh(gid, domain.HintRefunded)
		if w.count("order.deleted") != 1 || len(w.db.reviews) != 0 {
			t.Errorf("at sixty days: %+v, %v", w.db.reviews, w.db.audit)
		}
		w.clock.Advance(time.Second)
		w.refresh(gid, domain.HintRefunded)
		if w.count("order.deleted") != 1 || len(w.db.reviews) != 1 {
			t.Errorf("a second later: %+v, %v", w.db.reviews, w.db.audit)
		}
	})
	t.Run("how much a refund was is not known, so a cancellation that follows is not hidden by it", func(t *testing.T) {
		t.Parallel()
		w, _, gid := withHidden(t, 70*day, func(*world) {})
		w.refresh(gid, domain.HintRefunded)
		w.refresh(gid, domain.HintCancelled, domain.HintRefunded)
		if r := w.db.reviews[0]; len(w.db.reviews) != 1 || r.Kind != coupons.ReviewOrderCancelled || !r.Open {
			t.Errorf("while the review is open: %+v", w.db.reviews)
		}
		w, _, gid = withHidden(t, 70*day, func(*world) {})
		w.refresh(gid, domain.HintRefunded)
		if _, _, err := w.service(nil).Decide(t.Context(), decision(coupons.OutcomeRefuse, "d1")); err != nil {
			t.Fatal(err)
		}
		w.refresh(gid, domain.HintCancelled, domain.HintCancelled, domain.HintRefunded)
		if len(w.db.reviews) != 2 || w.db.reviews[1].Kind != coupons.ReviewOrderCancelled || !w.db.reviews[1].Open {
			t.Errorf("after it was refused: %+v", w.db.reviews)
		}
	})
	t.Run("what was made good before is not asked for again", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		s := w.service(nil)
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d1")); err != nil {
			t.Fatal(err)
		}
		w.rest(s)
		gid := w.out.orders[0].ID
		w.out.orders = nil
		w.clock.Advance(70 * day)
		w.refresh(gid, domain.HintDeleted, domain.HintRefunded, domain.HintCancelled)
		if len(w.db.reviews) != 1 || w.db.reviews[0].Open || w.count("order.unreadable") != 0 {
			t.Errorf("%+v", w.db.reviews)
		}
	})
	t.Run("an order that nobody used a coupon in means nothing", func(t *testing.T) {
		t.Parallel()
		w, _, _ := withHidden(t, 70*day, func(*world) {})
		w.refresh("gid://shopify/Order/999", domain.HintRefunded, domain.HintDeleted)
		if len(w.db.reviews) != 0 || w.count("order.deleted") != 0 {
			t.Errorf("%+v", w.db.reviews)
		}
	})
}
