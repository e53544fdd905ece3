package store

import (
	"context"

	"gorm.io/gorm"

	"pointbridge/domain/privacy"
)

// dossier is what is held about a member, by table; the member's id is the one argument. What
// happened under a number that they had before is theirs.
var dossier = map[string]string{
	"customers": `SELECT id, shopify_customer_gid, name, name_kana, email, phone, email_key, phone_key, locale, rank, locked_until, created_at, updated_at FROM customers WHERE id = @id`,
	"links":     `SELECT customer_gid FROM former_links WHERE customer_id = @id ORDER BY customer_gid`,
	"coupons": `SELECT code, status, shopify_customer_gid, points, amount_minor, currency, rate, rank, created_at, expires_at, activated_at, used_at, used_order,
		used_order_id, cancelled_at, cancelled_by, reason, note, reissued_from, superseded_by FROM coupons WHERE customer_id = @id ORDER BY id`,
	"identity_uses": `SELECT order_name, code, used_at, void_at, discount, currency FROM identity_uses WHERE customer_gid <> ''
		AND customer_gid = (SELECT shopify_customer_gid FROM customers WHERE id = @id) ORDER BY id`,
	"identity_digests": `SELECT d.kind, count(*) AS digests FROM identity_digests d JOIN identity_uses u ON u.id = d.subject_id
		WHERE d.subject = 'use' AND u.customer_gid <> ''
		AND u.customer_gid = (SELECT shopify_customer_gid FROM customers WHERE id = @id) GROUP BY d.kind ORDER BY d.kind`,
	"movements": `SELECT pos, account, kind, state, points, reference, related_reference, reason, previous_balance, balance, points_expire_on, before_sent, created_at, settled_at FROM movements
		WHERE coupon_id IN (SELECT id FROM coupons WHERE customer_id = @id) ORDER BY id`,
	"refunds": `SELECT r.reference, k.code, r.reason, r.note, r.created_at FROM refunds r JOIN coupons k ON k.id = r.coupon_id
		WHERE k.customer_id = @id ORDER BY r.id`,
	"reviews": `SELECT r.kind, r.status, k.code, r.order_name, r.order_id, r.reason, r.outcome, r.note, r.decided_by, r.opened_at, r.decided_at,
		r.proposed_outcome, r.proposed_note, r.proposed_by, r.proposed_at FROM reviews r JOIN coupons k ON k.id = r.coupon_id WHERE k.customer_id = @id ORDER BY r.id`,
	"cancel_requests": `SELECT k.code, q.state, q.reason, q.note, q.asked_at, q.answer, q.decided_at FROM cancel_requests q
		JOIN coupons k ON k.id = q.coupon_id WHERE k.customer_id = @id ORDER BY q.id`,
	"member_notes": `SELECT at, author, text FROM member_notes WHERE customer_id = @id ORDER BY id`,
	"api_keys":     `SELECT prefix, role, name, created_at, revoked_at FROM api_keys WHERE customer_id = @id ORDER BY id`,
	"numbers":      `SELECT number, at FROM former_numbers WHERE customer_id = @id ORDER BY at`,
	"mails": `SELECT k.code, m.kind, m.address, m.state, m.reason, m.reply, m.queue_id, m.created_at, m.changed_at FROM mails m
		JOIN coupons k ON k.id = m.coupon_id WHERE k.customer_id = @id ORDER BY m.id`,
	"audit": `SELECT at, action, code, from_status, to_status, outcome, detail FROM audit
		WHERE customer_id IN (SELECT id FROM customers WHERE id = @id UNION SELECT number FROM former_numbers WHERE customer_id = @id)
		ORDER BY id`,
}

// Dossier implements privacy.Store. One transaction reads one moment.
func (s Privacy) Dossier(ctx context.Context, customerID string) (privacy.Dossier, error) {
	d := privacy.Dossier{CustomerID: customerID, Sections: map[string][]map[string]any{}}
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM forgotten WHERE customer_id = ?)`,
			customerID).Row().Scan(&d.Forgotten); err != nil {
			return err
		}
		for name, query := range dossier {
			rows := []map[string]any{}
			if err := tx.Raw(query, map[string]any{"id": customerID}).Scan(&rows).Error; err != nil {
				return err
			}
			d.Sections[name] = rows
		}
		return nil
	})
	return d, err
}
