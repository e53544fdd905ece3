package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/identity/learn"
)

type importRow struct {
	ID         int64
	Days       int
	DoneDays   int
	Cursor     string
	Counts     string
	State      string
	StartedAt  time.Time
	FinishedAt *time.Time
}

func (r importRow) domain() (learn.Import, error) {
	i := learn.Import{ID: r.ID, Days: r.Days, Done: r.DoneDays, Cursor: r.Cursor, State: learn.ImportState(r.State),
		StartedAt: r.StartedAt.UTC()}
	if r.FinishedAt != nil {
		i.FinishedAt = r.FinishedAt.UTC()
	}
	if err := json.Unmarshal([]byte(r.Counts), &i.Counts); err != nil {
		return learn.Import{}, fmt.Errorf("the counts of import %d: %w", r.ID, err)
	}
	return i, nil
}

// Imports implements learn.Imports.
type Imports struct{ *database }

// Begin implements learn.Imports. On PostgreSQL whoever begins waits for others who do.
func (s Imports) Begin(ctx context.Context, days int, at time.Time) (i learn.Import, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`LOCK TABLE identity_imports IN SHARE ROW EXCLUSIVE MODE`).Error; err != nil {
				return err
			}
		}
		var row importRow
		found := tx.Raw(`SELECT * FROM identity_imports WHERE state = 'running' ORDER BY id LIMIT 1`).Scan(&row)
		if found.Error != nil {
			return found.Error
		}
		if found.RowsAffected == 0 {
			if err := tx.Raw(`INSERT INTO identity_imports (days, state, started_at) VALUES (?, 'running', ?)
				RETURNING *`, days, utc(at)).Scan(&row).Error; err != nil {
				return err
			}
		}
		var err error
		i, err = row.domain()
		return err
	})
	return i, err
}

// Advance implements learn.Imports.
func (s Imports) Advance(ctx context.Context, was, becomes learn.Import) error {
	counts, err := json.Marshal(becomes.Counts)
	if err != nil {
		return fmt.Errorf("write the counts of an import: %w", err)
	}
	var finished *time.Time
	if !becomes.FinishedAt.IsZero() {
		finished = &becomes.FinishedAt
	}
	done := s.db.WithContext(ctx).Exec(`UPDATE identity_imports SET done_days = ?, cursor = ?, counts = ?, state = ?,
		finished_at = ? WHERE id = ? AND done_days = ? AND cursor = ? AND state = ?`, becomes.Done, becomes.Cursor,
		string(counts), string(becomes.State), utcOrNil(finished), was.ID, was.Done, was.Cursor, string(was.State))
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return nil
}

// Newest implements learn.Imports.
func (s Imports) Newest(ctx context.Context) (i learn.Import, known bool, err error) {
	var row importRow
	found := s.db.WithContext(ctx).Raw(`SELECT * FROM identity_imports ORDER BY id DESC LIMIT 1`).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return learn.Import{}, false, translate(found.Error)
	}
	i, err = row.domain()
	return i, true, err
}
