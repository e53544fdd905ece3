package store_test

import (
	"slices"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func TestWhatMovedAfterAUseIsToldOfTheCouponsAskedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		linkedTo(t, s, "1", gidA)
		k := active(t, s, pending("1", 100)).Coupon
		add := func(kind domain.MovementKind, state domain.MovementState) {
			t.Helper()
			name := string(kind) + "-" + string(state)
			if _, err := s.DB().ExecContext(t.Context(), `INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference,
				key, reason, created_at) SELECT id, '1', '`+string(kind)+`', '`+string(state)+`', 100, '`+name+`', '`+name+
				`', 'a test', created_at FROM coupons`); err != nil {
				t.Fatal(err)
			}
		}
		add(domain.Grant, domain.MovementRefused)
		moved, err := s.Coupons.MovedAfter(t.Context(), []int64{k.ID})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "a refused one", len(moved), 0)
		add(domain.TakeBack, domain.MovementApplied)
		if moved, err = s.Coupons.MovedAfter(t.Context(), []int64{k.ID, k.ID + 1}); err != nil ||
			!slices.Equal(moved[k.ID], []domain.MovementKind{domain.TakeBack}) || len(moved) != 1 {
			t.Errorf("%v, %v", moved, err)
		}
		moved, err = s.Coupons.MovedAfter(t.Context(), nil)
		expect.Equal(t, "of none", len(moved), 0, err)
	})
}
