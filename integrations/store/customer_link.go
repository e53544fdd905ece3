package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// CustomerByGID implements members.Members: somebody who is no member is nobody here.
func (s Members) CustomerByGID(ctx context.Context, shopCustomerGID string) (domain.Customer, error) {
	if shopCustomerGID == "" {
		// Members who are not linked all have this one.
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	var row customerRow
	err := s.db.WithContext(ctx).Where("shopify_customer_gid = ? AND shopify_customer_gid <> '' AND NOT ("+
		nobodysMember+")", shopCustomerGID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if err != nil {
		return domain.Customer{}, translate(err)
	}
	return row.domain(), nil
}

// LinkCustomer implements members.Members. Of two who link the same member at once, or the same shop customer, one does
// and the other is refused.
func (s Members) LinkCustomer(ctx context.Context, id, shopCustomerGID string,
	entry domain.AuditEntry) (domain.Customer, error) {
	var row customerRow
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		now := utc(entry.At)
		released, err := s.release(tx, shopCustomerGID, now)
		if err != nil {
			return err
		}
		linked, err := insertCustomer(tx, domain.Customer{ID: id, ShopifyCustomerGID: shopCustomerGID, CreatedAt: now,
			UpdatedAt: now})
		if err == nil && !linked {
			done := tx.Exec(`UPDATE customers SET shopify_customer_gid = ?, updated_at = ?, projection_digest = '',
				`+wantProjection+`, `+nobodysProjection+` WHERE id = ? AND shopify_customer_gid = ''`,
				shopCustomerGID, now, now, id)
			linked, err = done.RowsAffected != 0, done.Error
		}
		if err != nil {
			return anothersLink(err)
		}
		if !linked {
			return domain.Refuse(domain.CodeCustomerAlreadyLinked)
		}
		projected(tx)
		if err := errors.Join(adopt(tx, id, released, &entry), makeTerms(tx, id)); err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	if err != nil {
		return domain.Customer{}, err
	}
	return row.domain(), nil
}

// anothersLink words what the database says of a customer of the shop whom another member is.
func anothersLink(err error) error {
	if violates(err, "customers_shopify_customer_gid") {
		return domain.Refuse(domain.CodeCustomerAlreadyLinked) // its cause would read as a conflict, which is tried again
	}
	return err
}
