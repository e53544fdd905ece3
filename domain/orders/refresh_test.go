package orders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// ordersShown is how old an order can be for Shopify to show it to an app.
const ordersShown = 60 * couponstest.Day

// withHidden is a world in which a coupon was used by an order that the shop does not answer for, so long ago.
func withHidden(t *testing.T, ago time.Duration, set func(*world)) (w *world, code, gid string) {
	t.Helper()
	w, code = couponstest.WithCoupon(t, set)
	w.Out.PlaceOrder(code)
	w.Told(w.Service(nil), w.Out.Orders[0])
	gid = w.Out.Orders[0].ID
	w.Out.Orders = nil
	w.Clock.Advance(ago)
	return w, code, gid
}

// covers: 000-01, 000-09, 000-10, 000-13
func TestHiddenOrders(t *testing.T) {
	t.Parallel()
	for hint, want := range map[domain.OrderHint]reviews.Kind{domain.HintRefunded: reviews.OrderRefunded,
		domain.HintCancelled: reviews.OrderCancelled, domain.HintDeleted: reviews.OrderCancelled} {
		t.Run("an order of 70 days ago that is told to be "+string(hint)+" is one case for a person, and nothing moves",
			func(t *testing.T) {
				t.Parallel()
				// Everything that could be decided alone would be.
				w, code, gid := withHidden(t, 70*couponstest.Day,
					func(w *world) { w.Policy.Auto = reviews.Auto{ReissueBelow: 1 << 40, Reviews: 100} })
				w.Refresh(gid, hint, hint, domain.HintNone, hint)
				r, c := w.DB.Reviews[0], w.DB.Coupons[0]
				expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
				expect.Equal(t, "r.Kind", r.Kind, want)
				expect.Equal(t, "r.Reason", r.Reason, reviews.ReasonUnreadable)
				expect.Equal(t, "r.OrderID", r.OrderID, gid)
				expect.Equal(t, "r.OrderName", r.OrderName, "#1001")
				expect.Equal(t, "r.Open", r.Open, true)
				expect.Equal(t, "c.Status", c.Status, domain.Used)
				expect.Equal(t, "c.SupersededBy", c.SupersededBy, "")
				expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 1)
				expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 1, w.Out.Entries)
				if history := w.Actions(code); w.Count("order.unreadable") != 1 || slices.Contains(history,
					"order.deleted") {
					t.Errorf("the history says %v", history)
				}
				if _, _, err := w.Service(nil).Decide(t.Context(), couponstest.Decision(reviews.OutcomeRefuse,
					"d1")); err != nil {
					t.Fatal(err)
				}
				w.Refresh(gid, hint)
				if len(w.DB.Reviews) != 1 || w.DB.Reviews[0].Open {
					t.Errorf("told again after it was decided: %+v", w.DB.Reviews)
				}
				w.Balanced()
			})
	}
	t.Run("a change that says nothing of a loss is ignored", func(t *testing.T) {
		t.Parallel()
		w, code, gid := withHidden(t, 70*couponstest.Day, func(*world) {})
		before := strings.Join(w.Actions(code), " ")
		w.Refresh(gid, domain.HintNone, domain.HintNone)
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Used)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0, w.DB.Reviews)
		expect.Equal(t, `strings.Join(w.Actions(code), " ")`, strings.Join(w.Actions(code), " "), before)
	})
	t.Run("to the second of sixty days it was deleted, after that nobody knows", func(t *testing.T) {
		t.Parallel()
		w, _, gid := withHidden(t, ordersShown, func(*world) {})
		w.Refresh(gid, domain.HintRefunded)
		if w.Count("order.deleted") != 1 || len(w.DB.Reviews) != 0 {
			t.Errorf("at sixty days: %+v, %v", w.DB.Reviews, w.DB.Audit)
		}
		w.Clock.Advance(time.Second)
		w.Refresh(gid, domain.HintRefunded)
		if w.Count("order.deleted") != 1 || len(w.DB.Reviews) != 1 {
			t.Errorf("a second later: %+v, %v", w.DB.Reviews, w.DB.Audit)
		}
	})
	t.Run("how much a refund was is not known, so a cancellation that follows is not hidden by it", func(t *testing.T) {
		t.Parallel()
		w, _, gid := withHidden(t, 70*couponstest.Day, func(*world) {})
		w.Refresh(gid, domain.HintRefunded)
		w.Refresh(gid, domain.HintCancelled, domain.HintRefunded)
		if r := w.DB.Reviews[0]; len(w.DB.Reviews) != 1 || r.Kind != reviews.OrderCancelled || !r.Open {
			t.Errorf("while the review is open: %+v", w.DB.Reviews)
		}
		w, _, gid = withHidden(t, 70*couponstest.Day, func(*world) {})
		w.Refresh(gid, domain.HintRefunded)
		if _, _, err := w.Service(nil).Decide(t.Context(), couponstest.Decision(reviews.OutcomeRefuse,
			"d1")); err != nil {
			t.Fatal(err)
		}
		w.Refresh(gid, domain.HintCancelled, domain.HintCancelled, domain.HintRefunded)
		if len(w.DB.Reviews) != 2 || w.DB.Reviews[1].Kind != reviews.OrderCancelled || !w.DB.Reviews[1].Open {
			t.Errorf("after it was refused: %+v", w.DB.Reviews)
		}
	})
	t.Run("what was made good before is not asked for again", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		s := w.Service(nil)
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Rest(s)
		gid := w.Out.Orders[0].ID
		w.Out.Orders = nil
		w.Clock.Advance(70 * couponstest.Day)
		w.Refresh(gid, domain.HintDeleted, domain.HintRefunded, domain.HintCancelled)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
		expect.Equal(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, false)
		expect.Equal(t, `w.Count("order.unreadable")`, w.Count("order.unreadable"), 0)
	})
	t.Run("an order that nobody used a coupon in means nothing", func(t *testing.T) {
		t.Parallel()
		w, _, _ := withHidden(t, 70*couponstest.Day, func(*world) {})
		w.Refresh("gid://shopify/Order/999", domain.HintRefunded, domain.HintDeleted)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 0, w.DB.Reviews)
		expect.Equal(t, `w.Count("order.deleted")`, w.Count("order.deleted"), 0)
	})
}
