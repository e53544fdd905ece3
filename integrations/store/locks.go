package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

type refusalsRow struct {
	Refusals      int
	RefusalsSince *time.Time
	LockedUntil   *time.Time
}

func (r refusalsRow) domain() members.RefusalCount {
	return members.RefusalCount{Refusals: r.Refusals, Since: utcOrNil(r.RefusalsSince),
		LockedUntil: utcOrNil(r.LockedUntil)}
}

// NoteRefusal implements members.Locks.
func (s Members) NoteRefusal(ctx context.Context, customerID string, note func(members.RefusalCount,
	bool) (members.RefusalCount, []domain.AuditEntry)) error {
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var row refusalsRow
		found := tx.Raw(`SELECT refusals, refusals_since, locked_until FROM customers WHERE id = ?`+lock,
			customerID).Scan(&row)
		if found.Error != nil {
			return found.Error
		}
		known := found.RowsAffected == 1
		counted := row.domain()
		next, record := note(counted, known)
		if known && next != counted {
			if err := tx.Exec(`UPDATE customers SET refusals = ?, refusals_since = ?, locked_until = ? WHERE id = ?`,
				next.Refusals, utcOrNil(next.Since), utcOrNil(next.LockedUntil), customerID).Error; err != nil {
				return err
			}
		}
		return saveAudit(tx, record, 0)
	})
}

// Unlock implements members.Locks.
func (s Members) Unlock(ctx context.Context, customerID string, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE customers SET refusals = 0, refusals_since = NULL, locked_until = NULL WHERE id = ? AND locked_until > ?`,
			customerID, utc(entry.At))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 1 {
			return saveAudit(tx, []domain.AuditEntry{entry}, 0)
		}
		var known bool
		if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM customers WHERE id = ?)`,
			customerID).Row().Scan(&known); err != nil {
			return err
		}
		if !known {
			return domain.Refuse(domain.CodeCustomerNotFound)
		}
		return nil
	})
}

// Record writes one entry that goes with no change of state.
func (s Audit) Record(ctx context.Context, entry domain.AuditEntry) error {
	return s.record(ctx, entry)
}

func (s *database) record(ctx context.Context, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return saveAudit(tx, []domain.AuditEntry{entry}, entry.CouponID) })
}
