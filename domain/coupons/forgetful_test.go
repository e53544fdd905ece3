package coupons_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// forgetful is a POS that books, loses the answer, and refuses the repetition for a reason of its own before it looks
// at the key.
type forgetful struct {
	*couponstest.Outside
	act    string
	reason string
	asked  int
}

func (f *forgetful) move(act string, m domain.Movement, book func() (coupons.Entry, error)) (coupons.Entry, error) {
	if act != f.act {
		return book()
	}
	if f.asked++; f.asked > 1 {
		return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: act,
			Reason: f.reason}
	}
	_, _ = book()
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: act}
}

func (f *forgetful) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return f.move("deduct", m, func() (coupons.Entry, error) { return f.Outside.Deduct(ctx, m) })
}

func (f *forgetful) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return f.move("add", m, func() (coupons.Entry, error) { return f.Outside.Add(ctx, m) })
}

// TestForgetfulPOS: a refusal of a repetition does not outweigh the POS's own history.
// covers: 004-30, H-14
func TestForgetfulPOS(t *testing.T) {
	t.Parallel()
	t.Run("points that were taken are not lost to a refused repetition", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: &forgetful{Outside: w.Out, act: "deduct",
			reason: domain.ReasonInsufficientPoints}, Shop: w.Out})
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.Rest(s)
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Active)
		w.Balanced()
	})
	t.Run("a POS that knows the customer no more says nothing about what was sent", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "deduct"}
		s := w.Service(nil)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		gone := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Reason: domain.ReasonCustomerNotFound}
		w.Out.Refuse["deduct"], w.Out.Refuse["find"] = gone, gone
		w.Rest(s)
		expect.Equal(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Pending)
		expect.That(t, "a person has to look", w.DB.Coupons[0].ParkedAt != nil)
	})
	t.Run("points that were granted are not granted again by way of a reissue", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, func(*world) {})
		s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: &forgetful{Outside: w.Out, act: "add",
			reason: "customer_blocked"},
			Shop: w.Out})
		if _, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeGrant, "d1")); err != nil {
			t.Fatal(err)
		}
		w.Drain(s)
		w.Rest(s)
		_, _, _ = s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d2"))
		w.Pass(s)
		if r, _ := w.DB.Review(t.Context(), 1); r.Open || len(w.DB.Coupons) != 1 {
			t.Errorf("%+v, %+v", r, w.Last())
		}
		w.Balanced()
	})
}

// TestHistoryForPersons: a POS whose history does not answer the question, now or ever, leaves the movement to a
// person.
// covers: 004-25, H-14
func TestHistoryForPersons(t *testing.T) {
	t.Parallel()
	for reason, kind := range map[string]domain.Kind{domain.ReasonAmbiguous: domain.KindUnknown,
		domain.ReasonCustomerNotFound: domain.KindRefused} {
		answer := &domain.UpstreamError{Kind: kind, Upstream: "pos", Act: "find", Reason: reason}
		parked := func(t *testing.T, w *world) {
			t.Helper()
			expect.MustThat(t, "w.DB.Coupons[0].ParkedAt != nil", w.DB.Coupons[0].ParkedAt != nil)
			expect.MustEqual(t, "len(w.DB.Reviews)", len(w.DB.Reviews), 1, w.DB.Reviews)
			expect.MustEqual(t, "w.DB.Reviews[0].Kind", w.DB.Reviews[0].Kind, reviews.Unsettled)
			expect.Equal(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, true)
		}
		settle := func(w *world) {
			for range 20 {
				_ = w.Service(nil).Advance(w.T.Context(), 1)
				w.Clock.Advance(31 * time.Second)
			}
		}
		t.Run("a deduction, the history says "+reason, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			w.POS.Replay = false
			w.Out.Refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "deduct"}
			if _, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.Out.Refuse["find"] = answer
			settle(w)
			parked(t, w)
		})
		t.Run("a credit, the history says "+reason, func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(w *world) { w.POS.Replay = false })
			w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
			w.Out.Refuse["find"] = answer
			s := w.Service(nil)
			couponstest.Cancel(s, t, code)
			w.Drain(s)
			settle(w)
			parked(t, w)
		})
	}
}
