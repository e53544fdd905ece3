package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/decisions"
)

type importRow struct {
	ID        int64
	Days      int
	DoneDays  int
	Counts    string
	StartedAt time.Time
}

// Unfinished implements decisions.Imports.
func (s Identity) Unfinished(ctx context.Context) (decisions.Import, bool, error) {
	var row importRow
	found := s.db.WithContext(ctx).Raw(`SELECT id, days, done_days, counts, started_at FROM identity_imports
		WHERE state = 'running' ORDER BY id DESC LIMIT 1`).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return decisions.Import{}, false, translate(found.Error)
	}
	i := decisions.Import{ID: row.ID, Days: row.Days, Done: row.DoneDays, Began: row.StartedAt.UTC()}
	err := json.Unmarshal([]byte(row.Counts), &i.Counts)
	return i, err == nil, err
}

// BeginImport implements decisions.Imports.
func (s Identity) BeginImport(ctx context.Context, i decisions.Import) (decisions.Import, error) {
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE identity_imports SET state = 'stopped', finished_at = ? WHERE state = 'running'`,
			utc(i.Began)).Error; err != nil {
			return err
		}
		return tx.Raw(`INSERT INTO identity_imports (days, state, started_at) VALUES (?, 'running', ?) RETURNING id`,
			i.Days, utc(i.Began)).Scan(&i.ID).Error
	})
	return i, err
}

// ImportedTo implements decisions.Imports.
func (s Identity) ImportedTo(ctx context.Context, i decisions.Import, at time.Time) error {
	counts, err := json.Marshal(i.Counts)
	if err != nil {
		return err
	}
	state, finished := "running", (*time.Time)(nil)
	if i.Done >= i.Days {
		state, finished = "done", &at
	}
	return translate(s.db.WithContext(ctx).Exec(`UPDATE identity_imports SET done_days = ?, counts = ?, state = ?,
		finished_at = ? WHERE id = ? AND done_days < ? AND state = 'running'`, i.Done, string(counts), state,
		utcOrNil(finished), i.ID, i.Done).Error)
}
