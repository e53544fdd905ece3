package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// somebody tells of a member that there is something to forget; it says of each table what Erase blanks there.
const somebody = `c.shopify_customer_gid <> '' OR c.name <> '' OR c.name_kana <> '' OR c.email <> '' OR c.phone <> '' OR c.email_key <> '' OR c.phone_key <> ''
	OR c.locale <> '' OR c.rank <> ''
	OR EXISTS (SELECT 1 FROM former_links l WHERE l.customer_id = c.id)
	OR EXISTS (SELECT 1 FROM api_keys a WHERE a.role = 'customer' AND a.customer_id = c.id AND (a.name <> '' OR a.revoked_at IS NULL))
	OR EXISTS (SELECT 1 FROM coupons k WHERE k.customer_id = c.id AND (k.note <> '' OR k.shopify_customer_gid <> '` + domain.ErasedCustomer + `'))
	OR EXISTS (SELECT 1 FROM refunds r JOIN coupons k ON k.id = r.coupon_id WHERE k.customer_id = c.id AND r.note <> '')
	OR EXISTS (SELECT 1 FROM reviews r JOIN coupons k ON k.id = r.coupon_id WHERE k.customer_id = c.id
		AND (r.note <> '' OR r.proposed_note <> ''))
	OR EXISTS (SELECT 1 FROM cancel_requests q JOIN coupons k ON k.id = q.coupon_id WHERE k.customer_id = c.id
		AND (q.note <> '' OR q.answer <> ''))
	OR EXISTS (SELECT 1 FROM member_notes n WHERE n.customer_id = c.id AND n.text <> '')
	OR EXISTS (SELECT 1 FROM mails m JOIN coupons k ON k.id = m.coupon_id WHERE k.customer_id = c.id AND m.address <> '')`

// erasures are everything that says who a member is, and the free texts about them; what was done stays. The version
// moves with a coupon, so that nobody who read it before writes anything back.
var erasures = []string{
	`UPDATE customers SET shopify_customer_gid = '', name = '', name_kana = '', email = '', phone = '', email_key = '', phone_key = '', locale = '', rank = '',
		projection_digest = '', ` + nobodysProjection + ` WHERE id = ? AND (shopify_customer_gid <> '' OR name <> '' OR name_kana <> '' OR email <> '' OR phone <> ''
		OR email_key <> '' OR phone_key <> '' OR locale <> '' OR rank <> '')`,
	`UPDATE coupons SET note = '', shopify_customer_gid = '` + domain.ErasedCustomer + `', version = version + 1
		WHERE customer_id = ? AND (note <> '' OR shopify_customer_gid <> '` + domain.ErasedCustomer + `')`,
	`UPDATE refunds SET note = '' WHERE note <> '' AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`UPDATE reviews SET note = '', proposed_note = '' WHERE (note <> '' OR proposed_note <> '')
		AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`UPDATE cancel_requests SET note = '', answer = '' WHERE (note <> '' OR answer <> '')
		AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`UPDATE bulk_jobs SET note = '' WHERE note <> '' AND id IN (SELECT b.bulk_id FROM bulk_rows b
		JOIN coupons k ON k.id = b.coupon_id WHERE k.customer_id = ?)`,
	`UPDATE member_notes SET text = '' WHERE text <> '' AND customer_id = ?`,
	`UPDATE mails SET address = '' WHERE address <> '' AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`DELETE FROM former_links WHERE customer_id = ?`,
}

// numbers are the shop's customers whom a member is or was.
const numbers = `SELECT shopify_customer_gid FROM customers WHERE id = ? AND shopify_customer_gid <> ''
	UNION SELECT customer_gid FROM former_links WHERE customer_id = ?
	UNION SELECT shopify_customer_gid FROM coupons WHERE customer_id = ? AND shopify_customer_gid <> '` + domain.ErasedCustomer + `'`

// Erase implements privacy.Store. The member is locked first: a conversion that begins in the same moment comes wholly
// before it, and is forgotten with the rest, or wholly after it, and finds nobody who is linked.
func (s Privacy) Erase(ctx context.Context, customerID string, at time.Time, digest func(string) string,
	entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT id FROM customers WHERE id = ? FOR UPDATE`, customerID).Error; err != nil {
				return err
			}
		}
		var gids []string
		if err := tx.Raw(numbers, customerID, customerID, customerID).Scan(&gids).Error; err != nil {
			return err
		}
		changed, err := blank(tx, customerID, at)
		if err != nil || changed == 0 {
			return err
		}
		for _, gid := range gids {
			if err := tx.Exec(`INSERT INTO forgotten (customer_digest, customer_id) VALUES (?, ?) ON CONFLICT DO NOTHING`,
				digest(gid), customerID).Error; err != nil {
				return err
			}
			if err := forgetNumber(tx, gid, digest(gid)); err != nil {
				return err
			}
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

func blank(tx *gorm.DB, customerID string, at time.Time) (changed int64, err error) {
	done := tx.Exec(`UPDATE api_keys SET name = '', revoked_at = coalesce(revoked_at, ?) WHERE role = 'customer' AND customer_id = ?
		AND (name <> '' OR revoked_at IS NULL)`, utc(at), customerID)
	if changed = done.RowsAffected; done.Error != nil {
		return 0, done.Error
	}
	for _, statement := range erasures {
		done := tx.Exec(statement, customerID)
		if done.Error != nil {
			return 0, done.Error
		}
		changed += done.RowsAffected
	}
	if changed > 0 {
		err = tx.Exec(`UPDATE customers SET updated_at = ? WHERE id = ?`, utc(at), customerID).Error
	}
	if err == nil {
		err = makeTerms(tx, customerID)
	}
	return changed, err
}

// forgetNumber removes the number of a customer whom nobody is, or was, from where it stands outside a member's own
// rows. A delivery that is still to be worked on keeps it until then; what is wanted of a request is wanted by the
// digest from now on.
func forgetNumber(tx *gorm.DB, gid, digest string) error {
	var linked bool
	if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM customers WHERE shopify_customer_gid = ?) OR EXISTS (SELECT 1 FROM former_links WHERE customer_gid = ?)`,
		gid, gid).Row().Scan(&linked); err != nil || linked {
		return err
	}
	// The topics that are worked on by the number; of the others the number is of no use once they are stored.
	const waits = `outcome = 'queued' AND topic IN ('customers/merge', 'customers/delete', 'customers/data_request', 'customers/redact')`
	for _, statement := range []string{
		`UPDATE webhook_deliveries SET customer_gid = '' WHERE customer_gid = ? AND NOT (` + waits + `)`,
		`UPDATE webhook_deliveries SET merged_gid = '' WHERE merged_gid = ? AND NOT (` + waits + `)`,
	} {
		if err := tx.Exec(statement, gid).Error; err != nil {
			return err
		}
	}
	// Who asked through the storefront was kept by the number before they were kept by the member they are.
	if err := tx.Exec(`UPDATE requests SET caller_id = 'erased:' || id WHERE caller_id = ?`,
		"shopify:"+strings.TrimPrefix(gid, domain.ShopCustomerPrefix)).Error; err != nil {
		return err
	}
	return tx.Exec(`UPDATE privacy_requests SET customer_gid = '', customer_digest = ? WHERE customer_gid = ?`, digest,
		gid).Error
}
