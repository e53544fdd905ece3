package jobs

import (
	"context"
	"time"
)

// Led reports whether some process runs the jobs of this database: one of them leads, and says until when.
func (c *Client) Led(ctx context.Context) (bool, error) {
	rows, err := c.db.QueryContext(ctx, `SELECT expires_at FROM river_leader`)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	led := false
	for rows.Next() {
		var until time.Time
		if err := rows.Scan(&until); err != nil {
			return false, err
		}
		led = led || c.clock.Now().Before(until)
	}
	return led, rows.Err()
}
