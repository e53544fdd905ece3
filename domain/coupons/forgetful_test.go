package coupons_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// forgetful is a POS that books, loses the answer, and refuses the repetition for a reason of its own before it looks
// at the key.
type forgetful struct {
	*outside
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
	return f.move("deduct", m, func() (coupons.Entry, error) { return f.outside.Deduct(ctx, m) })
}

func (f *forgetful) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return f.move("add", m, func() (coupons.Entry, error) { return f.outside.Add(ctx, m) })
}

// TestForgetfulPOS: a refusal of a repetition does not outweigh the POS's own history.
// covers: 004-30, H-14
func TestForgetfulPOS(t *testing.T) {
	t.Parallel()
	t.Run("points that were taken are not lost to a refused repetition", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		s := w.service(&ports{Store: w.db, Ledger: &forgetful{outside: w.out, act: "deduct",
			reason: domain.ReasonInsufficientPoints}, Shop: w.out})
		if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		w.rest(s)
		if w.db.coupons[0].Status != domain.Active {
			t.Errorf("%+v", w.db.coupons[0])
		}
		w.balanced()
	})
	t.Run("a POS that has no entry either is believed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.out.refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "deduct"}
		s := w.service(nil)
		if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
			t.Fatal(err)
		}
		gone := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Reason: domain.ReasonCustomerNotFound}
		w.out.refuse["deduct"], w.out.refuse["find"] = gone, gone
		w.rest(s)
		if w.db.coupons[0].Status != domain.Failed {
			t.Errorf("%+v", w.db.coupons[0])
		}
		w.balanced()
	})
	t.Run("points that were granted are not granted again by way of a reissue", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, func(*world) {})
		s := w.service(&ports{Store: w.db, Ledger: &forgetful{outside: w.out, act: "add", reason: "customer_blocked"},
			Shop: w.out})
		if _, _, err := s.Decide(t.Context(), decision(coupons.OutcomeGrant, "d1")); err != nil {
			t.Fatal(err)
		}
		w.drain(s)
		w.rest(s)
		_, _, _ = s.Decide(t.Context(), decision(coupons.OutcomeReissue, "d2"))
		w.pass(s)
		if r, _ := w.db.Review(t.Context(), 1); r.Open || len(w.db.coupons) != 1 {
			t.Errorf("%+v, %+v", r, w.last())
		}
		w.balanced()
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
			if c := w.db.coupons[0]; c.ParkedAt == nil || len(w.db.reviews) != 1 ||
				w.db.reviews[0].Kind != coupons.ReviewUnsettled || !w.db.reviews[0].Open {
				t.Errorf("%+v, %+v", c, w.db.reviews)
			}
		}
		settle := func(w *world) {
			for range 20 {
				_ = w.service(nil).Advance(w.t.Context(), 1)
				w.clock.Advance(31 * time.Second)
			}
		}
		t.Run("a deduction, the history says "+reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pos.Replay = false
			w.out.refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "deduct"}
			if _, err := w.service(nil).Convert(t.Context(), conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.out.refuse["find"] = answer
			settle(w)
			parked(t, w)
		})
		t.Run("a credit, the history says "+reason, func(t *testing.T) {
			t.Parallel()
			w, code := withCoupon(t, func(w *world) { w.pos.Replay = false })
			w.out.refuse["add"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "add"}
			w.out.refuse["find"] = answer
			s := w.service(nil)
			cancel(s, t, code)
			w.drain(s)
			settle(w)
			parked(t, w)
		})
	}
}
