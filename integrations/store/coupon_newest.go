package store

import (
	"context"

	"pointbridge/domain"
)

// newestOf walks along the index of each customer's coupons and ends with the first.
var newestOf = `SELECT ` + couponColumns + ` FROM coupons WHERE id IN (
	SELECT (SELECT k.id FROM coupons k WHERE k.customer_id = m.id ORDER BY k.id DESC LIMIT 1) FROM customers m WHERE m.id IN ?)`

// Newest implements listing.Around.
func (s Listing) Newest(ctx context.Context, customers []string) (map[string]domain.Coupon, error) {
	newest := make(map[string]domain.Coupon, len(customers))
	if len(customers) == 0 {
		return newest, nil
	}
	var rows []couponRow
	if err := s.db.WithContext(ctx).Raw(newestOf, customers).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list, err := toCoupons(rows)
	for _, c := range list {
		newest[c.CustomerID] = c
	}
	return newest, err
}
