package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

var (
	noon = time.Date(2026, 12, 1, 12, 0, 0, 123456000, time.UTC)
	day  = 24 * time.Hour
)

func now() time.Time { return noon }

func customer(t *testing.T, s *store.Store, id string) {
	t.Helper()
	_, _, err := s.Members.SaveCustomer(t.Context(), domain.Customer{ID: id,
		ShopifyCustomerGID: "gid://shopify/Customer/" + id, Name: "山田", Email: "a@example.com", CreatedAt: noon,
		UpdatedAt: noon}, domain.AuditEntry{At: noon, Actor: "test", Action: "customer.linked",
		Outcome: domain.OutcomeDone})
	if err != nil {
		t.Fatal(err)
	}
}

var serial atomic.Int64

// pending is the first commit of a conversion.
func pending(customerID string, points int64) coupons.Change {
	n := serial.Add(1)
	drawn := strings.NewReplacer("0", "A", "1", "B").Replace(fmt.Sprintf("%06d", n))
	code := fmt.Sprintf("%s-%s-%d", customerID, drawn, points)
	return coupons.Change{
		Coupon: domain.Coupon{Code: code, Status: domain.Pending, CustomerID: customerID,
			ShopifyCustomerGID: "gid://shopify/Customer/" + customerID, Campaign: domain.CampaignPoints, Points: points,
			Amount: domain.Money{Minor: points, Currency: "JPY"}, Rate: domain.MustRate("1"), CreatedAt: noon,
			ExpiresAt: noon.Truncate(time.Second).Add(365 * day), LeaseUntil: noon.Add(30 * time.Second)},
		Movements: []domain.Movement{{CustomerID: customerID, Kind: domain.Take, State: domain.MovementOpen,
			Points: points, Reference: domain.TakeReference(code), Key: code, Reason: domain.ReasonTake,
			CreatedAt: noon}},
		Request: &coupons.Request{Key: coupons.RequestKey{CallerID: "key:1", Operation: "conversion", Key: code,
			Hash: "h"}, At: noon},
		Audit: []domain.AuditEntry{{At: noon, Actor: "key:1", Action: "conversion.started", Code: code,
			Outcome: domain.OutcomeDone, To: domain.Pending}},
	}
}

func opening(c coupons.Change) coupons.Opening {
	return coupons.Opening{CustomerID: c.Coupon.CustomerID, Campaign: domain.CampaignPoints, Request: c.Request.Key,
		DayStart: noon.Add(-time.Hour), Now: noon}
}

func open(t *testing.T, s *store.Store, c coupons.Change) coupons.State {
	t.Helper()
	st, err := s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// active opens a coupon and brings it to rest.
func active(t *testing.T, s *store.Store, c coupons.Change) coupons.State {
	t.Helper()
	st := open(t, s, c)
	take := st.Movements[0]
	balance := int64(750)
	take.State, take.Balance, take.SettledAt = domain.MovementApplied, &balance, &noon
	st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: []domain.Movement{take}})
	if err != nil {
		t.Fatal(err)
	}
	coupon := st.Coupon
	coupon.Status, coupon.DiscountID, coupon.ActivatedAt = domain.Active, "gid://shopify/DiscountCodeNode/1", &noon
	st, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: coupon, Answer: coupons.AnswerDone, Project: true})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "70934")
		st := active(t, s, pending("70934", 500))
		got, err := s.Coupons.ByCode(t.Context(), st.Coupon.Code)
		if err != nil {
			t.Fatal(err)
		}
		c := got.Coupon
		if c.Status != domain.Active || !c.CreatedAt.Equal(noon) ||
			!c.ExpiresAt.Equal(noon.Truncate(time.Second).Add(365*day)) ||
			c.Amount.Minor != 500 || c.Rate.String() != "1" || c.Version != 2 || c.ActivatedAt == nil {
			t.Fatalf("coupon came back as %+v", c)
		}
		m := got.Movement(domain.Take)
		if m.State != domain.MovementApplied || *m.Balance != 750 || m.PreviousBalance != nil ||
			!m.SettledAt.Equal(noon) {
			t.Fatalf("movement came back as %+v", m)
		}
		history, err := s.Coupons.History(t.Context(), c.ID)
		if err != nil || len(history) != 1 || history[0].Action != "conversion.started" || history[0].CouponID != c.ID {
			t.Fatalf("history %+v, %v", history, err)
		}
		request, err := s.Coupons.FindRequest(t.Context(), coupons.RequestKey{CallerID: "key:1",
			Operation: "conversion", Key: c.Code})
		if err != nil || request.Answer != coupons.AnswerDone || request.CouponID != c.ID || request.Key.Hash != "h" {
			t.Fatalf("request %+v, %v", request, err)
		}
		if _, err := s.Coupons.ByCode(t.Context(), "70934-ZZZZZZ-1"); domain.CodeOf(err) != domain.CodeCouponNotFound {
			t.Fatalf("an unknown code gives %v", err)
		}
	})
}

func TestCompareAndSet(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		st := open(t, s, pending("1", 100))
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, domain.ErrConflict):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 19 {
			t.Fatalf("%d won, %d lost", won.Load(), lost.Load())
		}
	})
}

func TestClaim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		st := open(t, s, pending("1", 100))
		if _, err := s.Coupons.Claim(t.Context(), st.Coupon.ID, noon.Add(29*time.Second),
			noon.Add(time.Minute)); !errors.Is(err, domain.ErrConflict) {
			t.Fatalf("a held lease was claimed: %v", err)
		}
		later := noon.Add(30 * time.Second)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := s.Coupons.Claim(t.Context(), st.Coupon.ID, later, later.Add(30*time.Second))
				if err == nil {
					won.Add(1)
					if !got.ActedBy.Equal(later) || got.Coupon.Version != 1 {
						t.Errorf("claimed %+v", got)
					}
				} else if !errors.Is(err, domain.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d actors hold one lease", won.Load())
		}
	})
}

func TestOneOpenMovementPerCustomer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		customer(t, s, "2")
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				c := pending("1", 100)
				_, err := s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, domain.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d open movements", won.Load())
		}
		open(t, s, pending("2", 100))
	})
}

func TestIntake(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		done := active(t, s, pending("1", 300))
		failed := open(t, s, pending("1", 700))
		failed.Coupon.Status = domain.Failed
		failed.Coupon.Failure = &domain.Failure{Code: domain.CodeInsufficientPoints,
			Params: map[string]any{"balance": 1}}
		failed.Movements[0].State = domain.MovementRefused
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: failed.Coupon,
			Movements: failed.Movements}); err != nil {
			t.Fatal(err)
		}
		look := func(c coupons.Change, dayStart time.Time) (in coupons.Intake) {
			o := opening(c)
			o.DayStart = dayStart
			if _, err := s.Coupons.Open(t.Context(), o, func(got coupons.Intake) (coupons.Change, error) { in = got; return coupons.Change{}, nil }); err != nil {
				t.Fatal(err)
			}
			return in
		}
		in := look(pending("1", 100), noon.Add(-time.Hour))
		if in.SpentToday != 300 || in.ActiveCoupons != 1 || in.Busy || in.Replay != nil || in.Customer.Name != "山田" {
			t.Fatalf("read %+v", in)
		}
		if in := look(pending("1", 100), noon.Add(time.Microsecond)); in.SpentToday != 0 {
			t.Fatalf("yesterday's points count: %+v", in)
		}
		same := pending("1", 100)
		same.Request.Key.Key = done.Coupon.Code
		if in := look(same, noon); in.Replay == nil || in.Replay.CouponID != done.Coupon.ID ||
			in.Replay.Answer != coupons.AnswerDone {
			t.Fatalf("read %+v", in.Replay)
		}
		open(t, s, pending("1", 100))
		if in := look(pending("1", 100), noon); !in.Busy || in.ActiveCoupons != 2 {
			t.Fatalf("an open movement, and a coupon that is on its way, were not seen: %+v", in)
		}
		_, err := s.Coupons.Open(t.Context(), coupons.Opening{CustomerID: "nobody"}, nil)
		if domain.CodeOf(err) != domain.CodeCustomerNotFound {
			t.Fatalf("an unknown customer gives %v", err)
		}
	})
}

// covers: H-05
func TestDailySumUnderContention(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		var wg sync.WaitGroup
		var opened atomic.Int64
		for range 50 {
			wg.Go(func() {
				for {
					c := pending("1", 100)
					st, err := s.Coupons.Open(t.Context(), opening(c), func(in coupons.Intake) (coupons.Change, error) {
						if in.SpentToday >= 1000 {
							return coupons.Change{}, domain.Refuse(domain.CodeDailyLimit)
						}
						if in.Busy {
							return coupons.Change{}, domain.ErrConflict
						}
						return c, nil
					})
					if errors.Is(err, domain.ErrConflict) {
						continue
					}
					if domain.CodeOf(err) == domain.CodeDailyLimit && err != nil {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					opened.Add(1)
					st.Movements[0].State = domain.MovementApplied
					if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon,
						Movements: st.Movements}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		spent, err := s.Members.SpentSince(t.Context(), "1", noon.Add(-time.Hour))
		if err != nil || spent != 1000 || opened.Load() != 10 {
			t.Fatalf("50 at once: %d points spent in %d conversions, %v", spent, opened.Load(), err)
		}
	})
}

func TestJobsCommitWithTheState(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		var got []domain.Job
		fail := false
		s := db.Open(t, now, func(ctx context.Context, tx *sql.Tx, jobs []domain.Job) error {
			if fail {
				return errors.New("the queue is broken")
			}
			got = append(got, jobs...)
			return tx.QueryRowContext(ctx, "SELECT 1").Err()
		})
		customer(t, s, "1")
		st := open(t, s, pending("1", 100))
		fail = true
		c := st.Coupon
		c.Attempts = 7
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c,
			Jobs: []domain.Job{{Kind: domain.JobAdvance, CouponID: c.ID}}}); err == nil {
			t.Fatal("the state was committed without its job")
		}
		back, err := s.Coupons.Load(t.Context(), c.ID)
		if err != nil || back.Coupon.Attempts != 0 || back.Coupon.Version != 0 {
			t.Fatalf("half a commit: %+v, %v", back.Coupon, err)
		}
		fail = false
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c,
			Jobs: []domain.Job{{Kind: domain.JobAdvance, CouponID: c.ID}}}); err != nil || len(got) != 1 {
			t.Fatalf("%v, jobs %v", err, got)
		}
	})
}

// TestTheQueueIsToldAfterTheCommit: of each job once, when another connection can see it, and of none that was not
// committed.
func TestTheQueueIsToldAfterTheCommit(t *testing.T) {
	t.Parallel()
	inserts := func(ctx context.Context, tx *sql.Tx, _ []domain.Job) error {
		return tx.QueryRowContext(ctx, "SELECT 1").Err()
	}
	inline := func(from string, _ []domain.Job) (string, []any, bool) { return "SELECT 1 FROM " + from, nil, true }
	ways := map[string]store.InlineFunc{"by a statement of its own": nil, "within another statement": inline}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) { toldAfterTheCommit(t, db, inserts, way) })
		})
	}
}

func toldAfterTheCommit(t *testing.T, db storetest.Database, inserts store.EnqueueFunc, inline store.InlineFunc) {
	t.Helper()
	s := db.Open(t, now, inserts)
	s.SetInline(inline)
	customer(t, s, "1")
	st := open(t, s, pending("1", 100))
	var told []domain.Job
	seen := int64(-1)
	s.SetWake(func(jobs []domain.Job) {
		told = append(told, jobs...)
		// On SQLite's one connection this would wait for ever within the transaction.
		c, err := s.Coupons.Load(t.Context(), st.Coupon.ID)
		expect.Equal(t, "err", err, nil)
		seen = c.Coupon.Version
	})
	change := coupons.Change{Coupon: st.Coupon, Jobs: []domain.Job{{Kind: domain.JobTag, CouponID: 1}}, Project: true,
		Audit: []domain.AuditEntry{{At: noon, Actor: "system", Action: "coupon.issued", Code: st.Coupon.Code,
			Outcome: domain.OutcomeDone}}}
	_, err := s.Coupons.Commit(t.Context(), change)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "len(told)", len(told), 2)
	expect.That(t, "told of the metafield", slices.Contains(told, domain.Job{Kind: domain.JobProject}), told)
	expect.Equal(t, "seen", seen, st.Coupon.Version+1)
	_, err = s.Coupons.Commit(t.Context(), change) // the version has moved on
	expect.That(t, "err to be a conflict", errors.Is(err, domain.ErrConflict), err)
	expect.Equal(t, "len(told)", len(told), 2)
	expect.Equal(t, "err", s.Backlog.Enqueue(t.Context(), change.Jobs), nil)
	expect.Equal(t, "len(told)", len(told), 3)
}

func TestPanicRollsBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		c := pending("1", 100)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { panic("in the middle") })
		}()
		open(t, s, c)
	})
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		st := open(t, s, pending("1", 100))
		got, err := s.Coupons.Answer(t.Context(), st.RequestID, coupons.AnswerAccepted)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got", got, coupons.AnswerAccepted)
		got, err = s.Coupons.Answer(t.Context(), st.RequestID, coupons.AnswerDone)
		if err != nil || got != coupons.AnswerAccepted {
			t.Fatalf("the first answer does not hold: %s, %v", got, err)
		}
	})
}
