package jobs

import (
	"context"
	"database/sql"
	"fmt"
)

// Depth counts the jobs that are still to be done, by queue: those that run or could, and those that wait for their
// time.
func Depth(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	depth := map[string]int64{queueAdvance: 0, queueProject: 0, queueMail: 0, queueSweep: 0}
	rows, err := db.QueryContext(ctx, `SELECT queue, count(*) FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY queue`)
	if err != nil {
		return nil, fmt.Errorf("jobs: depth: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			queue string
			count int64
		)
		if err := rows.Scan(&queue, &count); err != nil {
			return nil, fmt.Errorf("jobs: depth: %w", err)
		}
		depth[queue] = count
	}
	return depth, rows.Err()
}
