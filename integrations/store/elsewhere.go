package store

import (
	"context"

	"pointbridge/domain"
)

// MadeElsewhere lists the coupons with an open movement that was made with another POS than this one, by that POS.
func (s Backlog) MadeElsewhere(ctx context.Context, till string) (map[string][]int64, error) {
	var rows []struct {
		Pos      string
		CouponID int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT pos, coupon_id FROM movements WHERE state = ? AND pos NOT IN ('', ?)
		ORDER BY coupon_id`, string(domain.MovementOpen), till).Scan(&rows).Error
	found := map[string][]int64{}
	for _, r := range rows {
		found[r.Pos] = append(found[r.Pos], r.CouponID)
	}
	return found, translate(err)
}

// CallTill says of all open movements that they were made with this POS, and gives how many that changed.
func (s Backlog) CallTill(ctx context.Context, till string) (int64, error) {
	done := s.db.WithContext(ctx).Exec(`UPDATE movements SET pos = ? WHERE state = ? AND pos <> ?`, till,
		string(domain.MovementOpen), till)
	return done.RowsAffected, translate(done.Error)
}
