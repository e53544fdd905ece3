package coupons_test

import (
	"context"
	"slices"
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
// covers: 000-11, 004-25, T-01
func TestByHand(t *testing.T) {
	t.Parallel()
	t.Run("a suspended code that was switched on again is ended once more before its points return",
		func(t *testing.T) {
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
	t.Run("a code that was deleted and made anew is ended too", func(t *testing.T) {
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
	t.Run("our own code that was changed before we knew of it is ended before its points return", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(*coupons.FoundDiscount){
			"for everybody":         func(d *coupons.FoundDiscount) { d.CustomerGID, d.CustomerCount = "", 0 },
			"of a merged customer":  func(d *coupons.FoundDiscount) { d.CustomerGID = "gid://shopify/Customer/2" },
			"good for several uses": func(d *coupons.FoundDiscount) { d.UsageLimit = 5 },
			"worth more":            func(d *coupons.FoundDiscount) { d.Amount.Minor = 5000 },
		} {
			w := newWorld(t)
			var code string
			s := w.service(&ports{Store: w.db, Ledger: w.out, Shop: lostCreate{w.out,
				func(made string) { code = made; w.out.edit(made, change) }}})
			if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.rest(w.service(nil))
			if c := w.db.coupons[0]; c.Code != code || c.Status == domain.Failed &&
				w.out.codes[code].Status == "ACTIVE" {
				t.Errorf("%s: %+v, its code is %+v", name, c, w.out.codes[code])
			}
			if got := w.out.balances["8812370934"]; got != 1250 {
				t.Errorf("%s: balance %d", name, got)
			}
		}
	})
	t.Run("somebody else's code of the same text is left alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		var code string
		s := w.service(&ports{Store: w.db, Ledger: w.out, Shop: lostCreate{w.out, func(made string) {
			code = made
			w.out.edit(made, func(d *coupons.FoundDiscount) {
				d.Title, d.Tags, d.CustomerGID, d.CustomerCount, d.Status = "Summer", nil, "", 0, "SCHEDULED"
			})
		}}})
		if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.rest(w.service(nil))
		if w.out.codes[code].Status != "SCHEDULED" || w.db.coupons[0].Status != domain.Failed ||
			w.out.balances["8812370934"] != 1250 {
			t.Errorf("%+v, %+v", w.out.codes[code], w.db.coupons[0])
		}
	})
	t.Run("an order that stands stops a remedy also where the code was ended before", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []coupons.Outcome{coupons.OutcomeReissue, coupons.OutcomeGrant} {
			w, code := withCoupon(t, func(*world) {})
			w.out.held = true
			first := true
			w.out.onAct = func(act string) {
				if act == "usage" && w.out.codes[code].Status != "ACTIVE" && first {
					first = false
					w.out.order(code) // a checkout that was open
				}
			}
			s := w.service(nil)
			cancel(s, t, code)
			w.pass(s)
			if c := w.db.coupons[0]; c.Status != domain.Used || c.DeactivatedAt == nil {
				t.Fatalf("%+v", c)
			}
			w.told(w.service(nil), w.out.cancelOrder(0, "customer"))
			w.out.edit(code, func(d *coupons.FoundDiscount) { d.Usage = 0 })
			w.out.order(code) // another one, within the same moment
			w.decided(outcome, "d1")
			if r, _ := w.db.Review(t.Context(), 1); !r.Open || r.Problem != "used_again" || len(w.out.entries) != 1 ||
				w.last().Status == domain.Active {
				t.Errorf("%s: %+v, %+v, %+v", outcome, r, w.out.entries, w.last())
			}
		}
	})
	t.Run("a code that was switched on again while a person looked into the POS is ended before the credit",
		func(t *testing.T) {
			t.Parallel()
			w, code := withCoupon(t, func(w *world) { w.pos = coupons.Capabilities{} })
			w.out.refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
			s := w.service(nil)
			cancel(s, t, code)
			w.pass(s)
			if w.db.coupons[0].ParkedAt == nil {
				t.Fatalf("%+v", w.db.coupons[0])
			}
			delete(w.out.refuse, "add")
			w.out.edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
			w.decided(coupons.OutcomeNotApplied, "p1")
			if c := w.db.coupons[0]; c.Status != domain.Cancelled || w.out.codes[code].Status == "ACTIVE" {
				t.Errorf("%+v", c)
			}
			w.balanced()
		})
	t.Run("an order that nobody told of while a person looked into the POS keeps its points", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(w *world) { w.pos = coupons.Capabilities{} })
		w.out.refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
		s := w.service(nil)
		cancel(s, t, code)
		w.pass(s)
		delete(w.out.refuse, "add")
		w.out.edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
		w.out.order(code)
		w.decided(coupons.OutcomeNotApplied, "p1")
		if c := w.db.coupons[0]; c.Status != domain.Used || w.out.balances["8812370934"] != 750 {
			t.Errorf("%+v, balance %d", c, w.out.balances["8812370934"])
		}
		w.balanced()
	})
	t.Run("a second order that stands with the same code is one review, and moves nothing", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(*world) {})
		w.out.order(code)
		w.out.edit(code, func(d *coupons.FoundDiscount) { d.UsageLimit, d.Usage = 2, 0 })
		w.out.order(code)
		s := w.service(nil)
		w.told(s, w.out.orders...)
		w.told(s, w.out.orders...)
		if c := w.db.coupons[0]; c.UsedOrder != "#1001" || w.count("order.second_use") != 1 || len(w.db.reviews) != 1 {
			t.Fatalf("%s by %s, %v", c.Status, c.UsedOrder, w.actions(code))
		}
		r, err := w.db.Review(t.Context(), 1)
		if err != nil || r.Kind != coupons.ReviewCodeElsewhere || r.Reason != coupons.LookSecondOrder ||
			r.OrderName != "#1002" ||
			!slices.Equal(r.Outcomes(w.clock.Now()), []coupons.Outcome{coupons.OutcomeRefuse}) {
			t.Errorf("%s %s %s, %v", r.Kind, r.Reason, r.OrderName, err)
		}
		w.balanced()
	})
}

// lostCreate makes the code, lets somebody at it, and loses the answer.
type lostCreate struct {
	*outside
	made func(code string)
}

func (l lostCreate) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	if _, err := l.outside.CreateDiscount(ctx, d); err != nil {
		return "", err
	}
	l.made(d.Code)
	return "", &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
}
