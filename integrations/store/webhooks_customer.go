package store

import (
	"context"
	"time"

	"gorm.io/gorm"

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
		return lookAgain(tx, member, d.ReceivedAt)
	})
	return d.Outcome, fresh && err == nil, err
}

// lookAgain has a member's metafield compared with what it should say. One that is behind, and that nobody is at, is
// written in any case: whoever takes that up writes over nothing unknown. One that somebody is at may have been read
// before it was changed.
func lookAgain(tx *gorm.DB, member string, at time.Time) error {
	projected(tx)
	return tx.Exec(`UPDATE customers SET `+wantProjection+`, projection_digest = ?
		WHERE id = ? AND (projection_written >= projection_wanted OR projection_claimed_until > ?)`,
		utc(at), metafields.DigestUnknown, member, utc(at)).Error
}
