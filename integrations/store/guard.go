package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/guard"
	"pointbridge/domain/metafields"
)

type guardField struct {
	ID      int64
	Owner   string
	GID     string `gorm:"column:gid"`
	Wanted  int64
	Written int64
	Said    string
	Digest  string
}

func (r guardField) domain() guard.Projection {
	return guard.Projection{ID: r.ID, Owner: r.Owner, GID: r.GID, Wanted: r.Wanted, Written: r.Written, Said: r.Said,
		Digest: r.Digest}
}

const selectGuardField = `SELECT id, owner, gid, wanted, written, said, digest FROM guard_fields WHERE `

// Claim implements guard.Projections.
func (s Guard) Claim(ctx context.Context, id int64, now, until time.Time) (guard.Projection, error) {
	var row guardField
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE guard_fields SET claimed_until = ?
			WHERE id = ? AND (claimed_until IS NULL OR claimed_until <= ?)`, utc(until), id, utc(now))
		if done.Error != nil {
			return done.Error
		}
		found := tx.Raw(selectGuardField+`id = ?`, id).Scan(&row)
		if found.Error == nil && found.RowsAffected == 1 && done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		return found.Error
	})
	return row.domain(), err
}

// Begin implements guard.Projections.
func (s Guard) Begin(ctx context.Context, id int64) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE guard_fields SET said = ? WHERE id = ?`, guard.SaidUnknown, id).Error)
}

// Written implements guard.Projections.
func (s Guard) Written(ctx context.Context, id, version int64, said, digest string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if said == "" {
			gone := tx.Exec(`DELETE FROM guard_fields WHERE id = ? AND wanted = ? AND owner <> ?`, id, version, guard.OwnerShop)
			if gone.Error != nil || gone.RowsAffected == 1 {
				return gone.Error
			}
		}
		return tx.Exec(`UPDATE guard_fields SET written = ?, said = ?, digest = ?, claimed_until = NULL WHERE id = ?`,
			version, said, digest, id).Error
	})
}

// Release implements guard.Projections.
func (s Guard) Release(ctx context.Context, id int64, digest string) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE guard_fields SET claimed_until = NULL, digest = ? WHERE id = ?`,
		digest, id).Error)
}

// Gone implements guard.Projections.
func (s Guard) Gone(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`DELETE FROM guard_fields WHERE id = ? AND owner <> ?`, id, guard.OwnerShop).Error; err != nil {
			return err
		}
		return tx.Exec(`UPDATE guard_fields SET gid = '', said = '', digest = '', claimed_until = NULL WHERE id = ?`, id).Error
	})
}

// Shop implements guard.Rounds.
func (s Guard) Shop(ctx context.Context) (p guard.Projection, on bool, err error) {
	var row guardField
	found := s.db.WithContext(ctx).Raw(selectGuardField+`owner = ?`, guard.OwnerShop).Scan(&row)
	return row.domain(), found.RowsAffected == 1, translate(found.Error)
}

// Want implements guard.Rounds.
func (s Guard) Want(ctx context.Context) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE guard_fields SET wanted = wanted + 1 WHERE owner = ?`,
		guard.OwnerShop).Error)
}

// Spread implements guard.Rounds. The customers are walked in the order of their ids, a transaction a piece; a token
// that changes half-way begins anew.
func (s Guard) Spread(ctx context.Context, campaignID int64, token string, limit int) (left bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		left = false
		var at struct {
			Token, Next string
			Done        bool
		}
		found := tx.Raw(`SELECT token, next, done FROM guard_spread WHERE campaign_id = ?`, campaignID).Scan(&at)
		if found.Error != nil || (found.RowsAffected == 0 && token == guard.TokenOff) {
			return found.Error
		}
		if at.Token != token {
			at.Next, at.Done = "", false
		}
		if at.Done {
			return nil
		}
		var gids []string
		if err := tx.Raw(`SELECT DISTINCT customer_gid FROM identity_uses WHERE campaign_id = ? AND customer_gid > ?
			AND customer_gid <> '' ORDER BY customer_gid LIMIT ?`, campaignID, at.Next, limit).Scan(&gids).Error; err != nil {
			return err
		}
		for _, gid := range gids {
			if err := tx.Exec(`INSERT INTO guard_fields (owner) VALUES (?)
				ON CONFLICT (owner) DO UPDATE SET wanted = guard_fields.wanted + 1`, gid).Error; err != nil {
				return err
			}
			at.Next = gid
		}
		left = len(gids) == limit
		return tx.Exec(`INSERT INTO guard_spread (campaign_id, token, next, done) VALUES (?, ?, ?, ?)
			ON CONFLICT (campaign_id) DO UPDATE SET token = excluded.token, next = excluded.next, done = excluded.done`,
			campaignID, token, at.Next, !left).Error
	})
	return left, err
}

// AskDue implements guard.Rounds.
func (s Guard) AskDue(ctx context.Context, limit int, job func(id int64) domain.Job) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var ids []int64
		if err := tx.Raw(`SELECT id FROM guard_fields WHERE written < wanted AND (owner <> ? OR gid <> '')
			ORDER BY id LIMIT ?`, guard.OwnerShop, limit).Scan(&ids).Error; err != nil {
			return err
		}
		jobs := make([]domain.Job, 0, len(ids))
		for _, id := range ids {
			jobs = append(jobs, job(id))
		}
		return insertJobs(ctx, tx, jobs, s.onceOrNot())
	})
}

// TurnOn implements guard.Switch.
func (s Guard) TurnOn(ctx context.Context) error {
	return translate(s.db.WithContext(ctx).Exec(`INSERT INTO guard_fields (owner, wanted) VALUES (?, 0)
		ON CONFLICT (owner) DO NOTHING`, guard.OwnerShop).Error)
}

// Made implements guard.Switch.
func (s Guard) Made(ctx context.Context, gid string) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE guard_fields SET gid = ?, wanted = wanted + 1, said = ?,
		digest = ? WHERE owner = ?`, gid, guard.SaidUnknown, metafields.DigestUnknown, guard.OwnerShop).Error)
}

// TurnOff implements guard.Switch. On PostgreSQL others wait, so that nothing is wanted that nobody forgets.
func (s Guard) TurnOff(ctx context.Context) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`LOCK TABLE guard_fields IN SHARE ROW EXCLUSIVE MODE`).Error; err != nil {
				return err
			}
		}
		for _, text := range []string{`DELETE FROM guard_fields`, `DELETE FROM guard_spread`, `DELETE FROM guard_marks`} {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
