package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"pointbridge/domain"
)

// Members keeps who is a member, who they are in the shop, and how often they were refused.
type Members struct{ *database }

// Customer implements coupons.Members.
func (s Members) Customer(ctx context.Context, id string) (domain.Customer, error) {
	var row customerRow
	var err error
	if s.hot() {
		row, err = s.customerAtOnce(ctx, id)
	} else {
		err = s.db.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, pgx.ErrNoRows) {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if err != nil {
		return domain.Customer{}, translate(err)
	}
	return row.domain(), nil
}

// WhichAreMembers implements members.Members.
func (s Members) WhichAreMembers(ctx context.Context, ids []string) (there []string, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT id FROM customers WHERE id IN (?)`, ids).Scan(&there).Error
	return there, translate(err)
}

// SpentSince implements coupons.Members.
func (s Members) SpentSince(ctx context.Context, customerID string, since time.Time) (int64, error) {
	var spent int64
	err := s.db.WithContext(ctx).Raw(`SELECT coalesce(sum(points), 0) FROM coupons
		WHERE customer_id = ? AND campaign = 'points' AND created_at >= ? AND status NOT IN ('failed', 'cancelled') AND reissued_from = ''`, customerID, utc(since)).Scan(&spent).Error
	return spent, translate(err)
}

// SaveCustomer implements members.Members. A member who becomes another Shopify customer gets a metafield there, and
// what is known of the old one's is forgotten. A member who is made twice at the same moment is made once and updated
// once.
func (s Members) SaveCustomer(ctx context.Context, c domain.Customer,
	entry domain.AuditEntry) (domain.Customer, bool, error) {
	c.CreatedAt, c.UpdatedAt = utc(c.CreatedAt), utc(c.UpdatedAt)
	created := false
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		released, err := s.release(tx, c.ShopifyCustomerGID, c.UpdatedAt)
		if err != nil {
			return err
		}
		there, behind, err := updateCustomer(tx, c)
		if err == nil && !there {
			if created, err = insertCustomer(tx, c); err == nil && !created {
				there, behind, err = updateCustomer(tx, c)
			}
		}
		if err != nil {
			return anothersLink(err)
		}
		if !there && !created {
			return domain.Refuse(domain.CodeCustomerAlreadyLinked) // it was not the id that was there already
		}
		if behind || released != "" {
			projected(tx)
		}
		if err := errors.Join(adopt(tx, c.ID, released, &entry), makeTerms(tx, c.ID)); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	if err != nil {
		return domain.Customer{}, false, err
	}
	return c, created, nil
}

// updateCustomer tells also whether the member's metafield in the shop is behind.
func updateCustomer(tx *gorm.DB, c domain.Customer) (there, behind bool, err error) {
	if err := rememberLink(tx, c.ID, c.ShopifyCustomerGID); err != nil {
		return false, false, err
	}
	var found []bool
	err = tx.Raw(`UPDATE customers SET name = ?, name_kana = ?, email = ?, phone = ?, email_key = ?, phone_key = ?, locale = ?, rank = ?, updated_at = ?,
		projection_digest = CASE WHEN shopify_customer_gid = ? THEN projection_digest ELSE '' END,
		projection_wanted = CASE WHEN shopify_customer_gid = ? THEN projection_wanted ELSE projection_wanted + 1 END,
		projection_changed_at = CASE WHEN shopify_customer_gid = ? THEN projection_changed_at ELSE ? END,
		projection_claimed_until = CASE WHEN shopify_customer_gid = ? THEN projection_claimed_until END,
		shopify_customer_gid = ? WHERE id = ? RETURNING projection_wanted > projection_written AND shopify_customer_gid <> ''`, c.Name, c.NameKana, c.Email, c.Phone, c.EmailKey, c.PhoneKey, c.Locale, c.Rank, c.UpdatedAt,
		c.ShopifyCustomerGID, c.ShopifyCustomerGID, c.ShopifyCustomerGID, c.UpdatedAt,
		c.ShopifyCustomerGID, c.ShopifyCustomerGID, c.ID).Scan(&found).Error
	return len(found) > 0, slices.Contains(found, true), err
}

// insertCustomer waits for an uncommitted row with the same id or the same Shopify customer and then leaves it alone:
// created is false. (With the id alone as its target it would stumble over the other index first, now and then.) Whether
// the id is a number that a member had before is asked last: who moves that member is waited for by the insert.
func insertCustomer(tx *gorm.DB, c domain.Customer) (created bool, err error) {
	done := tx.Exec(`INSERT INTO customers (id, shopify_customer_gid, name, name_kana, email, phone, email_key, phone_key, locale, rank,
		created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.ID, c.ShopifyCustomerGID, c.Name, c.NameKana, c.Email, c.Phone, c.EmailKey, c.PhoneKey, c.Locale, c.Rank,
		c.CreatedAt, c.UpdatedAt)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, done.Error
	}
	return true, newNumber(tx, c.ID)
}

// After implements members.Lister.
func (s Members) After(ctx context.Context, id string, limit int) ([]domain.Customer, error) {
	var rows []customerRow
	if err := s.db.WithContext(ctx).Where("id > ?", id).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.Customer, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}
