package coupons_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

func refusedWith(t *testing.T, err error, code domain.Code) {
	t.Helper()
	if !errors.Is(err, &domain.Error{Code: code}) {
		t.Errorf("got %v, want %s", err, code)
	}
}

// covers: 004-05, 004-20, 004-24, 004-29, 004-34, 004-36, 004-53, 004-54, 004-55, T-03, T-04, T-05
func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("the points that were taken come back, whatever the rate is now", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.Rate = domain.MustRate("1.5") })
		s := w.Service(nil)
		got, err := s.Cancel(t.Context(), couponstest.Cancellation(strings.ToLower(code), "c1"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Coupon.Status", got.Coupon.Status, domain.Cancelling)
		expect.MustEqual(t, "got.Coupon.CancelledAt", got.Coupon.CancelledAt, nil)
		w.Pass(s)
		c := w.DB.Coupons[0]
		expect.Equal(t, "c.Status", c.Status, domain.Cancelled)
		expect.Equal(t, "c.CancelledBy", c.CancelledBy, "Sato")
		expect.Equal(t, "c.Reason", c.Reason, domain.ReasonCustomerRequest)
		expect.Equal(t, "c.Note", c.Note, "mistake")
		expect.That(t, "c.CancelledAt != nil", c.CancelledAt != nil)
		last := w.Out.Entries[len(w.Out.Entries)-1]
		want := couponstest.PosEntry{Customer: "8812370934", Reference: "CANCEL-" + code, Related: "COUPON-" + code,
			Key: last.Key, At: last.At,
			Reason: "Refund due to coupon cancellation", Points: 500, Balance: 1250}
		if last != want {
			t.Errorf("%+v, want %+v", last, want)
		}
		if n := len(w.Out.Mails); n != 2 || w.Out.Mails[1].Kind != domain.MailCancelled ||
			w.Out.Mails[1].Points != 500 {
			t.Errorf("mails: %+v", w.Out.Mails)
		}
		w.Balanced()
	})
	t.Run("a repeated request gets the first answer, with another meaning it is refused", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		s := w.Service(nil)
		first, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		if err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		again, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "again.Replayed", again.Replayed, true)
		expect.Equal(t, "again.Coupon.Status", again.Coupon.Status, first.Coupon.Status)
		expect.Equal(t, "again.Coupon.CancelledAt", again.Coupon.CancelledAt, nil)
		other := couponstest.Cancellation(code, "c1")
		other.Reason = domain.ReasonOther
		_, err = s.Cancel(t.Context(), other)
		refusedWith(t, err, domain.CodeKeyReused)
	})
	t.Run("a hundred at once give one refund", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		s := w.Service(nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for n := range 100 {
			wg.Go(func() {
				var err error
				switch n % 2 {
				case 0:
					_, err = s.Cancel(t.Context(), couponstest.Cancellation(code, fmt.Sprint("c", n)))
				default:
					_, err = s.Suspend(t.Context(), coupons.Suspension(couponstest.Cancellation(code, fmt.Sprint("s",
						n))))
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				}
			})
		}
		wg.Wait()
		w.Pass(s)
		if won != 1 {
			t.Errorf("%d of a hundred won", won)
		}
		w.Balanced()
	})
	t.Run("the mail tells the balance that the POS gives after the credit", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.OnAct = func(act string) {
			if act == "balance" {
				w.Out.Mu.Lock()
				w.Out.Balances["8812370934"] = 1050
				w.Out.Mu.Unlock()
			}
		}
		s := w.Service(nil)
		if _, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1")); err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		m := w.Out.Mails[len(w.Out.Mails)-1]
		expect.MustThat(t, "m.Balance != nil", m.Balance != nil)
		expect.Equal(t, "*m.Balance", *m.Balance, 1050)
	})
	t.Run("every ending and every refused attempt is in the audit", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		s := w.Service(nil)
		_, _ = s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		_, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c2"))
		refusedWith(t, err, domain.CodeCancelInProgress)
		w.Pass(s)
		var actions []string
		for _, a := range w.DB.Audit[3:] {
			actions = append(actions, a.Action+":"+a.Outcome)
		}
		want := "cancellation.started:done cancellation.refused:refused discount.deactivated:done refund.started:done points.given_back:done"
		got := strings.Join(actions, " ")
		for _, line := range strings.Fields(want) {
			if !strings.Contains(got, line) {
				t.Errorf("%q is missing in %q", line, got)
			}
		}
	})
}

// TestConditions shows who can be ended, by status; whatever is refused makes no call and moves nothing.
// covers: 004-17, 004-27, 004-28, 004-29, 004-51, 004-52, 004-56
func TestConditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status domain.Status
		want   domain.Code
	}{
		{"used", domain.Used, domain.CodeCouponUsed},
		{"expired", domain.Expired, domain.CodeCouponExpired},
		{"cancelled", domain.Cancelled, domain.CodeCouponCancelled},
		{"cancelling", domain.Cancelling, domain.CodeCancelInProgress},
		{"pending", domain.Pending, domain.CodeCouponNotCancellable},
		{"failed", domain.Failed, domain.CodeCouponNotCancellable},
		{"suspended", domain.Suspended, domain.CodeCouponNotCancellable},
		{"forfeited", domain.Forfeited, domain.CodeCouponNotCancellable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(*world) {})
			w.DB.Coupons[0].Status = c.status
			w.Out.OnAct = func(act string) { t.Errorf("%s was called", act) }
			s := w.Service(nil)
			_, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
			refusedWith(t, err, c.want)
			_, err = s.Suspend(t.Context(), coupons.Suspension(couponstest.Cancellation(code, "s1")))
			refusedWith(t, err, c.want)
			_, err = s.Refund(t.Context(), coupons.RefundRequest{Cancellation: couponstest.Cancellation(code, "r1"),
				Reference: "T-1"})
			refusedWith(t, err, c.want)
		})
	}
	t.Run("the clock passes the end before the click", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Clock.Advance(366 * 24 * time.Hour)
		_, err := w.Service(nil).Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		refusedWith(t, err, domain.CodeCouponExpired)
	})
	t.Run("reason and note", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		s := w.Service(nil)
		for _, bad := range []func(*coupons.Cancellation){
			func(c *coupons.Cancellation) { c.Reason = "" },
			func(c *coupons.Cancellation) { c.Reason = "because" },
			func(c *coupons.Cancellation) { c.Note = strings.Repeat("点", 2001) },
			func(c *coupons.Cancellation) { c.Note = "\xff" },
		} {
			c := couponstest.Cancellation(code, "c1")
			bad(&c)
			_, err := s.Cancel(t.Context(), c)
			refusedWith(t, err, domain.CodeValidation)
		}
		c := couponstest.Cancellation(code, "c1")
		c.Note = strings.Repeat("点", 2000)
		if _, err := s.Cancel(t.Context(), c); err != nil {
			t.Error(err)
		}
		w.Pass(s)
	})
	t.Run("nobody cancels their own coupon, nor more than their role may", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *world) {
			w.Policy.Caps = map[domain.Role]coupons.Cap{domain.RoleStoreManager: {PerAction: 500, PerDay: 700},
				domain.RoleECAdmin: {PerAction: 400}}
		})
		s := w.Service(nil)
		own := couponstest.Cancellation(code, "c1")
		own.Caller.CustomerID = "8812370934"
		_, err := s.Cancel(t.Context(), own)
		refusedWith(t, err, domain.CodeOwnCoupon)
		other := couponstest.Cancellation(code, "c2")
		other.Caller.ID, other.Caller.Role = "staff:2", domain.RoleECAdmin
		_, err = s.Cancel(t.Context(), other)
		refusedWith(t, err, domain.CodeCapExceeded)
		second, err := s.Convert(t.Context(), couponstest.Conversion(300, "k2"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Cancel(t.Context(), couponstest.Cancellation(code, "c3")); err != nil {
			t.Fatal(err)
		}
		_, err = s.Cancel(t.Context(), couponstest.Cancellation(second.Coupon.Code, "c4"))
		refusedWith(t, err, domain.CodeCapExceeded)
		w.Pass(s)
		w.Clock.Advance(24 * time.Hour)
		s = w.Service(nil)
		if _, err = s.Cancel(t.Context(), couponstest.Cancellation(second.Coupon.Code, "c5")); err != nil {
			t.Errorf("the next day: %v", err)
		}
		w.Pass(s)
		w.Balanced()
	})
}

func TestRefund(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(nil)
	ask := func(key, reference string) (coupons.Refund, error) {
		return s.Refund(t.Context(), coupons.RefundRequest{Cancellation: couponstest.Cancellation(code, key),
			Reference: reference})
	}
	first, err := ask("r1", "POS-1")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "first.Status", first.Status, coupons.RefundAccepted)
	expect.MustEqual(t, "first.POSReference", first.POSReference, "CANCEL-"+code)
	expect.MustEqual(t, "first.Points", first.Points, 500)
	fresh, err := ask("r2", "POS-2")
	if err != nil || !fresh.Replayed || fresh.Reference != "POS-1" {
		t.Errorf("a fresh key: %+v, %v", fresh, err)
	}
	w.Pass(s)
	again, err := ask("r1", "POS-1")
	if first.Replayed = true; err != nil || again != first {
		t.Errorf("a repeat: %+v, %v, want %+v", again, err, first)
	}
	for _, reference := range []string{"POS-1", "CANCEL-" + code, "cancel-" + strings.ToLower(code)} {
		got, err := s.FindRefund(t.Context(), reference)
		expect.MustEqual(t, "err", err, nil, reference)
		expect.Equal(t, "got.Status", got.Status, coupons.RefundDone, reference)
		expect.MustThat(t, "got.Balance != nil", got.Balance != nil, reference)
		expect.Equal(t, "*got.Balance", *got.Balance, 1250, reference)
		expect.That(t, "got.CompletedAt != nil", got.CompletedAt != nil, reference)
	}
	_, err = ask("r4", "cancel-1") // it would be looked up as the refund of a code
	refusedWith(t, err, domain.CodeValidation)
	_, err = s.FindRefund(t.Context(), "POS-9")
	refusedWith(t, err, domain.CodeRefundNotFound)
	second, err := s.Convert(t.Context(), couponstest.Conversion(300, "k2"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Refund(t.Context(), coupons.RefundRequest{Cancellation: couponstest.Cancellation(second.Coupon.Code,
		"r3"),
		Reference: "POS-1"})
	refusedWith(t, err, domain.CodeReferenceReused)
	_, err = s.FindRefund(t.Context(), "CANCEL-"+second.Coupon.Code)
	refusedWith(t, err, domain.CodeRefundNotFound)
	w.Rest(w.Service(nil))
	w.Balanced()
}

// interleave runs an ending and places an order before the n-th time that the flow goes outside or commits.
func interleave(t *testing.T, set func(*world), n int, known, dies bool) (places int, ordered bool, w *world) {
	t.Helper()
	w, code := couponstest.WithCoupon(t, set)
	gate := &couponstest.Gate{At: n, Do: func() {
		ordered = w.Out.PlaceOrder(code)
		if ordered && known {
			_ = w.Orders(w.Service(nil)).SweepOrders(t.Context())
			w.Out.Mu.Lock()
			w.Out.Told[code] = w.DB.Coupons[0].UsedAt != nil
			w.Out.Mu.Unlock()
		}
	}, Dies: dies, Inner: w.Whole()}
	p := gate.Ports()
	s := w.Service(&p)
	_, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
	expect.That(t, "err == nil || errors.Is(…) || errors.Is(…)",
		err == nil || errors.Is(err, &domain.Error{Code: domain.CodeCouponUsed}) || errors.Is(err, couponstest.ErrDied),
		err)
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if gate.Reached() < n {
		gate.Do() // after everything
	}
	w.Clock.Advance(time.Minute)
	last := w.Service(nil)
	w.Rest(last)
	w.SettleParked(last, code)
	w.Out.Lag = false
	if err := w.Orders(last).SweepOrders(t.Context()); err != nil {
		t.Error(err)
	}
	w.Rest(last)
	w.Balanced()
	return gate.Reached(), ordered, w
}

// TestCheckoutRace puts an order between any two things the flow does, with every behaviour of the shop, and with the
// process dying there or not.
// covers: 004-25, T-02, T-11
func TestCheckoutRace(t *testing.T) {
	t.Parallel()
	shops := map[string]func(*world){
		"a deactivated code is refused":        func(*world) {},
		"an open checkout still uses the code": func(w *world) { w.Out.Held = true },
		"orders show late":                     func(w *world) { w.Out.Lag = true },
		"orders show late, and an open checkout still uses the code": func(w *world) {
			w.Out.Held, w.Out.Lag = true, true
		},
		"references cannot be looked up, an open checkout still uses the code": func(w *world) {
			w.Out.Held, w.POS.Lookup = true, coupons.LookupNone
		},
		"keys are not safe to replay, an open checkout still uses the code": func(w *world) {
			w.Out.Held, w.Out.Keys, w.POS.Replay = true, false, false
		},
	}
	for name, set := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			places, _, _ := interleave(t, set, 0, false, false)
			if places < 8 {
				t.Fatalf("only %d places", places)
			}
			for n := 1; n <= places+1; n++ {
				for _, known := range []bool{false, true} {
					for _, dies := range []bool{false, true} {
						t.Run(fmt.Sprintf("order at place %d, told %v, dies %v", n, known, dies), func(t *testing.T) {
							t.Parallel()
							interleave(t, set, n, known, dies)
						})
					}
				}
			}
		})
	}
}

// covers: T-02, T-11
func TestUse(t *testing.T) {
	t.Parallel()
	t.Run("an order that nobody told us of is found before anything is done", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(*world) {})
		w.Out.PlaceOrder(code)
		_, err := w.Service(nil).Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		refusedWith(t, err, domain.CodeCouponUsed)
		c := w.DB.Coupons[0]
		expect.Equal(t, "c.Status", c.Status, domain.Used)
		expect.Equal(t, "c.UsedOrder", c.UsedOrder, "#1001")
		expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
	})
	t.Run("an order after the credit opens one review, and a person decides", func(t *testing.T) {
		t.Parallel()
		for _, outcome := range []reviews.Outcome{reviews.OutcomeTakeBack, reviews.OutcomeAcceptLoss} {
			w, code := couponstest.WithCoupon(t, func(w *world) { w.Out.Held = true })
			s := w.Service(nil)
			if _, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1")); err != nil {
				t.Fatal(err)
			}
			w.Pass(s)
			if !w.Out.PlaceOrder(code) {
				t.Fatal("no order")
			}
			s = w.Service(nil)
			for range 3 {
				if err := w.Orders(s).SweepOrders(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.MustEqual(t, "w.DB.Reviews[0].Kind", w.DB.Reviews[0].Kind, reviews.UsedAfterRefund)
			expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 2)
			_, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1,
				Outcome: reviews.OutcomeForfeit, Note: "x", Key: "d0"})
			refusedWith(t, err, domain.CodeOutcomeNotAllowed)
			got, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1,
				Outcome: outcome,
				Key:     "d1", Note: "seen"})
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "got.Open", got.Open, false)
			expect.MustEqual(t, "got.Outcome", got.Outcome, outcome)
			expect.MustEqual(t, "got.DecidedBy", got.DecidedBy, "Sato")
			_, _, err = s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1,
				Outcome: outcome,
				Key:     "d2"})
			refusedWith(t, err, domain.CodeReviewDecided)
			w.Pass(s)
			want := map[reviews.Outcome]int64{reviews.OutcomeTakeBack: 750, reviews.OutcomeAcceptLoss: 1250}[outcome]
			if w.Out.Balances["8812370934"] != want {
				t.Errorf("%s: balance %d", outcome, w.Out.Balances["8812370934"])
			}
		}
	})
	t.Run("points that are spent cannot be taken again: the review is open again", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *world) { w.Out.Held = true })
		s := w.Service(nil)
		_, _ = s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
		w.Pass(s)
		w.Out.PlaceOrder(code)
		s = w.Service(nil)
		_ = w.Orders(s).SweepOrders(t.Context())
		w.Out.Balances["8812370934"] = 100
		if _, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1,
			Outcome: reviews.OutcomeTakeBack, Key: "d1"}); err != nil {
			t.Fatal(err)
		}
		w.Pass(s)
		expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 2, w.DB.Reviews)
		expect.MustEqual(t, "w.DB.Reviews[1].Open", w.DB.Reviews[1].Open, true)
		s = w.Service(nil)
		_, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 2,
			Outcome: reviews.OutcomeTakeBack, Key: "d2"})
		refusedWith(t, err, domain.CodeOutcomeNotAllowed)
		if _, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 2,
			Outcome: reviews.OutcomeAcceptLoss, Key: "d3"}); err != nil {
			t.Error(err)
		}
	})
}

// TestUnsettled lets a person say what the POS's records say of a movement that nobody could settle.
func TestUnsettled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		applied bool // what the POS really did
		status  domain.Status
	}{{"it was applied", true, domain.Cancelled}, {"it was not", false, domain.Cancelled}} {
		t.Run("a credit, "+c.name, func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(w *world) { w.POS = coupons.Capabilities{} })
			lost := 4 // usage, deactivate, usage, add
			if !c.applied {
				w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
			}
			m := &couponstest.Mortal{LoseAt: lost, Inner: w.Whole()}
			p := m.Ports()
			s := w.Service(&p)
			_, _ = s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
			_ = s.Drain(t.Context())
			w.Rest(w.Service(nil))
			if w.DB.Coupons[0].ParkedAt == nil || len(w.DB.Reviews) != 1 {
				t.Fatalf("not parked: %+v", w.DB.Coupons[0])
			}
			delete(w.Out.Refuse, "add")
			outcome := reviews.OutcomeNotApplied
			if c.applied {
				outcome = reviews.OutcomeApplied
			}
			s = w.Service(nil)
			if _, _, err := s.Decide(t.Context(), coupons.Decision{Caller: couponstest.Manager(), ReviewID: 1,
				Outcome: outcome,
				Key:     "d1"}); err != nil {
				t.Fatal(err)
			}
			w.Pass(s)
			expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, c.status)
			w.Balanced()
		})
	}
}

// busyStore never gets to decide.
type busyStore struct{ *couponstest.MemStore }

func (busyStore) Decide(context.Context, coupons.Question,
	func(coupons.Locked) (coupons.Change, error),
) (coupons.State, error) {
	return coupons.State{}, domain.ErrConflict
}

func TestDecisionsThatLoseEveryRace(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	s := w.Service(&couponstest.Ports{Store: busyStore{w.DB}, Ledger: w.Out, Shop: w.Out})
	_, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1"))
	refusedWith(t, err, domain.CodeRequestInProgress)
	expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Active)
	expect.Equal(t, "len(w.Out.Entries)", len(w.Out.Entries), 1)
}
