package store

import (
	"bytes"
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/audit"
)

// sealLock is the number of the PostgreSQL advisory lock of whoever seals.
const sealLock = 7_240_118_307

// sealRow is a seal as it is written.
type sealRow struct {
	Seq      int64 `gorm:"primaryKey;autoIncrement:false"`
	AuditID  int64
	Hash     []byte
	SealedAt time.Time
}

func (sealRow) TableName() string { return "audit_seals" }

// sealOf finds the seal of a row a whose id is above a bound. The bound follows from the row's; said again it keeps the
// database from reading every seal there is.
const sealOf = `SELECT 1 FROM audit_seals s WHERE s.audit_id = a.id AND s.audit_id > ?`

// Seal implements audit.Book.
//
// The chain is made of rows that are committed, because a chain that each writer continued itself would have to lock its
// end until the commit: every conversion would stand in line behind every other one. Here writers of the record know
// nothing of the seals. The sealer only reads the record and writes a table of its own; what it locks is that table's
// rows, a row of the record against being deleted (which nobody does), and, by the advisory lock, other sealers. On
// PostgreSQL no conversion ever waits for any of these. On SQLite, where all writers of whatever kind take turns, a batch
// is one short turn, and others get theirs between two batches.
//
// The same commit adds the rows up for the figures: see fold.
//
// A row that is committed late, with a smaller id than those already sealed, has no seal yet and gets the next number.
func (s *Store) Seal(ctx context.Context, after int64, limit int) (last int64, sealed int, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		mine, err := s.lockSeals(tx)
		if err != nil || !mine {
			return err
		}
		head, err := chainHead(tx) // a statement of its own, so that it sees what the sealer before has committed
		if err != nil {
			return err
		}
		var rows []auditRow
		if err := tx.Raw(`SELECT a.* FROM audit a WHERE a.id > ? AND NOT EXISTS (`+sealOf+`) ORDER BY a.id LIMIT ?`, after, after, limit).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) > 0 {
			last, sealed = rows[len(rows)-1].ID, len(rows)
			if err := tx.Create(chained(head, rows, utc(s.now()))).Error; err != nil {
				return err
			}
		}
		return s.fold(tx, head.Seq+int64(sealed), foldMost)
	})
	if err != nil {
		return 0, 0, err
	}
	return last, sealed, nil
}

// lockSeals tells whether the transaction may go on as the only sealer. On SQLite the transaction itself is the lock.
func (s *Store) lockSeals(tx *gorm.DB) (mine bool, err error) {
	if s.dialect != "postgres" {
		return true, nil
	}
	return mine, tx.Raw(`SELECT pg_try_advisory_xact_lock(?)`, int64(sealLock)).Row().Scan(&mine)
}

func chained(head audit.Head, rows []auditRow, at time.Time) []sealRow {
	seals := make([]sealRow, 0, len(rows))
	for _, r := range rows {
		head = head.Seal(r.canonical())
		seals = append(seals, sealRow{Seq: head.Seq, AuditID: r.ID, Hash: bytes.Clone(head.Hash[:]), SealedAt: at})
	}
	return seals
}

func (r auditRow) canonical() audit.Row {
	return audit.Row{ID: r.ID, At: r.At, Actor: r.Actor, ActorName: r.ActorName, Action: r.Action, Code: r.Code, CouponID: r.CouponID,
		CustomerID: r.CustomerID, FromStatus: r.FromStatus, ToStatus: r.ToStatus, Outcome: r.Outcome, Detail: r.Detail}
}

// Head implements audit.Book.
func (s *Store) Head(ctx context.Context) (audit.Head, error) {
	head, err := chainHead(s.db.WithContext(ctx))
	return head, translate(err)
}

func chainHead(tx *gorm.DB) (audit.Head, error) {
	var rows []sealRow
	if err := tx.Raw(`SELECT seq, hash FROM audit_seals ORDER BY seq DESC LIMIT 1`).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return audit.Head{}, err
	}
	head := audit.Head{Seq: rows[0].Seq}
	copy(head.Hash[:], rows[0].Hash)
	return head, nil
}

// SealedBefore implements audit.Book. The very last seal may be that of a straggler with a small id, so it looks at some.
func (s *Store) SealedBefore(ctx context.Context, at time.Time) (int64, error) {
	id, err := sealedBefore(s.db.WithContext(ctx), at)
	return id, translate(err)
}

func sealedBefore(tx *gorm.DB, at time.Time) (id int64, err error) {
	err = tx.Raw(`SELECT coalesce(max(audit_id), 0) FROM
		(SELECT audit_id FROM audit_seals WHERE sealed_at < ? ORDER BY sealed_at DESC, seq DESC LIMIT ?) AS newest`, utc(at), audit.Batch).
		Row().Scan(&id)
	return id, err
}

// Unsealed counts the rows that wait for their seal, as far back as a round of sealing looks.
func (s *Store) Unsealed(ctx context.Context) (int64, error) {
	from, err := s.SealedBefore(ctx, s.now().Add(-audit.Settled))
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM audit a WHERE a.id > ? AND NOT EXISTS (`+sealOf+`)`, from, from).Scan(&n).Error
	return n, translate(err)
}
