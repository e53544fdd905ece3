package store

import (
	"context"
	"encoding/json"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// importCounts are the counts of an import, as they are stored.
type importCounts struct {
	Orders int `json:"orders"`
	Uses   int `json:"uses"`
	Unseen int `json:"unseen"`
}

// LastImport implements decisions.Imports.
func (s Identity) LastImport(ctx context.Context) (decisions.Import, bool, error) {
	var row struct {
		ID         int64
		Days       int
		DoneDays   int
		Cursor     string
		Counts     string
		State      string
		StartedAt  time.Time
		FinishedAt *time.Time
	}
	found := s.db.WithContext(ctx).Raw(`SELECT id, days, done_days, cursor, counts, state, started_at, finished_at FROM identity_imports ORDER BY id DESC LIMIT 1`).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return decisions.Import{}, false, translate(found.Error)
	}
	var counts importCounts
	err := json.Unmarshal([]byte(row.Counts), &counts)
	return decisions.Import{ID: row.ID, Days: row.Days, Read: row.DoneDays, Cursor: row.Cursor, Orders: counts.Orders,
		Uses: counts.Uses, Unseen: counts.Unseen, State: decisions.ImportState(row.State), StartedAt: row.StartedAt.UTC(),
		FinishedAt: utcOrNil(row.FinishedAt)}, err == nil, err
}

// BeginImport implements decisions.Imports.
func (s Identity) BeginImport(ctx context.Context, days int, at time.Time) (decisions.Import, error) {
	begun := decisions.Import{Days: days, State: decisions.ImportRunning, StartedAt: utc(at)}
	err := s.db.WithContext(ctx).Raw(`INSERT INTO identity_imports (days, state, started_at) VALUES (?, ?, ?) RETURNING id`,
		days, string(begun.State), begun.StartedAt).Row().Scan(&begun.ID)
	return begun, translate(err)
}

// MoveImport implements decisions.Imports.
func (s Identity) MoveImport(ctx context.Context, from, to decisions.Import) error {
	counts, err := json.Marshal(importCounts{Orders: to.Orders, Uses: to.Uses, Unseen: to.Unseen})
	if err != nil {
		return err
	}
	moved := s.db.WithContext(ctx).Exec(`UPDATE identity_imports SET done_days = ?, cursor = ?, counts = ?, state = ?,
		finished_at = ? WHERE id = ? AND done_days = ? AND cursor = ? AND state = ?`, to.Read, to.Cursor, string(counts),
		string(to.State), utcOrNil(to.FinishedAt), from.ID, from.Read, from.Cursor, string(from.State))
	if moved.Error == nil && moved.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return translate(moved.Error)
}
