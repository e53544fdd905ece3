package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"pointbridge/domain/identity/learn"
)

// NumbersOf implements learn.Recipients.
func (s Batches) NumbersOf(ctx context.Context, memberID string) (gids []string, err error) {
	err = s.db.WithContext(ctx).Raw(numbers, memberID, memberID, memberID).Scan(&gids).Error
	return gids, translate(err)
}

// WaitingRecipients implements learn.Recipients.
func (s Batches) WaitingRecipients(ctx context.Context, after learn.Recipient, limit int) ([]learn.Recipient, error) {
	var rows []struct {
		BatchID   int64
		Row       int
		Kind      string
		Recipient string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT batch_id, row, kind, recipient FROM campaign_batch_rows
		WHERE state = 'waiting' AND (batch_id > ? OR batch_id = ? AND row > ?) ORDER BY batch_id, row LIMIT ?`,
		after.BatchID, after.BatchID, after.Row, limit).Scan(&rows).Error
	list := make([]learn.Recipient, 0, len(rows))
	for _, r := range rows {
		list = append(list, learn.Recipient{BatchID: r.BatchID, Row: r.Row, Kind: r.Kind, Text: r.Recipient})
	}
	return list, translate(err)
}

// ForgetRecipients implements learn.Recipients. A row is refused like those of a list that was stopped: it does not say
// who asked to be forgotten. An actor that has a row in its hand writes it back only where it still
// waits; the code that it gave out meanwhile stands, as for anybody who was forgotten after it.
func (s Batches) ForgetRecipients(ctx context.Context, list []learn.Recipient) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var batches []int64
		for _, r := range list {
			if !slices.Contains(batches, r.BatchID) {
				batches = append(batches, r.BatchID)
			}
		}
		// Batches are locked before their rows, as whoever works on one does.
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT id FROM campaign_batches WHERE id IN ? ORDER BY id FOR UPDATE`,
				batches).Error; err != nil {
				return err
			}
		}
		for _, r := range list {
			if err := tx.Exec(`UPDATE campaign_batch_rows SET state = 'refused', reason = ?, recipient = '', kind = ''
				WHERE batch_id = ? AND row = ? AND state = 'waiting'`, forgotten, r.BatchID, r.Row).Error; err != nil {
				return err
			}
		}
		for _, id := range batches {
			if err := countRows(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
