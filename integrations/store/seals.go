package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
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
	Keyed    keyedRow `gorm:"embedded"`
}

// keyedRow is what a key adds to a seal; all of it is empty in one without.
type keyedRow struct {
	KeyID     string
	KeyedFrom *int64
	Mac       []byte
}

func (k keyedRow) domain() audit.Keyed {
	keyed := audit.Keyed{Key: k.KeyID}
	if k.KeyedFrom != nil {
		keyed.From = *k.KeyedFrom
	}
	copy(keyed.MAC[:], k.Mac)
	return keyed
}

func keyedRowOf(k audit.Keyed) keyedRow {
	if k == (audit.Keyed{}) {
		return keyedRow{}
	}
	return keyedRow{KeyID: k.Key, KeyedFrom: &k.From, Mac: bytes.Clone(k.MAC[:])}
}

func (sealRow) TableName() string { return "audit_seals" }

// sealOf finds the seal of a row a whose id is above a bound. The bound follows from the row's; said again it keeps the
// database from reading every seal there is.
const sealOf = `SELECT 1 FROM audit_seals s WHERE s.audit_id = a.id AND s.audit_id > ?`

// Seal implements audit.Store.
//
// The chain is made of rows that are committed, because a chain that each writer continued itself would have to lock
// its end until the commit: every conversion would stand in line behind every other one. Here writers of the audit know
// nothing of the seals. The sealer only reads the audit and writes a table of its own; what it locks is that table's
// rows, a row of the audit against being deleted (which nobody does), and, by the advisory lock, other sealers. On
// PostgreSQL no conversion ever waits for any of these. On SQLite, where all writers of whatever kind take turns, a
// batch is one short turn, and others get theirs between two batches.
//
// The same commit adds the rows up for the figures: see fold.
//
// A row that is committed late, with a smaller id than those already sealed, has no seal yet and gets the next number.
func (s Audit) Seal(ctx context.Context, after int64, limit int) (last int64, sealed int, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		mine, err := s.lockSeals(tx)
		if err != nil || !mine {
			return err
		}
		tip, err := chainTip(tx) // a statement of its own, so that it sees what the sealer before has committed
		if err != nil {
			return err
		}
		var rows []auditRow
		if err := tx.Raw(`SELECT `+auditColumns+` FROM audit a WHERE a.id > ? AND NOT EXISTS (`+sealOf+`) ORDER BY a.id LIMIT ?`,
			after, after, limit).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) > 0 {
			last, sealed = rows[len(rows)-1].ID, len(rows)
			if err := s.addSeals(ctx, tx, tip, rows); err != nil {
				return err
			}
		}
		return s.fold(tx, tip.Seq+int64(sealed), foldMost)
	})
	if err != nil {
		return 0, 0, err
	}
	return last, sealed, nil
}

// lockSeals reports whether the transaction may go on as the only sealer. On SQLite the transaction itself is the lock.
func (s *database) lockSeals(tx *gorm.DB) (mine bool, err error) {
	if s.dialect != "postgres" {
		return true, nil
	}
	return mine, tx.Raw(`SELECT pg_try_advisory_xact_lock(?)`, int64(sealLock)).Row().Scan(&mine)
}

var (
	// errNoKey is for a process that was given none: what it sealed plainly nobody could tell from a forgery.
	errNoKey = errors.New("the audit is sealed with a key, and this process has none")
	// errNewerKey is for a process that was started before the key was changed: behind the first seal of the new key
	// nobody seals with the one of before, be it whom it was changed because of.
	errNewerKey = errors.New("the audit is sealed with a key that this process does not have: restart it with the " +
		"settings of the others")
)

// addSeals chains the rows, and asks for the new head to be shipped in the same commit.
func (s Audit) addSeals(ctx context.Context, tx *gorm.DB, tip audit.Tip, rows []auditRow) error {
	switch {
	case tip.From > 0 && s.keys == nil:
		return errNoKey
	case tip.Key != "" && tip.Key != s.replaces && !s.keys.Knows(tip.Key):
		return errNewerKey
	}
	at := utc(s.now())
	seals := make([]sealRow, 0, len(rows))
	for _, r := range rows {
		tip = s.keys.After(tip, r.canonical())
		seals = append(seals, sealRow{Seq: tip.Seq, AuditID: r.ID, Hash: bytes.Clone(tip.Hash[:]), SealedAt: at,
			Keyed: keyedRowOf(tip.Keyed)})
	}
	insert := tx
	if s.keys == nil { // SQLite's driver would write an empty value for none
		insert = tx.Omit("key_id", "keyed_from", "mac")
	}
	if err := insert.Create(seals).Error; err != nil || !s.shipHeads {
		return err
	}
	return s.addJobs(ctx, tx, []domain.Job{{Kind: domain.JobAuditHead, Ref: strconv.FormatInt(tip.Seq, 10)}})
}

func (r auditRow) canonical() audit.Row {
	return audit.Row{ID: r.ID, At: r.At, Actor: r.Actor, ActorName: r.ActorName, Action: r.Action, Code: r.Code,
		CouponID: r.CouponID, CustomerID: r.CustomerID, FromStatus: r.FromStatus, ToStatus: r.ToStatus,
		Outcome: r.Outcome, Detail: r.Detail}
}

// Tip implements audit.Store.
func (s Audit) Tip(ctx context.Context) (audit.Tip, error) {
	tip, err := chainTip(s.db.WithContext(ctx))
	return tip, translate(err)
}

// TipAt returns the chain as it was when it ended with this number. Errors: one that names a number without a seal.
func (s Audit) TipAt(ctx context.Context, seq int64) (audit.Tip, error) {
	tip, err := chainTip(s.db.WithContext(ctx).Where("seq = ?", seq))
	if err == nil && tip.Seq != seq {
		err = fmt.Errorf("there is no seal %d", seq)
	}
	return tip, translate(err)
}

func chainTip(tx *gorm.DB) (audit.Tip, error) {
	var rows []sealRow
	if err := tx.Select("seq, hash, key_id, keyed_from, mac").Order("seq DESC").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return audit.Tip{}, err
	}
	tip := audit.Tip{Head: audit.Head{Seq: rows[0].Seq}, Keyed: rows[0].Keyed.domain()}
	copy(tip.Hash[:], rows[0].Hash)
	return tip, nil
}

// SealedBefore implements audit.Store. The very last seal may be that of a late arrival with a small id, so it looks at
// some.
func (s Audit) SealedBefore(ctx context.Context, at time.Time) (int64, error) {
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
func (s Audit) Unsealed(ctx context.Context) (int64, error) {
	from, err := s.SealedBefore(ctx, s.now().Add(-audit.QuietAfter))
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM audit a WHERE a.id > ? AND NOT EXISTS (`+sealOf+`)`, from,
		from).Scan(&n).Error
	return n, translate(err)
}
