package coupons_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

const yamada = "8812370934"

// lockWorld locks after three refusals within ten minutes, for a quarter of an hour.
func lockWorld(t *testing.T) (*world, *coupons.Service) {
	w := couponstest.NewWorld(t)
	w.Lock = members.LockRule{After: 3, Window: 10 * time.Minute, For: 15 * time.Minute}
	return w, w.Service(nil)
}

// refuse makes n attempts that are refused.
func refuse(t *testing.T, s *coupons.Service, n int, points int64, want domain.Code) {
	t.Helper()
	for i := range n {
		_, err := s.Convert(t.Context(), couponstest.Conversion(points, time.Duration(i).String()+string(want)))
		wantCode(t, err, want)
	}
}

// covers: H-21
func TestLock(t *testing.T) {
	t.Parallel()
	t.Run("refusals lock conversions, and the lock ends by itself", func(t *testing.T) {
		t.Parallel()
		w, s := lockWorld(t)
		refuse(t, s, 2, 150, domain.CodePointsNotInUnits)
		refuse(t, s, 1, 0, domain.CodeValidation)
		_, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		if e := wantCode(t, err, domain.CodeConversionsLocked); e.RetryAfter != 15*time.Minute {
			t.Fatalf("told to wait %s", e.RetryAfter)
		}
		refuse(t, s, 2, 150, domain.CodeConversionsLocked)
		refuse(t, s, 2, -100, domain.CodeConversionsLocked)
		w.Clock.Advance(15*time.Minute - time.Second)
		_, err = s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		wantCode(t, err, domain.CodeConversionsLocked)
		w.Clock.Advance(time.Second)
		if got, err := s.Convert(t.Context(), couponstest.Conversion(500, "good")); err != nil || !got.Done {
			t.Fatalf("after the lock: %+v, %v", got, err)
		}
		if locked := w.DB.Recorded("customer.locked"); len(locked) != 1 || locked[0].Actor != "system" ||
			locked[0].CustomerID != yamada {
			t.Fatalf("recorded %+v", locked)
		}
	})
	t.Run("refusals of more than a window are not added up", func(t *testing.T) {
		t.Parallel()
		w, s := lockWorld(t)
		refuse(t, s, 2, 150, domain.CodePointsNotInUnits)
		w.Clock.Advance(10 * time.Minute)
		refuse(t, s, 2, 150, domain.CodePointsNotInUnits)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Done", got.Done, true)
	})
	t.Run("points nobody has and limits that are reached count, and so do points that could not be read",
		func(t *testing.T) {
			t.Parallel()
			w, s := lockWorld(t)
			refuse(t, s, 1, 1300, domain.CodeInsufficientPoints)
			refuse(t, s, 1, 20_000, domain.CodeDailyLimit)
			w.Members().RefusedPoints(t.Context(), domain.Caller{ID: "key:1"}, yamada)
			refuse(t, s, 1, 500, domain.CodeConversionsLocked)
			if n := len(w.Out.Codes); n != 0 {
				t.Fatalf("%d codes", n)
			}
		})
	t.Run("a lock hides no answer that was given before", func(t *testing.T) {
		t.Parallel()
		_, s := lockWorld(t)
		first, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, s, 3, 150, domain.CodePointsNotInUnits)
		again, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "again.Replayed", again.Replayed, true)
		expect.MustEqual(t, "again.Coupon.Code", again.Coupon.Code, first.Coupon.Code)
	})
	t.Run("a rule of zero never locks", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		refuse(t, s, 50, 150, domain.CodePointsNotInUnits)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Done", got.Done, true)
	})
}

// covers: H-21
func TestWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set      func(*world)
		key      string
		want     domain.Code
		recorded int
	}{
		"an upstream that is away": {func(w *world) {
			w.Out.Refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "deduct"}
		}, "", domain.CodeUpstreamUnavailable, 0},
		"a code that Shopify refuses": {func(w *world) {
			w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create"}
		}, "", domain.CodeConversionFailed, 0},
		"the answer of a refused request, repeated": {func(w *world) {
			w.Out.Balances[yamada] = 0
		}, "same", domain.CodeInsufficientPoints, 1},
		"a member who is not linked": {func(w *world) {
			w.DB.Customers[yamada] = domain.Customer{ID: yamada}
		}, "", domain.CodeCustomerNotLinked, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := lockWorld(t)
			c.set(w)
			for i := range 10 {
				key := c.key
				if key == "" {
					key = time.Duration(i).String()
				}
				_, err := s.Convert(t.Context(), couponstest.Conversion(500, key))
				wantCode(t, err, c.want)
			}
			if w.DB.Customers[yamada].LockedUntil != nil || len(w.DB.Recorded("conversion.refused")) != c.recorded {
				t.Fatalf("locked %v, recorded %d times", w.DB.Customers[yamada].LockedUntil,
					len(w.DB.Recorded("conversion.refused")))
			}
		})
	}
}

// covers: H-21
func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	w, s := lockWorld(t)
	pos := domain.Caller{ID: "key:pos", Name: "the POS", Role: domain.RolePOS}
	last := func() domain.AuditEntry {
		list := w.DB.Recorded("conversion.refused")
		return list[len(list)-1]
	}
	t.Run("with the code, the figures and the caller", func(t *testing.T) {
		_, err := s.Convert(t.Context(), coupons.Conversion{Caller: pos, CustomerID: yamada, Points: 1300,
			Key: "poor"})
		wantCode(t, err, domain.CodeInsufficientPoints)
		want := map[string]any{"code": "insufficient_points", "points": int64(1300), "required": int64(1300),
			"balance": int64(1250), "coupon_failed": true}
		if e := last(); e.Actor != "key:pos" || e.ActorName != "the POS" || e.CustomerID != yamada ||
			e.Outcome != domain.OutcomeRefused ||
			!reflect.DeepEqual(e.Detail, want) {
			t.Fatalf("recorded %+v", e)
		}
	})
	t.Run("a key used for something else is an attempt as well", func(t *testing.T) {
		_, err := s.Convert(t.Context(), coupons.Conversion{Caller: pos, CustomerID: yamada, Points: 500, Key: "poor"})
		wantCode(t, err, domain.CodeKeyReused)
		if e := last(); e.Detail["code"] != "idempotency_key_reused" {
			t.Fatalf("recorded %+v", e)
		}
	})
	t.Run("nobody by that id: recorded, and nothing becomes of the id", func(t *testing.T) {
		_, err := s.Convert(t.Context(), coupons.Conversion{Caller: pos, CustomerID: "nobody", Points: 500, Key: "n"})
		wantCode(t, err, domain.CodeCustomerNotFound)
		if _, there := w.DB.RefusalCounts["nobody"]; there || last().Detail["code"] != "customer_not_found" {
			t.Fatalf("recorded %+v", last())
		}
	})
	t.Run("what is no id is not repeated", func(t *testing.T) {
		_, err := s.Convert(t.Context(), coupons.Conversion{Caller: pos, CustomerID: "taro@example.com", Points: 500,
			Key: "n"})
		wantCode(t, err, domain.CodeValidation)
		if e := last(); e.CustomerID != "" {
			t.Fatalf("recorded %+v", e)
		}
	})
}

// covers: H-21
func TestUnlock(t *testing.T) {
	t.Parallel()
	w, s := lockWorld(t)
	manager := domain.Caller{ID: "key:manager", Name: "the manager", Role: domain.RoleStoreManager}
	t.Run("staff lift a lock, and the count begins anew", func(t *testing.T) {
		refuse(t, s, 3, 150, domain.CodePointsNotInUnits)
		if err := w.Members().Unlock(t.Context(), manager, yamada); err != nil {
			t.Fatal(err)
		}
		refuse(t, s, 2, 150, domain.CodePointsNotInUnits)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "good"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Done", got.Done, true)
		if list := w.DB.Recorded("customer.unlocked"); len(list) != 1 || list[0].Actor != "key:manager" ||
			list[0].CustomerID != yamada {
			t.Fatalf("recorded %+v", list)
		}
	})
	t.Run("what is not locked stays as it is", func(t *testing.T) {
		if err := w.Members().Unlock(t.Context(), manager, yamada); err != nil {
			t.Fatal(err)
		}
		expect.MustEqual(t, "w.DB.RefusalCounts[yamada].Refusals", w.DB.RefusalCounts[yamada].Refusals, 2)
		expect.MustEqual(t, `len(w.DB.Recorded("customer.unlocked"))`, len(w.DB.Recorded("customer.unlocked")), 1)
		wantCode(t, w.Members().Unlock(t.Context(), manager, "nobody"), domain.CodeCustomerNotFound)
	})
}

// deafLocks cannot write anything down.
type deafLocks struct{ members.Locks }

func (deafLocks) NoteRefusal(context.Context, string, func(members.RefusalCount, bool) (members.RefusalCount,
	[]domain.AuditEntry)) error {
	return errors.New("the database is away")
}

func TestARefusalThatCannotBeRecordedIsToldAllTheSame(t *testing.T) {
	t.Parallel()
	w, s := lockWorld(t)
	deaf := w.Members()
	deaf.Locks = deafLocks{}
	s.Attempts = deaf
	refuse(t, s, 1, 150, domain.CodePointsNotInUnits)
	refuse(t, s, 1, 1300, domain.CodeInsufficientPoints)
}

// nosyLocks makes another attempt while the first refusal is being counted, and keeps what came of it.
type nosyLocks struct {
	members.Locks
	attempt func() error
	got     error
}

func (l *nosyLocks) NoteRefusal(ctx context.Context, id string, note func(members.RefusalCount,
	bool) (members.RefusalCount, []domain.AuditEntry)) error {
	if attempt := l.attempt; attempt != nil {
		l.attempt = nil
		l.got = attempt()
	}
	return l.Locks.NoteRefusal(ctx, id, note)
}

// covers: H-21
func TestARefusalCountsBeforeTheNextTurn(t *testing.T) {
	t.Parallel()
	for name, points := range map[string]int64{"refused by the POS": 1300, "refused by the day's limit": 10_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := lockWorld(t)
			if points == 10_000 {
				w.Out.Balances[yamada] = 20_000
				if _, err := s.Convert(t.Context(), couponstest.Conversion(100, "today")); err != nil {
					t.Fatal(err)
				}
			}
			impatient, cancel := context.WithCancel(t.Context())
			cancel()
			nosy := &nosyLocks{Locks: w.DB, attempt: func() error {
				_, err := s.Convert(impatient, couponstest.Conversion(500, "meanwhile"))
				return err
			}}
			counting := w.Members()
			counting.Locks = nosy
			s.Attempts = counting
			if _, err := s.Convert(t.Context(), couponstest.Conversion(points, "first")); err == nil {
				t.Fatal("it was not refused")
			}
			wantCode(t, nosy.got, domain.CodeConversionInProgress)
		})
	}
}

// covers: H-21
func TestABurstDoesNotSlipPastTheLock(t *testing.T) {
	t.Parallel()
	w, s := lockWorld(t)
	w.Out.Balances[yamada] = 400
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() { _, _ = s.Convert(t.Context(), couponstest.Conversion(500, time.Duration(i).String())) })
	}
	wg.Wait()
	poor := 0
	for _, e := range w.DB.Recorded("conversion.refused") {
		if e.Detail["code"] == "insufficient_points" {
			poor++
		}
	}
	if poor != 3 || len(w.DB.Coupons) != 3 {
		t.Fatalf("30 at once: the POS was asked for %d of them, %d coupons were begun", poor, len(w.DB.Coupons))
	}
}
