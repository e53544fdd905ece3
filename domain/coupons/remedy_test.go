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
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

func other() domain.Caller {
	return domain.Caller{ID: "staff:2", Name: "Suzuki", Role: domain.RoleStoreManager}
}

// covers: 000-02, 000-03, 000-04, 000-05, 000-06, 000-11, T-05
func TestReissue(t *testing.T) {
	t.Parallel()
	t.Run("one new code for the same customer, and the old one is deactivated", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithVoidedOrder(t, func(*world) {})
		mailed := len(w.Out.Mails)
		w.Decided(reviews.OutcomeReissue, "d1")
		old, next := w.DB.Coupons[0], w.Last()
		expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 2)
		expect.MustEqual(t, "old.Status", old.Status, domain.Used)
		expect.MustEqual(t, "old.SupersededBy", old.SupersededBy, next.Code)
		expect.MustEqual(t, "next.ReissuedFrom", next.ReissuedFrom, code)
		expect.MustEqual(t, "next.Status", next.Status, domain.Active)
		expect.Equal(t, "next.Points", next.Points, 500)
		expect.Equal(t, "next.Amount", next.Amount, old.Amount)
		expect.That(t, "next.ExpiresAt to equal old.ExpiresAt", next.ExpiresAt.Equal(old.ExpiresAt), old.ExpiresAt,
			next.ExpiresAt)
		expect.Equal(t, "next.TakenAs()", next.TakenAs(), code)
		d := w.Out.Codes[next.Code]
		if d.UsageLimit != 1 || d.CustomerGID != old.ShopifyCustomerGID || d.CustomerCount != 1 ||
			w.Out.Codes[code].Status == "ACTIVE" {
			t.Errorf("%+v, the old code is %s", d, w.Out.Codes[code].Status)
		}
		if len(w.Out.Entries) != 1 {
			t.Errorf("points moved: %+v", w.Out.Entries)
		}
		mails := w.Out.Mails[mailed:]
		if len(mails) != 1 || mails[0].Kind != domain.MailReissued || mails[0].Code != next.Code ||
			mails[0].Replaces != code {
			t.Errorf("the mails are %+v", mails)
		}
		if got := w.Out.Fields["gid://shopify/Customer/1"]; !strings.Contains(got, code) || !strings.Contains(got,
			next.Code) {
			t.Errorf("the metafield says %s", got)
		}
		w.Balanced()
	})
	t.Run("an end that is near or past gives way to a new one", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) {
			w.Policy.ReissueValidity = 20 * 24 * time.Hour
			w.Clock.Advance(400 * 24 * time.Hour)
		})
		w.Decided(reviews.OutcomeReissue, "d1")
		got := w.Last()
		expect.Equal(t, "got.ExpiresAt.Sub(got.CreatedAt.Truncate(time.Second))",
			got.ExpiresAt.Sub(got.CreatedAt.Truncate(time.Second)), 20*24*time.Hour)
		expect.Equal(t, "got.Status", got.Status, domain.Active)
		w.Balanced()
	})
	t.Run("after a reissue the points come back only by way of the new code, once, under the first one's name",
		func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithVoidedOrder(t, func(*world) {})
			w.Decided(reviews.OutcomeReissue, "d1")
			next := w.Last().Code
			s := w.Service(nil)
			if _, err := s.Cancel(t.Context(), couponstest.Cancellation(next, "c1")); err != nil {
				t.Fatal(err)
			}
			w.Pass(s)
			got := w.Out.Entries[len(w.Out.Entries)-1]
			expect.Equal(t, "got.Reference", got.Reference, "CANCEL-"+next)
			expect.Equal(t, "got.Related", got.Related, "COUPON-"+code)
			expect.Equal(t, `w.Out.Balances["8812370934"]`, w.Out.Balances["8812370934"], 1250)
			expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 2, w.Out.Entries)
			_, _, err := w.Service(nil).Decide(t.Context(), couponstest.Decision(reviews.OutcomeGrant, "d2"))
			refusedWith(t, err, domain.CodeReviewDecided)
			w.Balanced()
		})
	t.Run("Shopify refuses for good: no mail, and the review is open again with the reason", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		mailed := len(w.Out.Mails)
		w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: "customer_gone"}
		w.Decided(reviews.OutcomeReissue, "d1")
		r, _ := w.DB.Review(t.Context(), 1)
		expect.MustEqual(t, "r.Open", r.Open, true)
		expect.MustEqual(t, "r.Problem", r.Problem, "customer_gone")
		expect.MustEqual(t, "w.DB.Coupons[0].SupersededBy", w.DB.Coupons[0].SupersededBy, "")
		expect.MustEqual(t, "w.Last().Status", w.Last().Status, domain.Failed)
		expect.MustEqual(t, "len(w.Out.Mails)", len(w.Out.Mails), mailed)
		w.Balanced()
		delete(w.Out.Refuse, "create")
		w.Decided(reviews.OutcomeReissue, "d2")
		expect.Equal(t, "w.Last().Status", w.Last().Status, domain.Active)
		expect.Equal(t, "w.DB.Coupons[0].SupersededBy", w.DB.Coupons[0].SupersededBy, w.Last().Code)
		w.Balanced()
	})
	t.Run("an order that stands holds the code too: nothing is made good", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant} {
			w, code := couponstest.WithVoidedOrder(t, func(*world) {})
			w.Out.Codes[code].Usage = 0 // somebody let it be used again
			w.Out.PlaceOrder(code)
			w.Decided(outcome, "d1")
			r, _ := w.DB.Review(t.Context(), 1)
			expect.Equal(t, "r.Open", r.Open, true, outcome)
			expect.Equal(t, "r.Problem", r.Problem, "used_again", outcome)
			expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1, outcome, w.Out.Entries)
			expect.That(t, `w.Out.Codes[code].Status != "ACTIVE"`, w.Out.Codes[code].Status != "ACTIVE", outcome)
			w.Balanced()
		}
	})
	t.Run("it does not count towards the day's limit", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) { w.Policy.DailyLimit = 600 })
		w.Decided(reviews.OutcomeReissue, "d1")
		if _, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(100, "k2")); err != nil {
			t.Error(err)
		}
	})
}

// covers: 000-14, 004-07, 004-30, 004-31, 004-32
func TestGrant(t *testing.T) {
	t.Parallel()
	t.Run("the points are granted once, with the reason, and the coupon stays used", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithVoidedOrder(t, func(*world) {})
		mailed := len(w.Out.Mails)
		w.Decided(reviews.OutcomeGrant, "d1")
		last := w.Out.Entries[len(w.Out.Entries)-1]
		want := couponstest.PosEntry{Customer: "8812370934", Reference: "GRANT-" + code, Related: "COUPON-" + code,
			Key: last.Key, At: last.At,
			Reason: "Refund due to order cancellation", Points: 500, Balance: 1250}
		if last != want || len(w.Out.Entries) != 2 {
			t.Errorf("%+v, want %+v", last, want)
		}
		c := w.DB.Coupons[0]
		expect.Equal(t, "c.Status", c.Status, domain.Used)
		expect.Equal(t, "c.OnTheWay()", c.OnTheWay(), false)
		expect.Equal(t, "c.SupersededBy", c.SupersededBy, "")
		i := slices.IndexFunc(w.DB.Audit, func(e domain.AuditEntry) bool { return e.Action == "points.granted" })
		if i < 0 || w.DB.Audit[i].Detail["reason"] != "Refund due to order cancellation" ||
			w.DB.Audit[i].Detail["order"] != "#1001" || w.DB.Audit[i].CustomerID != "8812370934" {
			t.Errorf("the history says %v", w.Actions(code))
		}
		mails := w.Out.Mails[mailed:]
		expect.MustEqual(t, "len(mails)", len(mails), 1, mails)
		expect.MustEqual(t, "mails[0].Kind", mails[0].Kind, domain.MailGranted)
		expect.MustThat(t, "mails[0].Balance != nil", mails[0].Balance != nil)
		expect.MustEqual(t, "*mails[0].Balance", *mails[0].Balance, 1250)
		expect.Equal(t, "mails[0].Order", mails[0].Order, "#1001")
		w.Balanced()
	})
	t.Run("the POS refuses for good: the review is open again, and a grant is not tried twice", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "add",
			Reason: domain.ReasonCustomerNotFound}
		w.Decided(reviews.OutcomeGrant, "d1")
		r, _ := w.DB.Review(t.Context(), 1)
		expect.MustEqual(t, "r.Open", r.Open, true)
		expect.MustEqual(t, "r.Problem", r.Problem, domain.ReasonCustomerNotFound)
		expect.MustEqual(t, "r.Outcomes(w.Clock.Now())", r.Outcomes(w.Clock.Now()),
			[]reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeRefuse})
		w.Balanced()
		delete(w.Out.Refuse, "add")
		w.Decided(reviews.OutcomeReissue, "d2")
		w.Balanced()
	})
	t.Run("after a reissue the grant is for the new code, under the first one's name", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithVoidedOrder(t, func(*world) {})
		w.Decided(reviews.OutcomeReissue, "d1")
		next := w.Last().Code
		w.Out.PlaceOrder(next)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders[1], w.Out.CancelOrder(1, "customer"))
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
		d := couponstest.Decision(reviews.OutcomeGrant, "d2")
		d.ReviewID = 2
		if _, _, err := s.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		got := w.Out.Entries[len(w.Out.Entries)-1]
		expect.Equal(t, "got.Reference", got.Reference, "GRANT-"+next, w.Out.Entries)
		expect.Equal(t, "got.Related", got.Related, "COUPON-"+code, w.Out.Entries)
		expect.Equal(t, `w.Out.Balances["8812370934"]`, w.Out.Balances["8812370934"], 1250, w.Out.Entries)
		r, _ := w.DB.Review(t.Context(), 2)
		if !slices.Equal(r.Coupon.Chain, []string{code, next}) || r.RecentReviews != 2 {
			t.Errorf("the review shows %v, %d reviews", r.Coupon.Chain, r.RecentReviews)
		}
		w.Balanced()
	})
}

// covers: 000-07, T-05
func TestOneRemedy(t *testing.T) {
	t.Parallel()
	t.Run("a hundred decisions at once make good once", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithVoidedOrder(t, func(*world) {})
		s := w.Service(nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for n := range 100 {
			wg.Go(func() {
				d := couponstest.Decision([]reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant,
					reviews.OutcomeRefuse}[n%3], fmt.Sprint("d", n))
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
		w.Pass(s)
		w.Told(w.Service(nil), w.Out.Orders[0])
		if won != 1 || len(w.DB.Reviews) != 1 || len(w.DB.Coupons)-1+w.Out.Times(domain.GrantReference(code)) > 1 {
			t.Errorf("%d won, %d coupons, entries %+v", won, len(w.DB.Coupons), w.Out.Entries)
		}
		w.Balanced()
	})
	t.Run("a second review about the same coupon has no second way to its value", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant} {
			w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.PartialRefunds = true })
			w.Out.PlaceOrder(code)
			s := w.Service(nil)
			w.Told(s, w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentPartiallyRefunded }))
			w.Decided(outcome, "d1")
			w.Told(w.Service(nil), w.Out.CancelOrder(0, "customer"))
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
			for n, second := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant,
				reviews.OutcomeReturnPoints} {
				d := couponstest.Decision(second, fmt.Sprint("e", n))
				d.ReviewID = 2
				_, _, err := w.Service(nil).Decide(t.Context(), d)
				refusedWith(t, err, domain.CodeOutcomeNotAllowed)
			}
			w.Balanced()
		}
	})
	t.Run("a repeated decision gets the first answer, with another meaning it is refused", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		s := w.Service(nil)
		first, replayed, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "replayed", replayed, false)
		expect.MustEqual(t, "first.Open", first.Open, false)
		again, replayed, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "replayed", replayed, true)
		expect.Equal(t, "again.Outcome", again.Outcome, reviews.OutcomeReissue)
		_, _, err = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeGrant, "d1"))
		refusedWith(t, err, domain.CodeKeyReused)
		w.Pass(s)
		if len(w.DB.Coupons) != 2 {
			t.Errorf("%d coupons", len(w.DB.Coupons))
		}
		w.Balanced()
	})
	t.Run("a refusal needs a reason, and moves nothing", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		d := couponstest.Decision(reviews.OutcomeRefuse, "d1")
		d.Note = " "
		_, _, err := w.Service(nil).Decide(t.Context(), d)
		refusedWith(t, err, domain.CodeValidation)
		w.Decided(reviews.OutcomeRefuse, "d2")
		expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1, w.Out.Entries)
		expect.Equal(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 1)
		w.Balanced()
	})
}

func TestWhoMakesGood(t *testing.T) {
	t.Parallel()
	t.Run("nobody decides about their own coupon, nor beyond their cap, which counts what was granted and reissued",
		func(t *testing.T) {
			t.Parallel()
			w, _ := couponstest.WithVoidedOrder(t, func(w *world) {
				w.Policy.Caps = map[domain.Role]coupons.Cap{domain.RoleStoreManager: {PerDay: 700},
					domain.RoleECAdmin: {PerAction: 400}}
			})
			second, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(300, "k2"))
			if err != nil {
				t.Fatal(err)
			}
			s := w.Service(nil)
			for n, who := range []domain.Caller{
				{ID: "staff:1", Role: domain.RoleStoreManager, CustomerID: "8812370934"},
				{ID: "staff:3", Role: domain.RoleECAdmin},
			} {
				for _, outcome := range []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant} {
					d := couponstest.Decision(outcome, "x"+string(outcome))
					d.Caller = who
					_, _, err := s.Decide(t.Context(), d)
					refusedWith(t, err, []domain.Code{domain.CodeOwnCoupon, domain.CodeCapExceeded}[n])
				}
			}
			w.Decided(reviews.OutcomeReissue, "d1")
			_, err = w.Service(nil).Cancel(t.Context(), couponstest.Cancellation(second.Coupon.Code, "c1"))
			refusedWith(t, err, domain.CodeCapExceeded)
		})
	t.Run("above a limit it takes two people", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) { w.Policy.FourEyes = 499 })
		s := w.Service(nil)
		first, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "first.Open", first.Open, true)
		expect.MustThat(t, "first.Proposal != nil", first.Proposal != nil)
		expect.MustEqual(t, "first.Proposal.Outcome", first.Proposal.Outcome, reviews.OutcomeReissue)
		expect.MustEqual(t, "first.Proposal.By", first.Proposal.By, "Sato")
		_, _, err = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d2"))
		refusedWith(t, err, domain.CodeSecondPerson)
		d := couponstest.Decision(reviews.OutcomeGrant, "d3")
		d.Caller = other()
		replaced, _, err := s.Decide(t.Context(), d)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "replaced.Open", replaced.Open, true)
		expect.MustEqual(t, "replaced.Proposal.Outcome", replaced.Proposal.Outcome, reviews.OutcomeGrant)
		expect.MustEqual(t, "replaced.Proposal.By", replaced.Proposal.By, "Suzuki")
		expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
		d.Key = "d4"
		_, _, err = s.Decide(t.Context(), d)
		refusedWith(t, err, domain.CodeSecondPerson)
		w.Decided(reviews.OutcomeGrant, "d5")
		r := w.DB.Reviews[0]
		expect.Equal(t, "r.Open", r.Open, false)
		expect.Equal(t, "r.DecidedBy", r.DecidedBy, "Sato")
		expect.Equal(t, `w.Count("review.proposed")`, w.Count("review.proposed"), 2)
		expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 2)
		w.Balanced()
	})
	t.Run("up to the limit one is enough, and a refusal always", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(w *world) { w.Policy.FourEyes = 500 })
		w.Decided(reviews.OutcomeReissue, "d1")
		w.Balanced()
		w, _ = couponstest.WithVoidedOrder(t, func(w *world) { w.Policy.FourEyes = 1 })
		w.Decided(reviews.OutcomeRefuse, "d1")
		if w.DB.Reviews[0].Open {
			t.Error("a refusal waits")
		}
	})
}

// covers: 000-07, 000-14, 004-33
func TestAuto(t *testing.T) {
	t.Parallel()
	reissue := func(w *world) { w.Policy.Auto = reviews.Auto{ReissueBelow: 501, Reviews: 3} }
	t.Run("below the limit the service decides, once, and says so", func(t *testing.T) {
		t.Parallel()
		grant := func(w *world) { w.Policy.Auto = reviews.Auto{GrantBelow: 501, Reviews: 3} }
		for _, set := range []func(*world){reissue, grant} {
			w, _ := couponstest.WithVoidedOrder(t, set)
			w.Told(w.Service(nil), w.Out.Orders[0], w.Out.Orders[0])
			w.Rest(w.Service(nil))
			w.Told(w.Service(nil), w.Out.Orders[0])
			if r := w.DB.Reviews[0]; len(w.DB.Reviews) != 1 || r.Open || w.Count("review.auto") != 1 ||
				len(w.DB.Coupons)+len(w.Out.Entries) != 3 {
				t.Errorf("%+v, %d coupons, %+v", r, len(w.DB.Coupons), w.Out.Entries)
			}
			w.Balanced()
		}
	})
	for name, set := range map[string]func(*world){
		"at the limit": func(w *world) {
			w.Policy.Auto = reviews.Auto{ReissueBelow: 500, Reviews: 3}
		},
		"it takes two people": func(w *world) { reissue(w); w.Policy.FourEyes = 100 },
		"from so many reviews on": func(w *world) {
			w.Policy.Auto = reviews.Auto{ReissueBelow: 501, Reviews: 1}
		},
		"somebody cancelled it as fraud": func(w *world) {
			reissue(w)
			w.Told(w.Service(nil), w.Out.CancelOrder(0, "fraud"))
		},
	} {
		t.Run("a person decides: "+name, func(t *testing.T) {
			t.Parallel()
			w, _ := couponstest.WithVoidedOrder(t, set)
			w.Rest(w.Service(nil))
			expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 1)
			expect.Equal(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, true)
			w.Balanced()
		})
	}
	t.Run("a reissue of a reissue needs a person, and the chain is visible", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithVoidedOrder(t, reissue)
		s := w.Service(nil)
		w.Pass(s)
		next := w.Last().Code
		w.Out.PlaceOrder(next)
		w.Told(w.Service(nil), w.Out.Orders[1], w.Out.CancelOrder(1, "customer"))
		w.Rest(w.Service(nil))
		r, _ := w.DB.Review(t.Context(), 2)
		expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 2)
		expect.Equal(t, "r.Open", r.Open, true)
		expect.Equal(t, "r.Coupon.Chain", r.Coupon.Chain, []string{code, next})
		w.Balanced()
	})
}
