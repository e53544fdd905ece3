package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// rememberLink keeps which customer of the shop a member was, before that changes.
func rememberLink(tx *gorm.DB, memberID, next string) error {
	return tx.Exec(`INSERT INTO former_links (customer_gid, customer_id) SELECT shopify_customer_gid, id FROM customers
		WHERE id = ? AND shopify_customer_gid <> '' AND shopify_customer_gid <> ? ON CONFLICT DO NOTHING`, memberID, next).Error
}

// relink makes a member another customer of the shop, or none. The metafield there is written from the beginning.
func relink(tx *gorm.DB, memberID, gid string, at time.Time) error {
	if err := rememberLink(tx, memberID, gid); err != nil {
		return err
	}
	projected(tx)
	return tx.Exec(`UPDATE customers SET shopify_customer_gid = ?, projection_digest = '', `+wantProjection+`, `+nobodysProjection+`,
		updated_at = ? WHERE id = ?`, gid, utc(at), utc(at), memberID).Error
}

// memberOf finds who is linked to a customer of the shop, and keeps that so until the transaction ends.
func (s *database) memberOf(tx *gorm.DB, gid string) (string, error) {
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	var ids []string
	err := tx.Raw(`SELECT id FROM customers WHERE shopify_customer_gid = ? AND shopify_customer_gid <> ''`+lock,
		gid).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// Unlink implements webhooks.Store.
func (s Webhooks) Unlink(ctx context.Context, customerGID string, at time.Time,
	record func(memberID string) domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		member, err := s.memberOf(tx, customerGID)
		if err != nil || member == "" {
			return err
		}
		if err := relink(tx, member, "", at); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{record(member)}, 0)
	})
}

// MergeLinks implements webhooks.Store. The coupons follow in either case, because their orders are found under the
// customer who stays.
func (s Webhooks) MergeLinks(ctx context.Context, gone, stays string, at time.Time,
	record func(memberID, holder string) domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		member, err := s.memberOf(tx, gone)
		if err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE coupons SET shopify_customer_gid = ?, version = version + 1 WHERE shopify_customer_gid = ? AND
			(customer_id = ? OR customer_id IN (SELECT customer_id FROM former_links WHERE customer_gid = ?))`, stays, gone, member, gone).Error; err != nil {
			return err
		}
		if member == "" {
			return nil
		}
		holder, err := s.memberOf(tx, stays)
		if err != nil {
			return err
		}
		if domain.IsShopperID(member) || domain.IsShopperID(holder) {
			return s.mergeShoppers(tx, member, holder, gone, stays, at, record)
		}
		next := stays
		if holder != "" {
			next = "" // the customer whom the member was linked to is gone in any case
		}
		if err := relink(tx, member, next, at); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{record(member, holder)}, 0)
	})
}

// mergeShoppers is MergeLinks where one of the two is no member: their coupons go to the other one, who becomes, or is,
// the customer who stays.
func (s Webhooks) mergeShoppers(tx *gorm.DB, member, holder, gone, stays string, at time.Time,
	record func(memberID, holder string) domain.AuditEntry) error {
	keeps, goes := holder, member
	if keeps == "" || domain.IsShopperID(keeps) && !domain.IsShopperID(goes) {
		keeps, goes = member, holder
	}
	entry := record(keeps, "")
	for _, gid := range []string{gone, stays} {
		if goes == "" {
			break
		}
		if released, err := s.release(tx, gid, at); err != nil || released != goes {
			if err != nil {
				return err
			}
			continue
		}
		if err := adopt(tx, keeps, goes, &entry); err != nil {
			return err
		}
		break
	}
	if err := relink(tx, keeps, stays, at); err != nil {
		return err
	}
	return saveAudit(tx, []domain.AuditEntry{entry}, 0)
}
