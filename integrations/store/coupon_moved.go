package store

import (
	"context"

	"pointbridge/domain"
)

// MovedAfter implements pages.Coupons.
func (s Coupons) MovedAfter(ctx context.Context, couponIDs []int64) (map[int64][]domain.MovementKind, error) {
	if len(couponIDs) == 0 {
		return nil, nil
	}
	var rows []struct {
		CouponID int64
		Kind     string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT coupon_id, kind FROM movements WHERE coupon_id IN (?) AND kind IN (?) AND state = ?
		ORDER BY id`, couponIDs, []string{string(domain.Grant), string(domain.TakeBack)},
		string(domain.MovementApplied)).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	moved := make(map[int64][]domain.MovementKind, len(rows))
	for _, r := range rows {
		moved[r.CouponID] = append(moved[r.CouponID], domain.MovementKind(r.Kind))
	}
	return moved, nil
}
