package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func question(code, key string) coupons.Question {
	return coupons.Question{Code: code, Actor: "staff:1", DayStart: noon.Add(-time.Hour), Capped: true,
		Request: coupons.RequestKey{CallerID: "staff:1", Operation: "cancellation", Key: key, Hash: "h"}}
}

// cancelling ends a coupon as a decision does.
func cancelling(k coupons.Locked, q coupons.Question) coupons.Change {
	c := k.State.Coupon
	c.Status, c.CancelActor, c.CancelledBy, c.CancelStartedAt, c.Reason, c.Note = domain.Cancelling, q.Actor, "佐藤", &noon, "other", "メモ"
	return coupons.Change{Coupon: c, Request: &coupons.Request{Key: q.Request, Answer: coupons.AnswerAccepted,
		At: noon},
		Audit: []domain.AuditEntry{{At: noon, Actor: q.Actor, Action: "cancellation.started", Code: c.Code,
			From: domain.Active, To: domain.Cancelling, Outcome: domain.OutcomeDone}}}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		first := active(t, s, pending("1", 300)).Coupon
		q := question(lower(first.Code), "c1")
		st, err := s.Coupons.Decide(t.Context(), q, func(k coupons.Locked) (coupons.Change, error) {
			if k.Replay != nil || k.Refund != nil || k.Review != nil || k.MovedToday != 0 ||
				k.State.Movement(domain.Take) == nil {
				t.Errorf("%+v", k)
			}
			return cancelling(k, q), nil
		})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "st.Coupon.Status", st.Coupon.Status, domain.Cancelling)
		expect.MustThat(t, "st.Movement(domain.Take) != nil", st.Movement(domain.Take) != nil)
		expect.MustThat(t, "st.ActedBy to equal first.LeaseUntil", st.ActedBy.Equal(first.LeaseUntil), first.LeaseUntil,
			st.ActedBy)
		stored, err := s.Coupons.Load(t.Context(), first.ID)
		c := stored.Coupon
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "c.Status", c.Status, domain.Cancelling)
		expect.Equal(t, "c.CancelActor", c.CancelActor, "staff:1")
		expect.Equal(t, "c.CancelledBy", c.CancelledBy, "佐藤")
		expect.MustThat(t, "c.CancelStartedAt != nil", c.CancelStartedAt != nil)
		expect.That(t, "c.CancelStartedAt to equal noon", c.CancelStartedAt.Equal(noon), noon, c.CancelStartedAt)
		expect.Equal(t, "c.Note", c.Note, "メモ")
		expect.Equal(t, "c.Version", c.Version, st.Coupon.Version)
		_, err = s.Coupons.Decide(t.Context(), q, func(k coupons.Locked) (coupons.Change, error) {
			if k.Replay == nil || k.Replay.CouponID != first.ID || k.MovedToday != 300 {
				t.Errorf("a repeat sees %+v", k)
			}
			return coupons.Change{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		refused := domain.Refuse(domain.CodeCouponCancelled)
		if _, err = s.Coupons.Decide(t.Context(), question(first.Code, "c2"), func(coupons.Locked) (coupons.Change, error) { return coupons.Change{}, refused }); !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		for _, code := range []string{"70934-ABCDEF-500", "'; DROP TABLE coupons; --", ""} {
			_, err = s.Coupons.Decide(t.Context(), question(code, "c3"), nil)
			expect.That(t, "err to be &domain.Error{Code: domain.CodeCouponNotFound}",
				errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}), code, err)
		}
	})
}

// TestDecisionsInParallel lets one of many win, and keeps a cap over several coupons.
// covers: 004-29, 004-56
func TestDecisionsInParallel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		one := active(t, s, pending("1", 100)).Coupon
		var codes []string
		for range 6 {
			codes = append(codes, active(t, s, pending("1", 100)).Coupon.Code)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won, within := 0, 0
		decide := func(code, key string, capped bool, count *int) {
			q := question(code, key)
			q.Capped = capped
			if !capped {
				q.Actor, q.Request.CallerID = "key:9", "key:9"
			}
			_, err := retried(t.Context(), s, q, func(k coupons.Locked) (coupons.Change, error) {
				if k.State.Coupon.Status != domain.Active || capped && k.MovedToday+k.State.Coupon.Points > 300 {
					return coupons.Change{}, domain.Refuse(domain.CodeCapExceeded)
				}
				return cancelling(k, q), nil
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				*count++
			} else if !errors.Is(err, &domain.Error{Code: domain.CodeCapExceeded}) {
				t.Error(err)
			}
		}
		for n := range 20 {
			wg.Go(func() { decide(one.Code, fmt.Sprint("a", n), false, &won) })
		}
		for n, code := range codes {
			wg.Go(func() { decide(code, fmt.Sprint("b", n), true, &within) })
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d of twenty won", won)
		}
		if within != 3 {
			t.Errorf("%d coupons of 100 points were cancelled under a cap of 300", within)
		}
	})
}

// retried asks again when somebody was faster, as the flow does.
func retried(ctx context.Context, s *store.Store, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (st coupons.State, err error) {
	for range 20 {
		if st, err = s.Coupons.Decide(ctx, q, decide); !errors.Is(err, domain.ErrConflict) {
			return st, err
		}
	}
	return st, err
}

func TestRefundRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		first, second := active(t, s, pending("1", 100)).Coupon, active(t, s, pending("1", 200)).Coupon
		ask := func(code, key, reference string) (seen *coupons.RefundRow, err error) {
			q := question(code, key)
			q.Reference, q.Request.Operation = reference, "refund"
			_, err = s.Coupons.Decide(t.Context(), q, func(k coupons.Locked) (coupons.Change, error) {
				if seen = k.Refund; seen != nil {
					return coupons.Change{}, nil
				}
				ch := cancelling(k, q)
				ch.Refund = &coupons.RefundRow{Reference: reference, CallerID: "key:1", Reason: "other", Note: "n",
					CreatedAt: noon}
				return ch, nil
			})
			return seen, err
		}
		{
			seen, err := ask(first.Code, "r1", "T-1")
			expect.MustEqual(t, "seen", seen, nil)
			expect.MustEqual(t, "err", err, nil)
		}
		if seen, err := ask(first.Code, "r2", "T-2"); err != nil || seen == nil || seen.Reference != "T-1" ||
			seen.CouponID != first.ID {
			t.Errorf("the coupon's own refund: %+v, %v", seen, err)
		}
		if seen, err := ask(second.Code, "r3", "T-1"); err != nil || seen == nil || seen.CouponID != first.ID {
			t.Errorf("a reference that is taken: %+v, %v", seen, err)
		}
		got, err := s.Coupons.FindRefund(t.Context(), "T-1")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.CouponID", got.CouponID, first.ID)
		expect.Equal(t, "got.Note", got.Note, "n")
		expect.That(t, "got.CreatedAt to equal noon", got.CreatedAt.Equal(noon), noon, got.CreatedAt)
		got, err = s.Coupons.RefundOf(t.Context(), first.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Reference", got.Reference, "T-1")
		for _, err := range []error{errorOf(s.Coupons.FindRefund(t.Context(), "T-9")),
			errorOf(s.Coupons.RefundOf(t.Context(), second.ID))} {
			if !errors.Is(err, &domain.Error{Code: domain.CodeRefundNotFound}) {
				t.Error(err)
			}
		}
	})
}

func errorOf[T any](_ T, err error) error { return err }

// covers: T-05
func TestReviews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		c := active(t, s, pending("1", 100)).Coupon
		c.Status, c.Unfinished, c.UsedOrder = domain.Suspended, true, "#1001"
		_, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c, Review: reviews.SuspectedFraud})
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Status: "open", Limit: 5})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 1, list)
		expect.MustEqual(t, "list[0].Kind", list[0].Kind, reviews.SuspectedFraud)
		expect.MustEqual(t, "list[0].OrderName", list[0].OrderName, "#1001")
		expect.MustEqual(t, "list[0].Code", list[0].Code, c.Code)
		expect.MustEqual(t, "list[0].Open", list[0].Open, true)
		if stuck, err := s.Backlog.Stuck(t.Context(), noon.Add(time.Hour), 5); err != nil || len(stuck) != 1 {
			t.Errorf("an unfinished coupon is not found: %v, %v", stuck, err)
		}
		q := question(c.Code, "d1")
		q.ReviewID = list[0].ID
		decide := func(k coupons.Locked) (coupons.Change, error) {
			if k.Review == nil || k.Review.ID != list[0].ID {
				t.Errorf("%+v", k.Review)
			}
			next := k.State.Coupon
			next.Status, next.Unfinished = domain.Forfeited, false
			return coupons.Change{Coupon: next, Verdict: &reviews.Verdict{ReviewID: list[0].ID,
				Outcome: reviews.OutcomeForfeit, Note: "証拠", By: "佐藤", At: noon}}, nil
		}
		if _, err = s.Coupons.Decide(t.Context(), q, decide); err != nil {
			t.Fatal(err)
		}
		if _, err = s.Coupons.Decide(t.Context(), q, decide); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("a review was closed twice: %v", err)
		}
		got, err := s.Reviews.Review(t.Context(), list[0].ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Open", got.Open, false)
		expect.Equal(t, "got.Outcome", got.Outcome, reviews.OutcomeForfeit)
		expect.Equal(t, "got.Note", got.Note, "証拠")
		expect.Equal(t, "got.DecidedBy", got.DecidedBy, "佐藤")
		expect.MustThat(t, "got.DecidedAt != nil", got.DecidedAt != nil)
		expect.That(t, "got.DecidedAt to equal noon", got.DecidedAt.Equal(noon), noon, got.DecidedAt)
		if _, err = s.Reviews.Review(t.Context(), 99); !errors.Is(err, &domain.Error{Code: domain.CodeReviewNotFound}) {
			t.Error(err)
		}
		q.ReviewID = 99
		if _, err = s.Coupons.Decide(t.Context(), q, decide); !errors.Is(err,
			&domain.Error{Code: domain.CodeReviewNotFound}) {
			t.Error(err)
		}
	})
}

func TestCursors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for _, step := range []struct{ move, want time.Time }{{time.Time{}, time.Time{}}, {noon, noon},
			{noon.Add(-time.Hour), noon}, {noon.Add(time.Hour), noon.Add(time.Hour)}} {
			if !step.move.IsZero() {
				if err := s.Backlog.MoveCursor(t.Context(), "orders", step.move); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := s.Backlog.Cursor(t.Context(), "orders"); err != nil || !got.Equal(step.want) {
				t.Errorf("%v, %v; want %v", got, err, step.want)
			}
		}
	})
}
