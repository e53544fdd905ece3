package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

// Losses returns the records of archived rows that were accepted as lost, in the order of their numbers.
func (s Audit) Losses(ctx context.Context) ([]audit.Recorded, error) {
	return s.recorded(ctx, `SELECT seq, record, key_id, mac FROM audit_losses ORDER BY seq`)
}

// recorded reads records that were made under a key.
func (s Audit) recorded(ctx context.Context, statement string) ([]audit.Recorded, error) {
	var rows []struct {
		Seq    int64
		Record string
		KeyID  string
		Mac    []byte
	}
	err := s.db.WithContext(ctx).Raw(statement).Scan(&rows).Error
	list := make([]audit.Recorded, 0, len(rows))
	for _, r := range rows {
		list = append(list, audit.Recorded{Seq: r.Seq, Text: r.Record, Key: r.KeyID, MAC: r.Mac})
	}
	return list, translate(err)
}

// Dropped is the head of the last row that was deleted; the zero head where nobody noted it.
func (s Audit) Dropped(ctx context.Context) (h audit.Head, err error) {
	var rows []sealRow
	err = s.db.WithContext(ctx).Raw(`SELECT seq, hash FROM audit_dropped`).Scan(&rows).Error
	if err != nil || len(rows) == 0 || len(rows[0].Hash) != len(h.Hash) {
		return h, translate(err)
	}
	h.Seq = rows[0].Seq
	copy(h.Hash[:], rows[0].Hash)
	return h, nil
}

// Accepted is what the audit says of a loss that was accepted.
type Accepted struct {
	AuditID int64
	Rows    string
}

// LossesAccepted is what the audit says, in the database and of what was archived, of losses that were accepted.
func (s Audit) LossesAccepted(ctx context.Context) ([]Accepted, error) {
	var rows []struct {
		ID     int64
		Detail string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT id, detail FROM audit WHERE action = @action
		UNION SELECT audit_id, detail FROM audit_carried WHERE action = @action ORDER BY 1`,
		sql.Named("action", domain.ActionAuditLossAccepted)).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	list := make([]Accepted, 0, len(rows))
	for _, r := range rows {
		var detail struct {
			Rows string `json:"rows"`
		}
		_ = json.Unmarshal([]byte(r.Detail), &detail) // what cannot be read names no rows, and so none that are recorded
		list = append(list, Accepted{AuditID: r.ID, Rows: detail.Rows})
	}
	return list, nil
}

// SealsWithin is how many rows there are from one number to another.
func (s Audit) SealsWithin(ctx context.Context, first, last int64) (n int64, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM audit_seals WHERE seq >= ? AND seq <= ?`, first, last).Row().Scan(&n)
	return n, translate(err)
}

// RecordLoss records that rows of an archive, from first on, are lost, with the entry about it, unless there are other
// losses than so many by now. The database refuses it for rows that are there, and for what was not archived.
func (s Audit) RecordLoss(ctx context.Context, r audit.Recorded, first, known int64, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, "archive"); err != nil {
			return err
		}
		var n int64
		if err := tx.Raw(`SELECT count(*) FROM audit_losses`).Row().Scan(&n); err != nil {
			return err
		}
		if n != known {
			return errOvertaken
		}
		if err := tx.Exec(`INSERT INTO audit_losses (seq, first, record, key_id, mac) VALUES (?, ?, ?, ?, ?)`, r.Seq, first, r.Text,
			r.Key, r.MAC).Error; err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}
