package store

import (
	"context"
	"time"
)

// restoredBlind names when the book was last made again beside a POS that keeps no references.
const restoredBlind = "books_restored_blind"

// RestoredBlind implements books.Restorer.
func (s Books) RestoredBlind(ctx context.Context, at time.Time) error {
	return translate(s.db.WithContext(ctx).Exec(`INSERT INTO settings (name, value, changed_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`,
		restoredBlind, utc(at).Format(time.RFC3339Nano), utc(at)).Error)
}

// LostUntil implements coupons.Catalogue.
func (s Coupons) LostUntil(ctx context.Context, couponID int64) (time.Time, error) {
	var values []string
	if err := s.db.WithContext(ctx).Raw(`SELECT value FROM settings WHERE name = ?`, restoredBlind).Scan(&values).Error; err != nil ||
		len(values) == 0 {
		return time.Time{}, translate(err)
	}
	at, err := time.Parse(time.RFC3339Nano, values[0])
	if err != nil {
		return time.Time{}, err
	}
	var found int64
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM reviews WHERE coupon_id = ? AND kind = 'unsettled'
		AND outcome = 'not_applied' AND decided_at >= ?`, couponID, utc(at)).Scan(&found).Error
	if err != nil || found > 0 {
		return time.Time{}, translate(err)
	}
	return at, nil
}
