package store

import (
	"context"

	"pointbridge/domain/reviews"
)

// OpenReviews implements web.Lists.
func (s Reviews) OpenReviews(ctx context.Context) (map[reviews.Kind]int64, error) {
	var rows []struct {
		Kind   string
		Number int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT kind, count(*) AS number FROM reviews WHERE status = 'open' GROUP BY kind`).Scan(&rows).Error
	counts := make(map[reviews.Kind]int64, len(rows))
	for _, r := range rows {
		counts[reviews.Kind(r.Kind)] = r.Number
	}
	return counts, translate(err)
}
