package coupons_test

import (
	"context"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestByHand: what people of the shop do to a code between two steps never leaves a code beside its points.
// covers: 000-11, 004-25, T-01
func TestByHand(t *testing.T) {
	t.Parallel()
	t.Run("a suspended code that was switched on again is ended once more before its points return",
		func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(*world) {})
			s := w.Service(nil)
			if _, err := s.Suspend(t.Context(), coupons.Suspension(couponstest.Cancellation(code, "s1"))); err != nil {
				t.Fatal(err)
			}
			w.Pass(s)
			w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
			w.Decided(reviews.OutcomeReturnPoints, "d1")
			if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || w.Out.Codes[code].Status == "ACTIVE" {
				t.Errorf("%+v, the code is %s", c, w.Out.Codes[code].Status)
			}
			w.Balanced()
		})
	t.Run("a code that was deleted and made anew is ended too", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.ID = "gid://shopify/DiscountCodeNode/77" })
		s := w.Service(nil)
		couponstest.Cancel(s, t, code)
		w.Pass(s)
		expect.That(t, `w.Out.Codes[code].Status != "ACTIVE"`, w.Out.Codes[code].Status != "ACTIVE")
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Cancelled)
		w.Balanced()
	})
	t.Run("our own code that was changed before we knew of it is ended before its points return", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(*coupons.FoundDiscount){
			"for everybody":         func(d *coupons.FoundDiscount) { d.CustomerGID, d.CustomerCount = "", 0 },
			"of a merged customer":  func(d *coupons.FoundDiscount) { d.CustomerGID = "gid://shopify/Customer/2" },
			"good for several uses": func(d *coupons.FoundDiscount) { d.UsageLimit = 5 },
			"worth more":            func(d *coupons.FoundDiscount) { d.Amount.Minor = 5000 },
		} {
			w := couponstest.NewWorld(t)
			var code string
			s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: w.Out, Shop: lostCreate{w.Out,
				func(made string) { code = made; w.Out.Edit(made, change) }}})
			if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.Rest(w.Service(nil))
			if c := w.DB.Coupons[0]; c.Code != code || c.Status == domain.Failed &&
				w.Out.Codes[code].Status == "ACTIVE" {
				t.Errorf("%s: %+v, its code is %+v", name, c, w.Out.Codes[code])
			}
			if got := w.Out.Balances["8812370934"]; got != 1250 {
				t.Errorf("%s: balance %d", name, got)
			}
		}
	})
	t.Run("somebody else's code of the same text is left alone", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		var code string
		s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: w.Out, Shop: lostCreate{w.Out, func(made string) {
			code = made
			w.Out.Edit(made, func(d *coupons.FoundDiscount) {
				d.Title, d.Tags, d.CustomerGID, d.CustomerCount, d.Status = "Summer", nil, "", 0, "SCHEDULED"
			})
		}}})
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.Rest(w.Service(nil))
		expect.Equal(t, "w.Out.Codes[code].Status", w.Out.Codes[code].Status, "SCHEDULED")
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Failed)
		expect.Equal(t, `w.Out.Balances["8812370934"]`, w.Out.Balances["8812370934"], 1250)
	})
	t.Run("an order that stands stops a remedy also where the code was ended before", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant} {
			w, code := couponstest.WithCoupon(t, func(*world) {})
			w.Out.Held = true
			first := true
			w.Out.OnAct = func(act string) {
				if act == "usage" && w.Out.Codes[code].Status != "ACTIVE" && first {
					first = false
					w.Out.PlaceOrder(code) // a checkout that was open
				}
			}
			s := w.Service(nil)
			couponstest.Cancel(s, t, code)
			w.Pass(s)
			c := w.DB.Coupons[0]
			expect.MustEqual(t, "c.Status", c.Status, domain.Used)
			expect.MustThat(t, "c.DeactivatedAt != nil", c.DeactivatedAt != nil)
			w.Told(w.Service(nil), w.Out.CancelOrder(0, "customer"))
			w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.Usage = 0 })
			w.Out.PlaceOrder(code) // another one, within the same moment
			w.Decided(outcome, "d1")
			r, _ := w.DB.Review(t.Context(), 1)
			expect.Equal(t, "r.Open", r.Open, true, outcome)
			expect.Equal(t, "r.Problem", r.Problem, "used_again", outcome)
			expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1, outcome, w.Out.Entries)
			expect.That(t, "w.Last().Status != domain.Active", w.Last().Status != domain.Active, outcome)
		}
	})
	t.Run("a code that was switched on again while a person looked into the POS is ended before the credit",
		func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(w *world) { w.POS = coupons.Capabilities{} })
			w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
			s := w.Service(nil)
			couponstest.Cancel(s, t, code)
			w.Pass(s)
			expect.MustThat(t, "w.DB.Coupons[0].ParkedAt != nil", w.DB.Coupons[0].ParkedAt != nil)
			delete(w.Out.Refuse, "add")
			w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
			w.Decided(reviews.OutcomeNotApplied, "p1")
			expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Cancelled)
			expect.That(t, `w.Out.Codes[code].Status != "ACTIVE"`, w.Out.Codes[code].Status != "ACTIVE")
			w.Balanced()
		})
	t.Run("an order that nobody told of while a person looked into the POS keeps its points", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *world) { w.POS = coupons.Capabilities{} })
		w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
		s := w.Service(nil)
		couponstest.Cancel(s, t, code)
		w.Pass(s)
		delete(w.Out.Refuse, "add")
		w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.Status = "ACTIVE" })
		w.Out.PlaceOrder(code)
		w.Decided(reviews.OutcomeNotApplied, "p1")
		if c := w.DB.Coupons[0]; c.Status != domain.Used || w.Out.Balances["8812370934"] != 750 {
			t.Errorf("%+v, balance %d", c, w.Out.Balances["8812370934"])
		}
		w.Balanced()
	})
	t.Run("a second order that stands with the same code is one review, and moves nothing", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.PlaceOrder(code)
		w.Out.Edit(code, func(d *coupons.FoundDiscount) { d.UsageLimit, d.Usage = 2, 0 })
		w.Out.PlaceOrder(code)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders...)
		w.Told(s, w.Out.Orders...)
		if c := w.DB.Coupons[0]; c.UsedOrder != "#1001" || w.Count("order.second_use") != 1 || len(w.DB.Reviews) != 1 {
			t.Fatalf("%s by %s, %v", c.Status, c.UsedOrder, w.Actions(code))
		}
		r, err := w.DB.Review(t.Context(), 1)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "r.Kind", r.Kind, reviews.CodeElsewhere)
		expect.Equal(t, "r.Reason", r.Reason, reviews.LookSecondOrder)
		expect.Equal(t, "r.OrderName", r.OrderName, "#1002")
		expect.Equal(t, "r.Outcomes(w.Clock.Now())", r.Outcomes(w.Clock.Now()),
			[]reviews.Outcome{reviews.OutcomeRefuse})
		w.Balanced()
	})
}

// lostCreate makes the code, lets somebody at it, and loses the answer.
type lostCreate struct {
	*couponstest.Outside
	made func(code string)
}

func (l lostCreate) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	if _, err := l.Outside.CreateDiscount(ctx, d); err != nil {
		return "", err
	}
	l.made(d.Code)
	return "", &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
}
