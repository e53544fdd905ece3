package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// selectOutdated goes by the index that the rows leave when they are wrapped.
const selectOutdated = `SELECT subject, subject_id, kind, digest, key_version, campaign_id, at FROM identity_digests
	WHERE key_version < ? ORDER BY key_version, subject, subject_id LIMIT ?`

// Rewrap implements decisions.Archive. A row is taken out by all that it was when it was read, and only what was taken
// out is written again: one that was erased meanwhile stays erased, and one that is there under the new key already
// stays once. Whoever wraps beside us takes others; where all that are left are theirs it waits for them, so that nothing
// done means that nothing is left.
func (s Identity) Rewrap(ctx context.Context, newest, limit int,
	wrap func(identity.Digest) (identity.Digest, error)) (done int, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		done = 0
		rows, err := s.outdated(tx, newest, limit)
		if err != nil || len(rows) == 0 {
			return err
		}
		next := make([]digestRow, 0, len(rows))
		for _, r := range rows {
			d, err := wrap(r.digest())
			if err != nil {
				return err
			}
			taken, err := takeDigest(tx, r)
			if err != nil {
				return err
			}
			if taken {
				r.Digest, r.KeyVersion, r.At = slices.Clone(d.Sum[:]), d.Key, utc(r.At)
				next = append(next, r)
			}
		}
		done = len(rows)
		return addDigests(tx, next)
	})
	if err == nil {
		err = s.rewrapErasures(ctx, newest, wrap)
	}
	if err != nil {
		return 0, err
	}
	return done, nil
}

func (s Identity) outdated(tx *gorm.DB, newest, limit int) (rows []digestRow, err error) {
	texts := []string{selectOutdated}
	if s.dialect == "postgres" {
		texts = []string{selectOutdated + ` FOR UPDATE SKIP LOCKED`, selectOutdated + ` FOR UPDATE`}
	}
	for _, text := range texts {
		if err = tx.Raw(text, newest, limit).Scan(&rows).Error; err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

func takeDigest(tx *gorm.DB, r digestRow) (bool, error) {
	taken := tx.Exec(`DELETE FROM identity_digests WHERE subject = ? AND subject_id = ? AND kind = ? AND digest = ?
		AND key_version = ?`, r.Subject, r.SubjectID, r.Kind, r.Digest, r.KeyVersion)
	return taken.RowsAffected == 1, taken.Error
}

// Forget implements decisions.Archive. Decisions themselves stay, with what stands in columns.
func (s Identity) Forget(ctx context.Context, before time.Time, limit int) (done int, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		done = 0
		var uses, made, verdicts []int64
		for _, part := range []struct {
			ids  *[]int64
			text string
		}{
			{&uses, selectOldUses}, {&made, selectOldDecisions}, {&verdicts, selectOldVerdicts},
		} {
			if err := tx.Raw(part.text, utc(before), limit).Scan(part.ids).Error; err != nil {
				return err
			}
			done += len(*part.ids)
		}
		if err := deleteDigests(tx, uses, subjectUse); err != nil {
			return err
		}
		if len(uses) > 0 {
			if err := tx.Exec(`UPDATE identity_uses SET customer_gid = '', erased_at = ? WHERE id IN ?`, utc(before),
				uses).Error; err != nil {
				return err
			}
		}
		if err := emptyDecisions(tx, made, before); err != nil {
			return err
		}
		return deleteDigests(tx, verdicts, subjectBlocked, subjectPairA, subjectPairB)
	})
	return done, err
}

// ForgetOrders implements decisions.Archive.
func (s Identity) ForgetOrders(ctx context.Context, before time.Time, limit int) (done int, err error) {
	gone := s.db.WithContext(ctx).Exec(`DELETE FROM identity_uses WHERE id IN (SELECT id FROM identity_uses
		WHERE used_at < ? AND erased_at IS NOT NULL LIMIT ?)`, utc(before), limit)
	return int(gone.RowsAffected), translate(gone.Error)
}

const (
	selectOldUses      = `SELECT id FROM identity_uses WHERE used_at < ? AND erased_at IS NULL ORDER BY used_at, id LIMIT ?`
	selectOldDecisions = `SELECT id FROM decisions WHERE at < ? AND erased_at IS NULL ORDER BY at, id LIMIT ?`
	selectOldVerdicts  = `SELECT DISTINCT subject_id FROM (SELECT subject_id FROM identity_digests WHERE at < ?
		AND subject IN ('blocked', 'pair_a', 'pair_b') ORDER BY at LIMIT ?) AS old`
)

// deleteDigests says it twice: a statement that waited for a round of Rewrap does not see the rows that were written in
// place of those it waited for, and the next one does. They are under the newest key then, and are not wrapped again.
func deleteDigests(tx *gorm.DB, ids []int64, subjects ...string) error {
	if len(ids) == 0 {
		return nil
	}
	for range 2 {
		if err := tx.Exec(`DELETE FROM identity_digests WHERE subject IN ? AND subject_id IN ?`, subjects,
			ids).Error; err != nil {
			return err
		}
	}
	return nil
}

// emptyDecisions leaves of decisions what stands in columns.
func emptyDecisions(tx *gorm.DB, ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if err := tx.Exec(`UPDATE decisions SET request = '', facts = '', answer = '', verdict_note = '', erased_at = ?
		WHERE id IN ? AND erased_at IS NULL`, utc(at), ids).Error; err != nil {
		return err
	}
	return deleteDigests(tx, ids, subjectDecision)
}

// KeyChecks implements decisions.Archive.
func (s Identity) KeyChecks(ctx context.Context) (map[int]decisions.KeyCheck, error) {
	var rows []struct {
		Version  int
		KeyCheck []byte
		SeenAt   time.Time
	}
	if err := s.db.WithContext(ctx).Raw(`SELECT version, key_check, seen_at FROM identity_keys`).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	now, err := s.databaseTime(ctx)
	if err != nil {
		return nil, err
	}
	checks := make(map[int]decisions.KeyCheck, len(rows))
	for _, r := range rows {
		checks[r.Version] = decisions.KeyCheck{Check: r.KeyCheck, Age: now.Sub(r.SeenAt)}
	}
	return checks, nil
}

// KeepKeyCheck implements decisions.Archive.
func (s Identity) KeepKeyCheck(ctx context.Context, version int, check []byte) error {
	at, err := s.databaseTime(ctx)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`INSERT INTO identity_keys (version, key_check, seen_at) VALUES (?, ?, ?)
			ON CONFLICT (version) DO NOTHING`, version, check, utc(at)).Error; err != nil {
			return err
		}
		var have []byte
		if err := tx.Raw(`SELECT key_check FROM identity_keys WHERE version = ?`, version).Row().Scan(&have); err != nil {
			return err
		}
		if !bytes.Equal(have, check) {
			return domain.ErrConflict
		}
		return nil
	})
}
