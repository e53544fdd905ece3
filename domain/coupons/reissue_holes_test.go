package coupons_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// These are the known failings of scripts that reissue codes after a cancellation.

// covers: 000-06
func TestReissueHole_TheMailDependsOnTheCode(t *testing.T) {
	t.Parallel()
	w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
	mailed := len(w.Out.Mails)
	w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create"}
	s := w.Service(nil)
	if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 20 { // a long outage
		_ = s.Sweep(t.Context())
		for _, j := range w.DB.Jobs {
			_ = w.Work(s, j)
		}
		w.Clock.Advance(time.Minute)
	}
	if len(w.Out.Mails) != mailed || w.Last().Status != domain.Pending {
		t.Fatalf("%d mails without a code, %+v", len(w.Out.Mails)-mailed, w.Last())
	}
	delete(w.Out.Refuse, "create")
	w.Out.OnAct = func(act string) {
		if act == "mail" && w.Out.Codes[w.Last().Code] == nil {
			t.Error("the mail goes before the code")
		}
	}
	w.Rest(w.Service(nil))
	expect.MustEqual(t, "len(w.Out.Mails)", len(w.Out.Mails), mailed+1)
	expect.Equal(t, "w.Out.Mails[mailed].Code", w.Out.Mails[mailed].Code, w.Last().Code, w.Out.Mails[mailed:])
	w.Balanced()
}

// covers: 000-05
func TestReissueHole_AnEndThatHasPassedIsNotCopied(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{0, 300 * 24 * time.Hour, 364 * 24 * time.Hour, 365 * 24 * time.Hour,
		900 * 24 * time.Hour} {
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) { w.Clock.Advance(late) })
		w.Decided(reviews.OutcomeReissue, "d1")
		old, next := w.DB.Coupons[0], w.Last()
		if next.ExpiresAt.Before(old.ExpiresAt) ||
			next.ExpiresAt.Sub(next.CreatedAt.Truncate(time.Second)) < 30*24*time.Hour || next.Status != domain.Active {
			t.Errorf("%s later: the old end is %s, the new one %s", late, old.ExpiresAt, next.ExpiresAt)
		}
		w.Balanced()
	}
}

// covers: 000-09
func TestReissueHole_EveryCodeOfTheOrderIsLookedAt(t *testing.T) {
	t.Parallel()
	w, first := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(nil)
	second, err := s.Convert(t.Context(), couponstest.Conversion(300, "k2"))
	if err != nil {
		t.Fatal(err)
	}
	w.Out.PlaceOrder(first)
	w.Out.Codes[second.Coupon.Code].Usage = 1
	placed := w.Out.Change(0, func(o *orders.Order) {
		o.Codes = []string{"SUMMER", strings.ToLower(first), "FREESHIPPING", strings.ToLower(second.Coupon.Code)}
		o.Applied = o.Codes
	})
	w.Told(s, placed, w.Out.CancelOrder(0, "customer"))
	expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
	expect.MustEqual(t, "w.DB.Reviews[0].Code", w.DB.Reviews[0].Code, first)
	expect.MustEqual(t, "w.DB.Reviews[1].Code", w.DB.Reviews[1].Code, second.Coupon.Code)
	w.Decided(reviews.OutcomeReissue, "d1")
	d := couponstest.Decision(reviews.OutcomeReissue, "d2")
	d.ReviewID = 2
	s = w.Service(nil)
	if _, _, err := s.Decide(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	w.Pass(s)
	expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 4, w.DB.Coupons)
	expect.Equal(t, "w.Last().Points", w.Last().Points, 300)
	expect.Equal(t, "w.Last().ReissuedFrom", w.Last().ReissuedFrom, second.Coupon.Code)
	w.Balanced()
}

// covers: 000-02
func TestReissueHole_TheNewCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		w, code := couponstest.WithVoidedOrder(t, func(*world) {})
		w.Decided(reviews.OutcomeReissue, "d1")
		next := w.Last().Code
		random := strings.Split(next, "-")[1]
		if !regexp.MustCompile(`^[2-9A-HJKMNP-Z]{6}$`).MatchString(random) || seen[random] || strings.Contains(next,
			strings.Split(code, "-")[1]) || strings.Contains(next, "1001") {
			t.Errorf("%s after %s", next, code)
		}
		seen[random] = true
	}
}

// covers: 000-07
func TestReissueHole_RepeatedDeliveryReissuesOnce(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(w *world) {
		w.Policy.Auto = reviews.Auto{ReissueBelow: 1000, Reviews: 3}
	})
	w.Out.PlaceOrder(code)
	voided := w.Out.CancelOrder(0, "customer")
	s := w.Service(nil)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { _ = w.Orders(s).SeeOrder(t.Context(), voided) })
	}
	wg.Wait()
	w.Pass(s)
	for range 3 {
		w.Told(w.Service(nil), voided)
	}
	w.Rest(w.Service(nil))
	if len(w.DB.Coupons) != 2 || len(w.DB.Reviews) != 1 || w.Last().Status != domain.Active {
		t.Errorf("%d coupons, %+v", len(w.DB.Coupons), w.DB.Reviews)
	}
	w.Balanced()
}

// covers: 000-14
func TestReissueHole_AbuseIsCapped(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	w.Policy.Auto = reviews.Auto{ReissueBelow: 1000, Reviews: 3}
	s := w.Service(nil)
	for n := range 5 { // the same customer buys and cancels, day after day
		got, err := s.Convert(t.Context(), couponstest.Conversion(100, "k"+string(rune('0'+n))))
		if err != nil {
			t.Fatal(err)
		}
		w.Out.PlaceOrder(got.Coupon.Code)
		w.Told(s, w.Out.CancelOrder(n, "customer"))
		w.Pass(s)
		s = w.Service(nil)
		w.Clock.Advance(24 * time.Hour)
	}
	reissued, open := 0, 0
	for _, r := range w.DB.Reviews {
		if r.Open {
			open++
		} else {
			reissued++
		}
	}
	if reissued != 2 || open != 3 || len(w.DB.Coupons) != 7 {
		t.Errorf("%d reissued, %d for a person", reissued, open)
	}
	w.Balanced()
}
