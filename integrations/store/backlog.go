package store

import (
	"context"
	"time"

	"pointbridge/domain"
)

func (s *database) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	var ids []int64
	err := s.db.WithContext(ctx).Raw(query, args...).Scan(&ids).Error
	return ids, translate(err)
}

// Stuck implements coupons.Backlog.
func (s Backlog) Stuck(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	return s.ids(ctx, `SELECT id FROM coupons WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NULL AND lease_until < ?
		ORDER BY lease_until LIMIT ?`, utc(now), limit)
}

// Ended implements coupons.Backlog.
func (s Backlog) Ended(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	return s.ids(ctx, `SELECT id FROM coupons WHERE status = 'active' AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
		utc(now), limit)
}

// reminderWindow is how many coupons near their end are looked at in one round.
const reminderWindow = 50

// RemindersDue implements coupons.Backlog. Whether a coupon was issued early enough is arithmetic on two columns that
// the two databases word differently, so it is done here, page by page.
func (s Backlog) RemindersDue(ctx context.Context, now time.Time, step, limit int) ([]int64, error) {
	lead := time.Duration(step) * 24 * time.Hour
	var due []int64
	after, afterID := utc(now), int64(0)
	for len(due) < limit {
		var rows []couponRow
		err := s.db.WithContext(ctx).Raw(`SELECT id, created_at, expires_at FROM coupons c WHERE status = 'active' AND expires_at > ? AND expires_at <= ?
			AND (expires_at > ? OR (expires_at = ? AND id > ?))
			AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.coupon_id = c.id AND r.step <= ?) ORDER BY expires_at, id LIMIT ?`,
			utc(now), utc(now.Add(lead)), after, after, afterID, step, reminderWindow).Scan(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			if !r.CreatedAt.After(r.ExpiresAt.Add(-lead)) {
				due = append(due, r.ID)
			}
		}
		if len(rows) < reminderWindow {
			break
		}
		last := rows[len(rows)-1]
		after, afterID = utc(last.ExpiresAt), last.ID
	}
	return due[:min(limit, len(due))], nil
}

// Removable implements coupons.Backlog.
func (s Backlog) Removable(ctx context.Context, now, endedBefore time.Time, limit int) ([]int64, error) {
	at := utc(endedBefore)
	return s.ids(ctx, `SELECT id FROM coupons WHERE status IN ('expired', 'used', 'cancelled', 'forfeited') AND discount_id <> '' AND discount_deleted_at IS NULL
		AND ((status = 'expired' AND expires_at < ?) OR (status = 'used' AND used_at < ?) OR (status = 'cancelled' AND cancelled_at < ?)
			OR (status = 'forfeited' AND deactivated_at < ?))
		AND (remove_after IS NULL OR remove_after <= ?)
		ORDER BY expires_at LIMIT ?`, at, at, at, at, utc(now), limit)
}

// Gauges counts what operators watch: coupons on the way, parked ones, metafields that are behind, open reviews.
func (s Backlog) Gauges(ctx context.Context) (map[string]int64, error) {
	var g struct{ OnTheWay, Parked, MetafieldsBehind, ReviewsOpen int64 }
	err := s.db.WithContext(ctx).Raw(`SELECT
		(SELECT count(*) FROM coupons WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NULL) AS on_the_way,
		(SELECT count(*) FROM coupons WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NOT NULL) AS parked,
		(SELECT count(*) FROM customers WHERE projection_written < projection_wanted AND shopify_customer_gid <> '') AS metafields_behind,
		(SELECT count(*) FROM reviews WHERE status = 'open') AS reviews_open`).Scan(&g).Error
	return map[string]int64{"on_the_way": g.OnTheWay, "parked": g.Parked, "metafields_behind": g.MetafieldsBehind,
		"reviews_open": g.ReviewsOpen}, translate(err)
}

// Totals sums points by the stored status of their coupons: the service's side of the books.
func (s Backlog) Totals(ctx context.Context) (map[domain.Status]int64, error) {
	var rows []struct {
		Status string
		Points int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT status, sum(points) AS points FROM coupons GROUP BY status`).Scan(&rows).Error
	totals := map[domain.Status]int64{}
	for _, r := range rows {
		totals[domain.Status(r.Status)] = r.Points
	}
	return totals, translate(err)
}
