package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

// archiveBatch is how many rows one commit carries, and one statement reads of what was carried.
const archiveBatch = 2000

// Archives returns the records of what was taken out of the audit, in the order of their numbers.
func (s Audit) Archives(ctx context.Context) ([]audit.Recorded, error) {
	return s.recorded(ctx, `SELECT seq, record, key_id, mac FROM audit_archives ORDER BY seq`)
}

// archivedSeq is the last number that was taken out, 0 when nothing was.
const archivedSeq = `(SELECT coalesce(max(seq), 0) FROM audit_archives)`

func archived(tx *gorm.DB) (seq int64, err error) {
	return seq, tx.Raw(`SELECT ` + archivedSeq).Row().Scan(&seq)
}

// First implements audit.Source.
func (s Audit) First(ctx context.Context) (int64, error) {
	seq, err := archived(s.db.WithContext(ctx))
	return seq + 1, translate(err)
}

func (s Audit) archivedHead(ctx context.Context, seq int64) (audit.Head, error) {
	records, err := s.Archives(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	archives, _ := audit.Archives(records, nil)
	for _, a := range archives {
		if a.Seq == seq {
			return a.Head, nil
		}
	}
	return audit.Head{}, fmt.Errorf("there is no seal %d", seq)
}

// Archivable is the last number that may be taken out: the figures and the events have passed it, and the chain goes on
// behind it.
func (s Audit) Archivable(ctx context.Context) (seq int64, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT min(seq) FROM (SELECT coalesce(max(seq), 0) - 1 AS seq FROM audit_seals
		UNION ALL SELECT seq FROM tally_folded UNION ALL SELECT seq FROM events_told) AS passed`).Row().Scan(&seq)
	return seq, translate(err)
}

// carriedRows are those of which something stays; see audit.Carried. A coupon's status is that of the last row that changed
// it, whatever was archived, so one that is followed by another change is not needed.
var carriedRows = ` FROM audit_seals s JOIN audit a ON a.id = s.audit_id WHERE s.seq >= ? AND s.seq <= ? AND (a.action IN ('` +
	domain.ActionRightsChanged + `', '` + domain.ActionAuditLossAccepted + `') OR a.coupon_id IS NOT NULL AND (a.action IN ? OR ` + changedStatus("a") + ` AND NOT EXISTS (
		SELECT 1 FROM audit n WHERE n.coupon_id = a.coupon_id AND n.id > a.id AND ` + changedStatus("n") + `)))`

// Carry writes down what stays of the rows from one number to another, and gives the hash over it. What was carried
// before, by somebody who did not come to an end, is left as it is: rows do not change. told hears how far it is.
func (s Audit) Carry(ctx context.Context, first, last int64, told func(seq int64)) (audit.Hash, error) {
	for from := first; from <= last; from += archiveBatch {
		to := min(from+archiveBatch-1, last)
		if err := s.inTx(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO audit_carried (seq, audit_id, coupon_id, action, to_status, detail)
				SELECT s.seq, a.id, a.coupon_id, a.action, a.to_status, a.detail`+carriedRows+` ON CONFLICT (seq) DO NOTHING`,
				from, to, audit.MovementActions()).Error
		}); err != nil {
			return audit.Hash{}, err
		}
		told(to)
	}
	return s.Carried(ctx, first, last)
}

// Carried is the hash over what stays of the rows from one number to another.
func (s Audit) Carried(ctx context.Context, first, last int64) (sum audit.Hash, err error) {
	digest := sha256.New()
	for {
		var page []audit.Carried
		if err := s.db.WithContext(ctx).Raw(`SELECT seq, audit_id, coupon_id, action, to_status, detail FROM audit_carried
			WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?`, first, last, archiveBatch).Scan(&page).Error; err != nil {
			return sum, translate(err)
		}
		var text []byte
		for _, c := range page {
			text = c.AppendText(text)
		}
		_, _ = digest.Write(text)
		if len(page) < archiveBatch {
			digest.Sum(sum[:0])
			return sum, nil
		}
		first = page[len(page)-1].Seq + 1
	}
}

// errOvertaken tells that somebody else archived meanwhile.
var errOvertaken = errors.New("another archive was recorded meanwhile; begin again")

// RecordArchive records an archive, with the entry about it. From this commit on its rows may be deleted.
func (s Audit) RecordArchive(ctx context.Context, r audit.Recorded, first int64, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, "archive"); err != nil {
			return err
		}
		last, err := archived(tx)
		if err != nil {
			return err
		}
		if last+1 != first {
			return errOvertaken
		}
		if err := tx.Exec(`INSERT INTO audit_archives (seq, record, key_id, mac) VALUES (?, ?, ?, ?)`, r.Seq, r.Text, r.Key,
			r.MAC).Error; err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

// DropArchived deletes the next rows of an archive, from one number on and with their seals in one commit, and gives the
// number that it got to. What the next row is chained to is noted. Numbers have no gaps, so nobody looks for where the rows begin: that would be a walk over all that
// is deleted and not yet swept away. Two that delete at once take turns. The database refuses whatever is not archived,
// and every row without a seal.
func (s Audit) DropArchived(ctx context.Context, from, last int64, limit int) (next int64, err error) {
	high := min(from+int64(limit)-1, last)
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect != "postgres" { // there the schema says so
			if err := tx.Exec(`PRAGMA defer_foreign_keys = 1`).Error; err != nil {
				return err
			}
		}
		if err := s.oneAfterTheOther(tx, "archive"); err != nil {
			return err
		}
		// Only the last row that goes is noted, by whoever takes it: one that comes behind another one finds it gone.
		if err := tx.Exec(`INSERT INTO audit_dropped (id, seq, hash) SELECT 1, seq, hash FROM audit_seals WHERE seq = ?
			ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`, high).Error; err != nil {
			return err
		}
		rows := tx.Exec(`DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_seals WHERE seq >= ? AND seq <= ?)`, from, high)
		if rows.Error != nil {
			return rows.Error
		}
		seals := tx.Exec(`DELETE FROM audit_seals WHERE seq >= ? AND seq <= ?`, from, high)
		if seals.Error == nil && seals.RowsAffected != rows.RowsAffected {
			return fmt.Errorf("%d rows and %d seals would go", rows.RowsAffected, seals.RowsAffected)
		}
		return seals.Error
	})
	return high + 1, err
}
