package store

import (
	"context"
	"time"
)

// Cursor implements coupons.Cursors.
func (s Backlog) Cursor(ctx context.Context, name string) (time.Time, error) {
	var at []time.Time
	err := s.db.WithContext(ctx).Raw(`SELECT at FROM cursors WHERE name = ?`, name).Scan(&at).Error
	if err != nil || len(at) == 0 {
		return time.Time{}, translate(err)
	}
	return at[0].UTC(), nil
}

// MoveCursor implements coupons.Cursors.
func (s Backlog) MoveCursor(ctx context.Context, name string, at time.Time) error {
	return translate(s.db.WithContext(ctx).Exec(`INSERT INTO cursors (name, at) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE cursors.at < excluded.at`, name, utc(at)).Error)
}
