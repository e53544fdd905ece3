package coupons_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// shopCode is a discount as the shop has it.
type shopCode = coupons.FoundDiscount

func switchedOn(d *shopCode) { d.Status, d.EndsAt = "ACTIVE", time.Time{} }

// TestLook walks the table of what a look does, by what somebody did to the discount.
func TestLook(t *testing.T) {
	t.Parallel()
	changed := func(differs ...string) coupons.Look {
		return coupons.Look{Action: domain.ActionDiscountChanged, Differs: differs}
	}
	revived := coupons.Look{Action: domain.ActionDiscountRevived, Differs: []string{"status"}}
	endLost := coupons.Look{Action: domain.ActionDiscountEndLost, Differs: []string{"ends_at"}}
	deleted := coupons.Look{Action: domain.ActionDiscountDeleted, Differs: []string{"code"}}
	nothing := func(*world, *coupons.Service, string) {}
	cancelled := func(w *world, s *coupons.Service, code string) {
		couponstest.Cancel(s, w.T, code)
		w.Pass(s)
	}
	expired := func(w *world, _ *coupons.Service, _ string) { w.Clock.Advance(366 * 24 * time.Hour) }
	suspended := func(w *world, s *coupons.Service, code string) {
		_, _ = s.Suspend(w.T.Context(), coupons.Suspension(couponstest.Cancellation(code, "s1")))
		w.Pass(s)
	}
	forfeited := func(w *world, s *coupons.Service, code string) {
		suspendAnd(reviews.OutcomeForfeit)(s, w.T, code)
		w.Pass(s)
	}
	used := func(w *world, s *coupons.Service, code string) {
		w.Out.PlaceOrder(code)
		w.Told(s, w.Out.Orders[0])
		w.Rest(s)
	}
	for name, tc := range map[string]struct {
		before func(*world, *coupons.Service, string)
		edit   func(*shopCode)
		want   coupons.Look
		alive  bool
	}{
		"active, as it was made": {nothing, func(*shopCode) {}, coupons.Look{}, true},
		"active, called otherwise": {nothing, func(d *shopCode) { d.Codes = []string{"VIP"} }, changed("code"),
			true},
		"active, a second text": {nothing, func(d *shopCode) { d.Codes = append(d.Codes, "VIP") },
			coupons.Look{}, true},
		"active, switched off": {nothing, func(d *shopCode) { d.Status = "EXPIRED" }, changed("status"),
			false},
		"active, begins later": {nothing, func(d *shopCode) { d.Status = "SCHEDULED" }, changed("status"),
			false},
		"active, good for more": {nothing, func(d *shopCode) { d.UsageLimit = 5 }, changed("usage_limit"),
			true},
		"active, worth more": {nothing, func(d *shopCode) { d.Amount.Minor = 5000 }, changed("amount"),
			true},
		"active, off each item": {nothing, func(d *shopCode) { d.OnEachItem = true }, changed("amount"),
			true},
		"active, a longer life": {nothing, func(d *shopCode) { d.EndsAt = d.EndsAt.Add(time.Hour) },
			changed("ends_at"), true},
		"active, for everybody": {nothing, func(d *shopCode) { d.CustomerGID, d.CustomerCount = "", 0 },
			changed("customer"), true},
		"active, with a minimum": {nothing, func(d *shopCode) { d.MinimumSubtotal = d.Amount },
			changed("minimum"), true},
		"active, from three items on": {nothing, func(d *shopCode) { d.MinimumQuantity = "3" }, changed("minimum"),
			true},
		"active, combined with others": {nothing, func(d *shopCode) { d.CombinesWith.Product = true },
			changed("combination"), true},
		"active, switched off and on": {nothing, switchedOn, endLost, true},
		"active, another discount":    {nothing, func(d *shopCode) { d.ID = "gid://other" }, deleted, true},
		"cancelled, as it is":         {cancelled, func(*shopCode) {}, coupons.Look{}, false},
		"cancelled, switched on":      {cancelled, switchedOn, revived, false},
		"cancelled, renamed, switched on": {cancelled, func(d *shopCode) { switchedOn(d); d.Codes = []string{"VIP"} },
			revived, false},
		"suspended, switched on": {suspended, switchedOn, revived, false},
		"forfeited, switched on": {forfeited, switchedOn, revived, false},
		"expired, with the end it had": {expired, func(*shopCode) {}, coupons.Look{},
			true}, // the shop's clock is behind
		"expired, with a longer life": {expired, func(d *shopCode) { d.EndsAt = d.EndsAt.Add(9999 * time.Hour) },
			endLost, false},
		"expired, switched on":             {expired, switchedOn, endLost, false},
		"used, as it is":                   {used, func(*shopCode) {}, coupons.Look{}, true},
		"used, and good for another order": {used, func(d *shopCode) { d.UsageLimit = 2 }, revived, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(*world) {})
			s := w.Service(nil)
			tc.before(w, s, code)
			balance, status := w.Out.Balances["8812370934"], w.DB.Coupons[0].Status
			w.Out.Edit(code, tc.edit)
			for range 2 { // a second look does no more, and says it again
				if got := w.Look(s); got.Action != tc.want.Action || !slices.Equal(got.Differs, tc.want.Differs) {
					t.Errorf("found %v", got)
				}
				if tc.want.Action == domain.ActionDiscountRevived || tc.want.Action == domain.ActionDiscountEndLost {
					tc.want = coupons.Look{} // it was put right
				}
			}
			c := w.DB.Coupons[0]
			d, now := w.Out.Codes[code], w.Out.Balances["8812370934"]
			if d.Alive() != tc.alive || now != balance || c.Status != status || c.EndSetUntil != nil {
				t.Errorf("code %s, balance %d, coupon %s, end set until %v", d.Status, now, c.Status, c.EndSetUntil)
			}
			told := 0
			for _, action := range w.Actions(code) {
				if strings.HasPrefix(action, "discount.") && action != "discount.deactivated" {
					told++
				}
			}
			if want := len(tc.want.Differs); told > 1 || want > 0 && told != 1 {
				t.Errorf("in the audit: %v", w.Actions(code))
			}
		})
	}
}

// TestLookFindsAUse: a cancelled code that was switched on again and spent is deactivated, and a review is open.
func TestLookFindsAUse(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(nil)
	couponstest.Cancel(s, t, code)
	w.Pass(s)
	w.Out.Edit(code, func(d *shopCode) { switchedOn(d); d.Codes, d.Usage = []string{"VIP"}, 1 })
	if got := w.Look(s); got.Action != domain.ActionDiscountRevived || w.Out.Codes[code].Alive() {
		t.Errorf("%v, the code is %s", got, w.Out.Codes[code].Status)
	}
	if len(w.DB.Reviews) != 1 || w.DB.Reviews[0].Kind != reviews.UsedAfterRefund ||
		w.Out.Balances["8812370934"] != 1250 {
		t.Errorf("%d reviews", len(w.DB.Reviews))
	}
}

// TestLookTellsAnew: the same state is told of once, the next change again.
func TestLookTellsAnew(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(nil)
	for _, codes := range [][]string{{"VIP"}, {"VIP-2"}} {
		w.Clock.Advance(time.Minute)
		w.Out.Edit(code, func(d *shopCode) { d.Codes, d.UpdatedAt = codes, w.Clock.Now() })
		w.Look(s)
		w.Look(s)
	}
	if n := w.Count(domain.ActionDiscountChanged); n != 2 {
		t.Errorf("%d lines for two changes", n)
	}
}

// TestLookHeardNothing: a shop that does not answer is no discount that is gone.
func TestLookHeardNothing(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	w.Out.Refuse["finddiscount"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "find"}
	got, err := w.Service(nil).LookAtDiscount(t.Context(), 1)
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnavailable, err)
	expect.Equal(t, "got.Action", got.Action, "", err)
	expect.That(t, "w.Actions(code) not to contain domain.ActionDiscountDeleted",
		!slices.Contains(w.Actions(code), domain.ActionDiscountDeleted), err)
}

// TestRenamedCode: a code that somebody gave another text is the same discount: whoever spends it has used the coupon.
func TestRenamedCode(t *testing.T) {
	t.Parallel()
	renamed := func(t *testing.T) (*world, string) {
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.Edit(code, func(d *shopCode) { d.Codes = []string{"SORRY-500"} })
		if !w.Out.PlaceOrder("SORRY-500") {
			t.Fatal("the renamed code cannot be spent")
		}
		return w, code
	}
	for name, lag := range map[string]func(*world, string){
		"the count tells": func(*world, string) {},
		"only the order tells, because the count is late": func(w *world, code string) {
			w.Out.Edit(code, func(d *shopCode) { d.Usage = 0 })
		},
		"only the count tells, because it was renamed once more": func(w *world, code string) {
			w.Out.Edit(code, func(d *shopCode) { d.Codes = []string{"SORRY-501"} })
		},
	} {
		t.Run("cancelled after it was spent, "+name, func(t *testing.T) {
			t.Parallel()
			w, code := renamed(t)
			lag(w, code)
			s := w.Service(nil)
			couponstest.Cancel(s, t, code)
			w.Pass(s)
			if c := w.DB.Coupons[0]; c.Status != domain.Used || w.Out.Balances["8812370934"] != 750 {
				t.Errorf("%s, balance %d", c.Status, w.Out.Balances["8812370934"])
			}
		})
	}
	t.Run("its order uses the coupon, however often it is told of", func(t *testing.T) {
		t.Parallel()
		w, code := renamed(t)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders[0], w.Out.Orders[0])
		w.Rest(s)
		c := w.DB.Coupons[0]
		if c.Status != domain.Used || c.UsedOrder != "#1001" || w.Count("order.code_lost") != 0 ||
			len(w.DB.Reviews) != 0 {
			t.Errorf("%s by %s, %v", c.Status, c.UsedOrder, w.Actions(code))
		}
	})
	t.Run("an order with somebody else's code leaves the coupon alone", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.Codes["WELCOME"] = &shopCode{ID: "gid://foreign", Codes: []string{"WELCOME"},
			CustomerGID: "gid://shopify/Customer/1", Status: "ACTIVE"}
		w.Out.PlaceOrder("WELCOME")
		w.Told(w.Service(nil), w.Out.Orders[0])
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Active)
		expect.That(t, `code != ""`, code != "")
	})
	t.Run("a discount that was given our text meanwhile is not ours", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.Edit(code, func(d *shopCode) { d.Codes = []string{"SORRY-500"} })
		w.Out.Codes["foreign"] = &shopCode{ID: "gid://foreign", Codes: []string{code}, Status: "ACTIVE", Usage: 3}
		s := w.Service(nil)
		couponstest.Cancel(s, t, code)
		w.Pass(s)
		if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || w.Out.Codes[code].Alive() ||
			!w.Out.Codes["foreign"].Alive() {
			t.Errorf("%s, ours %s, theirs %s", c.Status, w.Out.Codes[code].Status, w.Out.Codes["foreign"].Status)
		}
		w.Balanced()
	})
}

// TestSwitchedOnBeforeTheCredit: a code that somebody switches on again between its end and the credit is ended once
// more, and the wait for orders begins anew.
func TestSwitchedOnBeforeTheCredit(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	on := 0
	w.Out.OnAct = func(act string) {
		if act == "usage" && w.Out.Codes[code].Status == "EXPIRED" && on < 2 {
			on++
			w.Out.Edit(code, switchedOn)
		}
	}
	s := w.Service(nil)
	couponstest.Cancel(s, t, code)
	w.Pass(s)
	if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || on != 2 || w.Count("discount.deactivated") != 3 {
		t.Errorf("%s after %d times, %v", c.Status, on, w.Actions(code))
	}
	w.Balanced()
}

// TestLateEnd: a call that gives a code its end, and arrives when the coupon is being cancelled, makes no code alive
// beside its points.
func TestLateEnd(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	w.Out.Edit(code, switchedOn)
	w.Out.Refuse["set_end"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "set_end"}
	s := w.Service(nil)
	_, err := s.LookAtDiscount(t.Context(), 1)
	expect.MustThat(t, "err != nil", err != nil, w.DB.Coupons[0].EndSetUntil)
	expect.MustThat(t, "w.DB.Coupons[0].EndSetUntil != nil", w.DB.Coupons[0].EndSetUntil != nil, err)
	sent, arrives := w.Clock.Now(), false
	w.Out.OnAct = func(act string) {
		if act == "add" && w.Clock.Now().Before(sent.Add(60*time.Second)) {
			t.Error("points go back while the call can still arrive")
		}
		if act == "usage" && !arrives && w.Out.Codes[code].Status == "EXPIRED" {
			arrives = true
			w.Out.Edit(code, func(d *shopCode) { d.Status = "ACTIVE" })
		}
	}
	couponstest.Cancel(s, t, code)
	w.Pass(s)
	if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || !arrives {
		t.Errorf("%s, arrived %v", c.Status, arrives)
	}
	w.Balanced()
}

// TestLateEndBeforeARemedy: what a used coupon is made good with waits for such a call as well.
func TestLateEndBeforeARemedy(t *testing.T) {
	t.Parallel()
	for _, outcome := range []reviews.Outcome{reviews.OutcomeGrant, reviews.OutcomeReissue} {
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		until := w.Clock.Now().Add(time.Minute)
		w.DB.Coupons[0].EndSetUntil = &until
		done := 0
		w.Out.OnAct = func(act string) {
			if act == "add" || act == "create" {
				if done++; w.Clock.Now().Before(until) {
					t.Errorf("%s: %s while the call can still arrive", outcome, act)
				}
			}
		}
		w.Decided(outcome, "d1")
		if done != 1 || w.Out.Codes[w.DB.Coupons[0].Code].Alive() {
			t.Errorf("%s: %d acts, the old code is %s", outcome, done, w.Out.Codes[w.DB.Coupons[0].Code].Status)
		}
		w.Balanced()
	}
}

// TestLookWhileCancelled: an end is not given to the code of a coupon that somebody began to cancel after the look
// began.
func TestLookWhileCancelled(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	w.Out.Edit(code, switchedOn)
	s := w.Service(nil)
	first := true
	w.Out.OnAct = func(act string) {
		if act == "finddiscount" && first {
			first = false
			couponstest.Cancel(s, t, code)
		}
	}
	_, err := s.LookAtDiscount(t.Context(), 1)
	expect.MustThat(t, "err != nil", err != nil)
	expect.That(t, "err.Error() to contain domain.ErrConflict.Error()",
		strings.Contains(err.Error(), domain.ErrConflict.Error()), err)
	w.Pass(s)
	if c := w.DB.Coupons[0]; c.Status != domain.Cancelled || w.Out.Codes[code].Alive() {
		t.Errorf("%s, code %s", c.Status, w.Out.Codes[code].Status)
	}
	w.Balanced()
}

// TestLookCrashWalk dies at every place of a look, and loses every answer, while the coupon is cancelled as well.
func TestLookCrashWalk(t *testing.T) {
	t.Parallel()
	live := func(t *testing.T, before bool, dieAt, loseAt int) (places, acts int) {
		t.Helper()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		if before {
			first := w.Service(nil)
			couponstest.Cancel(first, t, code)
			w.Pass(first)
		}
		w.Out.Edit(code, switchedOn)
		m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
		p := m.Ports()
		dead := w.Service(&p)
		_, _ = dead.LookAtDiscount(t.Context(), 1)
		places, acts = m.Walked()
		w.Buried(m, dead)
		s := w.Service(nil)
		w.Look(s)
		if c, d := w.DB.Coupons[0], w.Out.Codes[code]; d.Alive() == before || !before && !d.EndsAt.Equal(c.ExpiresAt) {
			t.Errorf("died at %d, lost %d: %s until %s", dieAt, loseAt, d.Status, d.EndsAt)
		}
		couponstest.Cancel(s, t, code)
		w.Pass(s)
		w.BalancedAs([]domain.Status{domain.Cancelled})
		if w.Count(domain.ActionDiscountRevived)+w.Count(domain.ActionDiscountEndLost) != 1 {
			t.Errorf("died at %d, lost %d: %v", dieAt, loseAt, w.Actions(code))
		}
		return places, acts
	}
	for name, before := range map[string]bool{"an end that was lost": false, "a cancelled code": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			places, acts := live(t, before, 0, 0)
			if places < 3 || acts < 2 {
				t.Fatalf("only %d places and %d acts were found: the walk walks past something", places, acts)
			}
			for die := 0; die <= places; die++ {
				for lose := 0; lose <= acts; lose++ {
					live(t, before, die, lose)
				}
			}
		})
	}
}

// TestMerchantsOwnCode: a text that a merchant has for the very same customer is not ours, and stays as it is: another
// one is drawn.
func TestMerchantsOwnCode(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]func(*shopCode){
		"with other terms":         func(*shopCode) {},
		"with the very same terms": func(d *shopCode) { d.UsageLimit, d.Amount.Minor = 1, 500 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			var foreign *shopCode
			w.Out.OnAct = func(act string) {
				if act != "create" || foreign != nil {
					return
				}
				c := w.DB.Coupons[0]
				foreign = &shopCode{ID: "gid://foreign", Codes: []string{c.Code}, Title: "For Taro",
					CustomerGID: c.ShopifyCustomerGID, CustomerCount: 1, Amount: domain.Money{Minor: 9900,
						Currency: "JPY"}, EndsAt: c.ExpiresAt, Status: "ACTIVE"}
				theirs(foreign)
				w.Out.Codes["foreign"] = foreign
			}
			got, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1"))
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "got.Done", got.Done, true, got.Coupon.Code)
			expect.MustThat(t, "!foreign.Called(got.Coupon.Code)", !foreign.Called(got.Coupon.Code), got.Coupon.Code)
			expect.MustEqual(t, "got.Coupon.Status", got.Coupon.Status, domain.Active, got.Coupon.Code)
			if !foreign.Alive() || w.Out.Balances["8812370934"] != 750 {
				t.Errorf("theirs is %s, balance %d", foreign.Status, w.Out.Balances["8812370934"])
			}
		})
	}
}

// TestDiscountTags: what a lost record is found by again is sent with the call that makes the code.
func TestDiscountTags(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	got := w.Out.Codes[code].Tags
	expect.Equal(t, "got", got, []string{"pointbridge", "pb-member-8812370934", "pb-points-500"})
	w.Out.PlaceOrder(code)
	s := w.Service(nil)
	w.Told(s, w.Out.CancelOrder(0, "customer"))
	w.Rest(s)
	w.Decided(reviews.OutcomeReissue, "d1")
	again := w.Last()
	got = w.Out.Codes[again.Code].Tags
	expect.That(t, `got to contain "pb-first-"+code`, slices.Contains(got, "pb-first-"+code), "pb-first-"+code, got)
	expect.That(t, "len(got) <= 5", len(got) <= 5, len(got))
}
