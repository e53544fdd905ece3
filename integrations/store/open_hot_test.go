package store_test

import (
	"errors"
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
