package store

import (
	"context"

	"gorm.io/gorm"

	"pointbridge/domain/webhooks"
)

// KeepPointsChange implements webhooks.PointsStore. The members' rows are locked before anything is written, one after
// the other by their ids, as KeepCustomerUpdate locks one.
func (s Webhooks) KeepPointsChange(ctx context.Context, d webhooks.Delivery, members []string) (
	outcome webhooks.Outcome, fresh bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		linked, err := s.linkedAmong(tx, members)
		if err != nil || len(linked) == 0 {
			d.Outcome, fresh = webhooks.Ignored, true
			return err
		}
		d.Outcome = webhooks.Queued
		if fresh, err = insertDelivery(tx, d); err != nil || !fresh {
			return err
		}
		for _, member := range linked {
			if err := lookAgain(tx, member, d.ReceivedAt); err != nil {
				return err
			}
		}
		return nil
	})
	return d.Outcome, fresh && err == nil, err
}

// linkedAmong gives those of the ids that are members who are linked to a customer of the shop.
func (s Webhooks) linkedAmong(tx *gorm.DB, ids []string) (linked []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	err = tx.Raw(`SELECT id FROM customers WHERE id IN ? AND shopify_customer_gid <> '' ORDER BY id`+lock, ids).
		Scan(&linked).Error
	return linked, err
}
