package coupons_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// edit changes a code in the shop by hand.
func (o *outside) edit(code string, change func(*coupons.FoundDiscount)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o.codes[code])
}

// TestByHand: what people of the shop do to a code between two steps never leaves a code beside its points.
func TestByHand(t *testing.T) {
	t.Parallel()
	t.Run("004-25 a suspended code that was switched on again is ended once more before its points return", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(*world) {})
		s := w.service(nil)
		if _, err := s.Suspend(t.Context(), coupons.Suspension(cancellation(code, "s1"))); err != nil {
			t.Fatal(err)
		}
		w.pass(s)
		w.out.edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
		w.decided(coupons.OutcomeReturnPoints, "d1")
		if c := w.db.coupons[0]; c.Status != domain.Cancelled || w.out.codes[code].Status == "ACTIVE" {
			t.Errorf("%+v, the code is %s", c, w.out.codes[code].Status)
		}
		w.balanced()
	})
	t.Run("004-25 a code that was deleted and made anew is ended too", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(*world) {})
		w.out.edit(code, func(d *coupons.FoundDiscount) { d.ID = "gid://shopify/DiscountCodeNode/77" })
		s := w.service(nil)
		cancel(s, t, code)
		w.pass(s)
		if w.out.codes[code].Status == "ACTIVE" || w.db.coupons[0].Status != domain.Cancelled {
			t.Errorf("%+v", w.db.coupons[0])
		}
		w.balanced()
	})
}
