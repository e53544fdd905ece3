package coupons_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

func other() domain.Caller {
	return domain.Caller{ID: "staff:2", Name: "Suzuki", Role: domain.RoleStoreManager}
}

// decided decides the first review and lets everything come to rest.
func (w *world) decided(outcome coupons.Outcome, key string) {
	w.t.Helper()
	s := w.service(nil)
	if _, _, err := s.Decide(w.t.Context(), decision(outcome, key)); err != nil {
		w.t.Fatal(err)
	}
	w.pass(s)
}

// last is the newest coupon.
func (w *world) last() domain.Coupon { return w.db.coupons[len(w.db.coupons)-1] }

// covers: 000-02, 000-03, 000-04, 000-05, 000-06, 000-11, T-05
func TestReissue(t *testing.T) {
	t.Parallel()
	t.Run("one new code for the same customer, and the old one is deactivated", func(t *testing.T) {
		t.Parallel()
		w, code := withVoidedOrder(t, func(*world) {})
		mailed := len(w.out.mails)
		w.decided(coupons.OutcomeReissue, "d1")
		old, next := w.db.coupons[0], w.last()
		if len(w.db.coupons) != 2 || old.Status != domain.Used || old.SupersededBy != next.Code ||
			next.ReissuedFrom != code || next.Status != domain.Active {
			t.Fatalf("%+v\n%+v", old, next)
		}
		if next.Points != 500 || next.Amount != old.Amount || !next.ExpiresAt.Equal(old.ExpiresAt) ||
			next.TakenAs() != code {
			t.Errorf("%+v", next)
		}
		d := w.out.codes[next.Code]
		if d.UsageLimit != 1 || d.CustomerGID != old.ShopifyCustomerGID || d.CustomerCount != 1 ||
			w.out.codes[code].Status == "ACTIVE" {
			t.Errorf("%+v, the old code is %s", d, w.out.codes[code].Status)
		}
		if len(w.out.entries) != 1 {
			t.Errorf("points moved: %+v", w.out.entries)
		}
		mails := w.out.mails[mailed:]
		if len(mails) != 1 || mails[0].Kind != domain.MailReissued || mails[0].Code != next.Code ||
			mails[0].Replaces != code {
			t.Errorf("the mails are %+v", mails)
		}
		if got := w.out.fields["gid://shopify/Customer/1"]; !strings.Contains(got, code) || !strings.Contains(got,
			next.Code) {
			t.Errorf("the metafield says %s", got)
		}
		w.balanced()
	})
	t.Run("an end that is near or past gives way to a new one", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(w *world) {
			w.policy.ReissueValidity = 20 * 24 * time.Hour
			w.clock.Advance(400 * 24 * time.Hour)
		})
		w.decided(coupons.OutcomeReissue, "d1")
		if got := w.last(); got.ExpiresAt.Sub(got.CreatedAt.Truncate(time.Second)) != 20*24*time.Hour ||
			got.Status != domain.Active {
			t.Errorf("%+v", got)
		}
		w.balanced()
	})
	t.Run("after a reissue the points come back only by way of the new code, once, under the first one's name",
		func(t *testing.T) {
			t.Parallel()
			w, code := withVoidedOrder(t, func(*world) {})
			w.decided(coupons.OutcomeReissue, "d1")
			next := w.last().Code
			s := w.service(nil)
			if _, err := s.Cancel(t.Context(), cancellation(next, "c1")); err != nil {
				t.Fatal(err)
			}
			w.pass(s)
			got := w.out.entries[len(w.out.entries)-1]
			if got.reference != "CANCEL-"+next || got.related != "COUPON-"+code ||
				w.out.balances["8812370934"] != 1250 || len(w.out.entries) != 2 {
				t.Errorf("%+v", w.out.entries)
			}
			_, _, err := w.service(nil).Decide(t.Context(), decision(coupons.OutcomeGrant, "d2"))
			refusedWith(t, err, domain.CodeReviewDecided)
			w.balanced()
		})
	t.Run("Shopify refuses for good: no mail, and the review is open again with the reason", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		mailed := len(w.out.mails)
		w.out.refuse["create"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: "customer_gone"}
		w.decided(coupons.OutcomeReissue, "d1")
		r, _ := w.db.Review(t.Context(), 1)
		if !r.Open || r.Problem != "customer_gone" || w.db.coupons[0].SupersededBy != "" ||
			w.last().Status != domain.Failed || len(w.out.mails) != mailed {
			t.Fatalf("%+v, %+v", r, w.last())
		}
		w.balanced()
		delete(w.out.refuse, "create")
		w.decided(coupons.OutcomeReissue, "d2")
		if w.last().Status != domain.Active || w.db.coupons[0].SupersededBy != w.last().Code {
			t.Errorf("%+v", w.last())
		}
		w.balanced()
	})
	t.Run("an order that stands holds the code too: nothing is made good", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant} {
			w, code := withVoidedOrder(t, func(*world) {})
			w.out.codes[code].Usage = 0 // somebody let it be used again
			w.out.order(code)
			w.decided(outcome, "d1")
			r, _ := w.db.Review(t.Context(), 1)
			if !r.Open || r.Problem != "used_again" || len(w.out.entries) != 1 || w.out.codes[code].Status == "ACTIVE" {
				t.Errorf("%s: %+v, %+v", outcome, r, w.out.entries)
			}
			w.balanced()
		}
	})
	t.Run("it does not count towards the day's limit", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(w *world) { w.policy.DailyLimit = 600 })
		w.decided(coupons.OutcomeReissue, "d1")
		if _, err := w.service(nil).Convert(t.Context(), conversion(100, "k2")); err != nil {
			t.Error(err)
		}
	})
}

// covers: 000-14, 004-07, 004-30, 004-31, 004-32
func TestGrant(t *testing.T) {
	t.Parallel()
	t.Run("the points are granted once, with the reason, and the coupon stays used", func(t *testing.T) {
		t.Parallel()
		w, code := withVoidedOrder(t, func(*world) {})
		mailed := len(w.out.mails)
		w.decided(coupons.OutcomeGrant, "d1")
		last := w.out.entries[len(w.out.entries)-1]
		want := posEntry{customer: "8812370934", reference: "GRANT-" + code, related: "COUPON-" + code, key: last.key,
			reason: "Refund due to order cancellation", points: 500, balance: 1250}
		if last != want || len(w.out.entries) != 2 {
			t.Errorf("%+v, want %+v", last, want)
		}
		if c := w.db.coupons[0]; c.Status != domain.Used || c.OnTheWay() || c.SupersededBy != "" {
			t.Errorf("%+v", c)
		}
		i := slices.IndexFunc(w.db.audit, func(e domain.AuditEntry) bool { return e.Action == "points.granted" })
		if i < 0 || w.db.audit[i].Detail["reason"] != "Refund due to order cancellation" ||
			w.db.audit[i].Detail["order"] != "#1001" || w.db.audit[i].CustomerID != "8812370934" {
			t.Errorf("the history says %v", w.actions(code))
		}
		mails := w.out.mails[mailed:]
		if len(mails) != 1 || mails[0].Kind != domain.MailGranted || mails[0].Balance == nil ||
			*mails[0].Balance != 1250 || mails[0].Order != "#1001" {
			t.Errorf("%+v", mails)
		}
		w.balanced()
	})
	t.Run("the POS refuses for good: the review is open again, and a grant is not tried twice", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		w.out.refuse["add"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "add",
			Reason: domain.ReasonCustomerNotFound}
		w.decided(coupons.OutcomeGrant, "d1")
		r, _ := w.db.Review(t.Context(), 1)
		if !r.Open || r.Problem != domain.ReasonCustomerNotFound || !slices.Equal(r.Outcomes(w.clock.Now()),
			[]coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeRefuse}) {
			t.Fatalf("%+v", r)
		}
		w.balanced()
		delete(w.out.refuse, "add")
		w.decided(coupons.OutcomeReissue, "d2")
		w.balanced()
	})
	t.Run("after a reissue the grant is for the new code, under the first one's name", func(t *testing.T) {
		t.Parallel()
		w, code := withVoidedOrder(t, func(*world) {})
		w.decided(coupons.OutcomeReissue, "d1")
		next := w.last().Code
		w.out.order(next)
		s := w.service(nil)
		w.told(s, w.out.orders[1], w.out.cancelOrder(1, "customer"))
		if len(w.db.reviews) != 2 {
			t.Fatalf("%+v", w.db.reviews)
		}
		d := decision(coupons.OutcomeGrant, "d2")
		d.ReviewID = 2
		if _, _, err := s.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		w.pass(s)
		got := w.out.entries[len(w.out.entries)-1]
		if got.reference != "GRANT-"+next || got.related != "COUPON-"+code || w.out.balances["8812370934"] != 1250 {
			t.Errorf("%+v", w.out.entries)
		}
		r, _ := w.db.Review(t.Context(), 2)
		if !slices.Equal(r.Coupon.Chain, []string{code, next}) || r.RecentReviews != 2 {
			t.Errorf("the review shows %v, %d reviews", r.Coupon.Chain, r.RecentReviews)
		}
		w.balanced()
	})
}

// covers: 000-07, T-05
func TestOneRemedy(t *testing.T) {
	t.Parallel()
	t.Run("a hundred decisions at once make good once", func(t *testing.T) {
		t.Parallel()
		w, code := withVoidedOrder(t, func(*world) {})
		s := w.service(nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for n := range 100 {
			wg.Go(func() {
				d := decision([]coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant,
					coupons.OutcomeRefuse}[n%3], fmt.Sprint("d", n))
				if n%2 == 0 {
					d.Caller = other()
				}
				_, _, err := s.Decide(t.Context(), d)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				}
				if err != nil && domain.CodeOf(err) != domain.CodeReviewDecided {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.pass(s)
		w.told(w.service(nil), w.out.orders[0])
		if won != 1 || len(w.db.reviews) != 1 || len(w.db.coupons)-1+w.out.count(domain.GrantReference(code)) > 1 {
			t.Errorf("%d won, %d coupons, entries %+v", won, len(w.db.coupons), w.out.entries)
		}
		w.balanced()
	})
	t.Run("a second review about the same coupon has no second way to its value", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant} {
			w, code := withCoupon(t, func(w *world) { w.policy.PartialRefunds = true })
			w.out.order(code)
			s := w.service(nil)
			w.told(s, w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentPartiallyRefunded }))
			w.decided(outcome, "d1")
			w.told(w.service(nil), w.out.cancelOrder(0, "customer"))
			if len(w.db.reviews) != 2 {
				t.Fatalf("%+v", w.db.reviews)
			}
			for n, second := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant,
				coupons.OutcomeReturnPoints} {
				d := decision(second, fmt.Sprint("e", n))
				d.ReviewID = 2
				_, _, err := w.service(nil).Decide(t.Context(), d)
				refusedWith(t, err, domain.CodeOutcomeNotAllowed)
			}
			w.balanced()
		}
	})
	t.Run("a repeated decision gets the first answer, with another meaning it is refused", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		s := w.service(nil)
		first, replayed, err := s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d1"))
		if err != nil || replayed || first.Open {
			t.Fatalf("%+v, %v", first, err)
		}
		again, replayed, err := s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d1"))
		if err != nil || !replayed || again.Outcome != coupons.OutcomeReissue {
			t.Errorf("%+v, %v, %v", again, replayed, err)
		}
		_, _, err = s.Decide(t.Context(), decision(coupons.OutcomeGrant, "d1"))
		refusedWith(t, err, domain.CodeKeyReused)
		w.pass(s)
		if len(w.db.coupons) != 2 {
			t.Errorf("%d coupons", len(w.db.coupons))
		}
		w.balanced()
	})
	t.Run("a refusal needs a reason, and moves nothing", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		d := decision(coupons.OutcomeRefuse, "d1")
		d.Note = " "
		_, _, err := w.service(nil).Decide(t.Context(), d)
		refusedWith(t, err, domain.CodeValidation)
		w.decided(coupons.OutcomeRefuse, "d2")
		if len(w.out.entries) != 1 || len(w.db.coupons) != 1 {
			t.Errorf("%+v", w.out.entries)
		}
		w.balanced()
	})
}

func TestWhoMakesGood(t *testing.T) {
	t.Parallel()
	t.Run("nobody decides about their own coupon, nor beyond their cap, which counts what was granted and reissued",
		func(t *testing.T) {
			t.Parallel()
			w, _ := withVoidedOrder(t, func(w *world) {
				w.policy.Caps = map[domain.Role]coupons.Cap{domain.RoleStoreManager: {PerDay: 700},
					domain.RoleECAdmin: {PerAction: 400}}
			})
			second, err := w.service(nil).Convert(t.Context(), conversion(300, "k2"))
			if err != nil {
				t.Fatal(err)
			}
			s := w.service(nil)
			for n, who := range []domain.Caller{
				{ID: "staff:1", Role: domain.RoleStoreManager, CustomerID: "8812370934"},
				{ID: "staff:3", Role: domain.RoleECAdmin},
			} {
				for _, outcome := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant} {
					d := decision(outcome, "x"+string(outcome))
					d.Caller = who
					_, _, err := s.Decide(t.Context(), d)
					refusedWith(t, err, []domain.Code{domain.CodeOwnCoupon, domain.CodeCapExceeded}[n])
				}
			}
			w.decided(coupons.OutcomeReissue, "d1")
			_, err = w.service(nil).Cancel(t.Context(), cancellation(second.Coupon.Code, "c1"))
			refusedWith(t, err, domain.CodeCapExceeded)
		})
	t.Run("above a limit it takes two people", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(w *world) { w.policy.FourEyes = 499 })
		s := w.service(nil)
		first, _, err := s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d1"))
		if err != nil || !first.Open || first.Proposal == nil || first.Proposal.Outcome != coupons.OutcomeReissue ||
			first.Proposal.By != "Sato" {
			t.Fatalf("%+v, %v", first, err)
		}
		_, _, err = s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d2"))
		refusedWith(t, err, domain.CodeSecondPerson)
		d := decision(coupons.OutcomeGrant, "d3")
		d.Caller = other()
		replaced, _, err := s.Decide(t.Context(), d)
		if err != nil || !replaced.Open || replaced.Proposal.Outcome != coupons.OutcomeGrant ||
			replaced.Proposal.By != "Suzuki" || len(w.out.entries) != 1 {
			t.Fatalf("%+v, %v", replaced, err)
		}
		d.Key = "d4"
		_, _, err = s.Decide(t.Context(), d)
		refusedWith(t, err, domain.CodeSecondPerson)
		w.decided(coupons.OutcomeGrant, "d5")
		if r := w.db.reviews[0]; r.Open || r.DecidedBy != "Sato" || w.count("review.proposed") != 2 ||
			len(w.out.entries) != 2 {
			t.Errorf("%+v", r)
		}
		w.balanced()
	})
	t.Run("up to the limit one is enough, and a refusal always", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(w *world) { w.policy.FourEyes = 500 })
		w.decided(coupons.OutcomeReissue, "d1")
		w.balanced()
		w, _ = withVoidedOrder(t, func(w *world) { w.policy.FourEyes = 1 })
		w.decided(coupons.OutcomeRefuse, "d1")
		if w.db.reviews[0].Open {
			t.Error("a refusal waits")
		}
	})
}

// covers: 000-07, 000-14, 004-33
func TestAuto(t *testing.T) {
	t.Parallel()
	reissue := func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 501, Reviews: 3} }
	t.Run("below the limit the service decides, once, and says so", func(t *testing.T) {
		t.Parallel()
		for _, set := range []func(*world){reissue, func(w *world) { w.policy.Auto = coupons.Auto{GrantBelow: 501, Reviews: 3} }} {
			w, _ := withVoidedOrder(t, set)
			w.told(w.service(nil), w.out.orders[0], w.out.orders[0])
			w.rest(w.service(nil))
			w.told(w.service(nil), w.out.orders[0])
			if r := w.db.reviews[0]; len(w.db.reviews) != 1 || r.Open || w.count("review.auto") != 1 ||
				len(w.db.coupons)+len(w.out.entries) != 3 {
				t.Errorf("%+v, %d coupons, %+v", r, len(w.db.coupons), w.out.entries)
			}
			w.balanced()
		}
	})
	for name, set := range map[string]func(*world){
		"at the limit":                   func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 500, Reviews: 3} },
		"it takes two people":            func(w *world) { reissue(w); w.policy.FourEyes = 100 },
		"from so many reviews on":        func(w *world) { w.policy.Auto = coupons.Auto{ReissueBelow: 501, Reviews: 1} },
		"somebody cancelled it as fraud": func(w *world) { reissue(w); w.told(w.service(nil), w.out.cancelOrder(0, "fraud")) },
	} {
		t.Run("a person decides: "+name, func(t *testing.T) {
			t.Parallel()
			w, _ := withVoidedOrder(t, set)
			w.rest(w.service(nil))
			if len(w.db.coupons) != 1 || !w.db.reviews[0].Open {
				t.Errorf("%+v", w.db.reviews)
			}
			w.balanced()
		})
	}
	t.Run("a reissue of a reissue needs a person, and the chain is visible", func(t *testing.T) {
		t.Parallel()
		w, code := withVoidedOrder(t, reissue)
		s := w.service(nil)
		w.pass(s)
		next := w.last().Code
		w.out.order(next)
		w.told(w.service(nil), w.out.orders[1], w.out.cancelOrder(1, "customer"))
		w.rest(w.service(nil))
		r, _ := w.db.Review(t.Context(), 2)
		if len(w.db.coupons) != 2 || !r.Open || !slices.Equal(r.Coupon.Chain, []string{code, next}) {
			t.Errorf("%+v", r)
		}
		w.balanced()
	})
}
