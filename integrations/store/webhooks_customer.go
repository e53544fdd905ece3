package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
	"pointbridge/domain/webhooks"
)

// KeepCustomerUpdate implements webhooks.Store. The member's row is locked before anything is written, so that
// deliveries about one customer come one after the other.
func (s Webhooks) KeepCustomerUpdate(ctx context.Context, d webhooks.Delivery) (outcome webhooks.Outcome, fresh bool,
	err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		member, err := s.memberOf(tx, d.Customer)
		if err != nil || member == "" {
			d.Outcome, fresh = webhooks.Ignored, true
			return err
		}
		d.Outcome = webhooks.Queued
		if fresh, err = insertDelivery(tx, d); err != nil || !fresh {
			return err
		}
		asked, err := lookAgain(tx, member, d.ReceivedAt)
		if err != nil || !asked {
			return err
		}
		return s.addJobs(ctx, tx, []domain.Job{{Kind: domain.JobMetafield, CustomerID: member}})
	})
	return d.Outcome, fresh && err == nil, err
}

// lookAgain has a member's metafield compared with what it should say; asked tells that a job is needed for it. A
// metafield that is behind, and that nobody is at, has its job already: whoever takes that up writes over nothing
// unknown. One that somebody is at may have been read before it was changed.
func lookAgain(tx *gorm.DB, member string, at time.Time) (asked bool, err error) {
	done := tx.Exec(`UPDATE customers SET projection_wanted = projection_wanted + 1, projection_changed_at = ?, projection_digest = ?
		WHERE id = ? AND (projection_written >= projection_wanted OR projection_claimed_until > ?)`,
		utc(at), metafields.DigestUnknown, member, utc(at))
	return done.RowsAffected != 0, done.Error
}
