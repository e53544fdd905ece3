package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Customers of the shop who hold coupons and are no members stand in the same table as members, under ids that no
// member can have: whatever is about a coupon's customer is about them as well. One customer of the shop is one row, and
// when a member turns out to be them, their coupons become the member's.

// nobodysMember tells the rows of those who are no members. "_" is any character to LIKE.
const nobodysMember = `id LIKE '\_shop\_%' ESCAPE '\'`

// Holder implements coupons.Members.
func (s Members) Holder(ctx context.Context, shopCustomerGID string) (domain.Customer, error) {
	row, err := customerWith(s.db.WithContext(ctx), shopCustomerGID, "")
	return row.domain(), translate(err)
}

// customerWith finds who a customer of the shop is here. Errors: customer_not_found.
func customerWith(db *gorm.DB, gid, lock string) (row customerRow, err error) {
	found := db.Raw(`SELECT `+customerColumns+` FROM customers WHERE shopify_customer_gid = ? AND shopify_customer_gid <> ''`+lock,
		gid).Scan(&row)
	if found.Error == nil && found.RowsAffected == 0 {
		return row, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return row, found.Error
}

// lockHolder locks whom a coupon is for. Somebody who was named by who they are in the shop is found by that, and kept
// where nobody is known who is them; what was kept of them is brought up to date.
func (s Coupons) lockHolder(tx *gorm.DB, o coupons.Opening) (row customerRow, err error) {
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	if o.Shopper != nil {
		return keepShopper(tx, *o.Shopper, utc(o.Now), lock)
	}
	err = tx.Raw(holderSQL+lock, o.CustomerID).Row().Scan(row.holder()...)
	if errors.Is(err, sql.ErrNoRows) {
		return row, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return row, err
}

// holderSQL reads what a coupon's first commit needs of its customer, into what holder names.
const holderSQL = `SELECT id, shopify_customer_gid, name, email, phone, locale, rank, locked_until, created_at, updated_at
	FROM customers WHERE id = ?`

func (r *customerRow) holder() []any {
	return []any{&r.ID, &r.ShopifyCustomerGID, &r.Name, &r.Email, &r.Phone, &r.Locale, &r.Rank, &r.LockedUntil, &r.CreatedAt,
		&r.UpdatedAt}
}

func keepShopper(tx *gorm.DB, c domain.Customer, at time.Time, lock string) (customerRow, error) {
	row, err := customerWith(tx, c.ShopifyCustomerGID, lock)
	if err == nil {
		return keepPhone(tx, row, c.PhoneKey)
	}
	if !errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return row, err
	}
	if !domain.IsShopperID(c.ID) {
		return row, domain.Refuse(domain.CodeCustomerNotLinked) // a member who was them a moment ago
	}
	// They are kept, or come back to the row that was theirs before.
	err = tx.Exec(`INSERT INTO customers (id, shopify_customer_gid, name, email, email_key, phone_key, locale, created_at,
		updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET shopify_customer_gid = excluded.shopify_customer_gid,
		name = excluded.name, email = excluded.email, email_key = excluded.email_key,
		phone_key = excluded.phone_key, locale = excluded.locale, projection_digest = '',
		updated_at = excluded.updated_at WHERE customers.shopify_customer_gid = ''`,
		c.ID, c.ShopifyCustomerGID, c.Name, c.Email, domain.MailKey(c.Email), c.PhoneKey, c.Locale, at, at).Error
	if violates(err, "customers_shopify_customer_gid") {
		return customerRow{}, domain.ErrConflict // somebody became them in the same moment
	}
	if err != nil {
		return customerRow{}, err
	}
	if err := makeTerms(tx, c.ID); err != nil {
		return customerRow{}, err
	}
	row, err = customerWith(tx, c.ShopifyCustomerGID, lock)
	if errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return row, domain.ErrConflict
	}
	return row, err
}

// keepPhone adds the key of a phone number to somebody who is no member and was kept without one.
func keepPhone(tx *gorm.DB, row customerRow, key string) (customerRow, error) {
	if key == "" || row.PhoneKey != "" || !domain.IsShopperID(row.ID) {
		return row, nil
	}
	if err := tx.Exec(`UPDATE customers SET phone_key = ? WHERE id = ?`, key, row.ID).Error; err != nil {
		return row, err
	}
	row.PhoneKey = key
	return row, makeTerms(tx, row.ID)
}

// release takes a customer of the shop from whoever holds coupons as them and is no member; what was kept of them goes,
// but for an empty row that their record can still name. It gives the row's id, for adopt; empty where there is none.
func (s *database) release(tx *gorm.DB, gid string, at time.Time) (string, error) {
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	var ids []string
	err := tx.Raw(`SELECT id FROM customers WHERE shopify_customer_gid = ? AND shopify_customer_gid <> '' AND `+
		nobodysMember+lock, gid).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return "", err
	}
	err = tx.Exec(`UPDATE customers SET shopify_customer_gid = '', name = '', name_kana = '', email = '', phone = '',
		email_key = '', phone_key = '', locale = '', rank = '', projection_digest = '', `+nobodysProjection+`,
		projection_written = projection_wanted, updated_at = ? WHERE id = ?`, utc(at), ids[0]).Error
	if err == nil {
		err = makeTerms(tx, ids[0])
	}
	return ids[0], err
}

// adopt makes the coupons of somebody who was no member those of the member who they turn out to be, in the transaction
// that says so. Whoever was at one of them finds that its version has moved, and reads it again.
func adopt(tx *gorm.DB, memberID, released string, entry *domain.AuditEntry) error {
	if released == "" || released == memberID {
		return nil
	}
	moved := tx.Exec(`UPDATE coupons SET customer_id = ?, version = version + 1 WHERE customer_id = ?`, memberID,
		released)
	if moved.Error != nil {
		return moved.Error
	}
	if entry.Detail == nil {
		entry.Detail = map[string]any{}
	}
	entry.Detail["coupons"] = moved.RowsAffected
	for _, statement := range []string{
		`INSERT INTO former_links (customer_gid, customer_id) SELECT customer_gid, CAST(? AS text) FROM former_links
			WHERE customer_id = ? ON CONFLICT DO NOTHING`,
		`UPDATE member_notes SET customer_id = ? WHERE customer_id = ?`,
		`UPDATE customers SET projection_wanted = projection_wanted + 1, projection_changed_at = updated_at WHERE id = ?
			AND id <> ?`,
	} {
		if err := tx.Exec(statement, memberID, released).Error; err != nil {
			return err
		}
	}
	return tx.Exec(`DELETE FROM former_links WHERE customer_id = ?`, released).Error
}

// held is the condition of the coupons of a campaign that somebody could spend now. Those on their way to be one count
// too: while the shop is away more of them wait than one.
const held = `campaign = ? AND status IN ('pending', 'active') AND expires_at > ?`
