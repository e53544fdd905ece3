package coupons_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// These are the known failings of scripts that reissue codes after a cancellation.

// covers: 000-06
func TestReissueHole_TheMailDependsOnTheCode(t *testing.T) {
	t.Parallel()
	w, _ := withVoidedOrder(t, func(*world) {})
	mailed := len(w.out.mails)
	w.out.refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create"}
	s := w.service(nil)
	if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 20 { // a long outage
		_ = s.Sweep(t.Context())
		for _, j := range w.db.jobs {
			_ = w.work(s, j)
		}
		w.clock.Advance(time.Minute)
	}
	if len(w.out.mails) != mailed || w.last().Status != domain.Pending {
		t.Fatalf("%d mails without a code, %+v", len(w.out.mails)-mailed, w.last())
	}
	delete(w.out.refuse, "create")
	w.out.onAct = func(act string) {
		if act == "mail" && w.out.codes[w.last().Code] == nil {
			t.Error("the mail goes before the code")
		}
	}
	w.rest(w.service(nil))
	if len(w.out.mails) != mailed+1 || w.out.mails[mailed].Code != w.last().Code {
		t.Errorf("%+v", w.out.mails[mailed:])
	}
	w.balanced()
}

// covers: 000-05
func TestReissueHole_AnEndThatHasPassedIsNotCopied(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{0, 300 * 24 * time.Hour, 364 * 24 * time.Hour, 365 * 24 * time.Hour,
		900 * 24 * time.Hour} {
		w, _ := withVoidedOrder(t, func(w *world) { w.clock.Advance(late) })
		w.decided(coupons.OutcomeReissue, "d1")
		old, next := w.db.coupons[0], w.last()
		if next.ExpiresAt.Before(old.ExpiresAt) ||
			next.ExpiresAt.Sub(next.CreatedAt.Truncate(time.Second)) < 30*24*time.Hour || next.Status != domain.Active {
			t.Errorf("%s later: the old end is %s, the new one %s", late, old.ExpiresAt, next.ExpiresAt)
		}
		w.balanced()
	}
}

// covers: 000-09
func TestReissueHole_EveryCodeOfTheOrderIsLookedAt(t *testing.T) {
	t.Parallel()
	w, first := withCoupon(t, func(*world) {})
	s := w.service(nil)
	second, err := s.Convert(t.Context(), conversion(300, "k2"))
	if err != nil {
		t.Fatal(err)
	}
	w.out.order(first)
	w.out.codes[second.Coupon.Code].Usage = 1
	placed := w.out.change(0, func(o *coupons.Order) {
		o.Codes = []string{"SUMMER", strings.ToLower(first), "FREESHIPPING", strings.ToLower(second.Coupon.Code)}
		o.Applied = o.Codes
	})
	w.told(s, placed, w.out.cancelOrder(0, "customer"))
	if len(w.db.reviews) != 2 || w.db.reviews[0].Code != first || w.db.reviews[1].Code != second.Coupon.Code {
		t.Fatalf("%+v", w.db.reviews)
	}
	w.decided(coupons.OutcomeReissue, "d1")
	d := decision(coupons.OutcomeReissue, "d2")
	d.ReviewID = 2
	s = w.service(nil)
	if _, _, err := s.Decide(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	w.pass(s)
	if len(w.db.coupons) != 4 || w.last().Points != 300 || w.last().ReissuedFrom != second.Coupon.Code {
		t.Errorf("%+v", w.db.coupons)
	}
	w.balanced()
}

// covers: 000-02
func TestReissueHole_TheNewCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		w, code := withVoidedOrder(t, func(*world) {})
		w.decided(coupons.OutcomeReissue, "d1")
		next := w.last().Code
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
	w, code := withCoupon(t, func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 1000, Reviews: 3} })
	w.out.order(code)
	voided := w.out.cancelOrder(0, "customer")
	s := w.service(nil)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { _ = s.SeeOrder(t.Context(), voided) })
	}
	wg.Wait()
	w.pass(s)
	for range 3 {
		w.told(w.service(nil), voided)
	}
	w.rest(w.service(nil))
	if len(w.db.coupons) != 2 || len(w.db.reviews) != 1 || w.last().Status != domain.Active {
		t.Errorf("%d coupons, %+v", len(w.db.coupons), w.db.reviews)
	}
	w.balanced()
}

// covers: 000-14
func TestReissueHole_AbuseIsCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy.Auto = coupons.Auto{ReissueBelow: 1000, Reviews: 3}
	s := w.service(nil)
	for n := range 5 { // the same customer buys and cancels, day after day
		got, err := s.Convert(t.Context(), conversion(100, "k"+string(rune('0'+n))))
		if err != nil {
			t.Fatal(err)
		}
		w.out.order(got.Coupon.Code)
		w.told(s, w.out.cancelOrder(n, "customer"))
		w.pass(s)
		s = w.service(nil)
		w.clock.Advance(24 * time.Hour)
	}
	reissued, open := 0, 0
	for _, r := range w.db.reviews {
		if r.Open {
			open++
		} else {
			reissued++
		}
	}
	if reissued != 2 || open != 3 || len(w.db.coupons) != 7 {
		t.Errorf("%d reissued, %d for a person", reissued, open)
	}
	w.balanced()
}
