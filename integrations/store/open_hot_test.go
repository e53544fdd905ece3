package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestAnOpeningThatComesToNothingLeavesNoTransaction: the only connection that there is serves whoever comes next, and
// nothing of what was given up is kept, however it ended.
func TestAnOpeningThatComesToNothingLeavesNoTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, err := store.Open(t.Context(), store.Config{URL: db.URL, MaxConns: 1, Now: now})
		expect.MustEqual(t, "err", err, nil)
		t.Cleanup(func() { _ = s.Close() })
		s.SetEnqueue(nil)
		customer(t, s, "1")
		first := open(t, s, pending("1", 100))
		settled := first.Movements[0]
		settled.State = domain.MovementApplied
		_, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: first.Coupon, Movements: []domain.Movement{settled},
			Audit: []domain.AuditEntry{{At: noon, Actor: "a", Action: domain.ActionPointsTaken}}})
		expect.MustEqual(t, "err", err, nil)
		twice := pending("1", 100)
		twice.Coupon.Code = first.Coupon.Code
		refused := errors.New("refused")
		for what, c := range map[string]struct {
			who    string
			decide func(coupons.Intake) (coupons.Change, error)
			want   error
		}{
			"nobody is known by that number": {"2", nil, domain.Refuse(domain.CodeCustomerNotFound)},
			"there is nothing to write":      {"1", func(coupons.Intake) (coupons.Change, error) { return coupons.Change{}, nil }, nil},
			"it is refused":                  {"1", func(coupons.Intake) (coupons.Change, error) { return coupons.Change{}, refused }, refused},
			"the code is somebody's":         {"1", func(coupons.Intake) (coupons.Change, error) { return twice, nil }, domain.ErrConflict},
		} {
			o := opening(twice)
			o.CustomerID = c.who
			if _, err := s.Coupons.Open(t.Context(), o, c.decide); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", what, err)
			}
			if _, err := s.Coupons.FindRequest(t.Context(), twice.Request.Key); domain.CodeOf(err) != domain.CodeNotFound {
				t.Errorf("%s: its request is known: %v", what, err)
			}
		}
		open(t, s, pending("1", 200))
	})
}

// TestWhoeverGivesUpWithinAnOpeningIsToldTheTruth: the request ends while what was read is weighed. Either the coupon is
// there and was told of, or neither; and the only connection that there is serves the next one.
func TestWhoeverGivesUpWithinAnOpeningIsToldTheTruth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, err := store.Open(t.Context(), store.Config{URL: db.URL, MaxConns: 1, Now: now})
		expect.MustEqual(t, "err", err, nil)
		t.Cleanup(func() { _ = s.Close() })
		customer(t, s, "1")
		customer(t, s, "2")
		given := pending("1", 100)
		ctx, cancel := context.WithCancel(t.Context())
		st, err := s.Coupons.Open(ctx, opening(given), func(coupons.Intake) (coupons.Change, error) {
			cancel()
			return given, nil
		})
		found, findErr := s.Coupons.FindRequest(t.Context(), given.Request.Key)
		if err == nil {
			expect.MustEqual(t, "findErr", findErr, nil)
			expect.Equal(t, "found.CouponID", found.CouponID, st.Coupon.ID)
		} else {
			expect.Equal(t, "domain.CodeOf(findErr)", domain.CodeOf(findErr), domain.CodeNotFound)
		}
		open(t, s, pending("2", 200))
	})
}

// TestOneKeyForTwoCustomersAtOnce: neither waits for the other, so that only the key's index tells them apart: one has a
// coupon, and the other is told what the key is for, or to ask again.
func TestOneKeyForTwoCustomersAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		customer(t, s, "2")
		var (
			all  sync.WaitGroup
			both [2]coupons.State
			errs [2]error
		)
		for i, who := range []string{"1", "2"} {
			c := pending(who, 100)
			c.Request.Key.Key = "one key"
			all.Go(func() {
				both[i], errs[i] = s.Coupons.Open(t.Context(), opening(c), func(in coupons.Intake) (coupons.Change, error) {
					if in.Replay != nil {
						return coupons.Change{}, nil
					}
					return c, nil
				})
			})
		}
		all.Wait()
		made := 0
		for i := range both {
			if errs[i] == nil && both[i].Coupon.ID != 0 {
				made++
			} else if errs[i] != nil && !errors.Is(errs[i], domain.ErrConflict) {
				t.Errorf("the other one is told %v", errs[i])
			}
		}
		expect.Equal(t, "made", made, 1)
		var kept int
		expect.Equal(t, "err", s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM coupons`).Scan(&kept), nil)
		expect.Equal(t, "kept", kept, 1)
	})
}
