package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
)

type privacyRow struct {
	ID          int64 `gorm:"primaryKey"`
	WebhookID   string
	Kind        string
	CustomerGID string `gorm:"column:customer_gid"`
	Open        bool
	Reason      string
	RequestedAt time.Time
	DueAt       time.Time
	ClosedAt    *time.Time
	ClosedBy    string
}

func (privacyRow) TableName() string { return "privacy_requests" }

func (r privacyRow) domain() privacy.Request {
	return privacy.Request{ID: r.ID, WebhookID: r.WebhookID, Kind: privacy.Kind(r.Kind), CustomerGID: r.CustomerGID, Open: r.Open, Reason: r.Reason,
		RequestedAt: r.RequestedAt.UTC(), DueAt: r.DueAt.UTC(), ClosedAt: utcOrNil(r.ClosedAt), ClosedBy: r.ClosedBy}
}

// OpenRequest implements privacy.Store.
func (s *Store) OpenRequest(ctx context.Context, r privacy.Request) (privacy.Request, error) {
	var row privacyRow
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`INSERT INTO privacy_requests (webhook_id, kind, customer_gid, open, requested_at, due_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (webhook_id) DO NOTHING`, r.WebhookID, string(r.Kind), r.CustomerGID, r.Open, utc(r.RequestedAt), utc(r.DueAt)).Error; err != nil {
			return err
		}
		return tx.Where("webhook_id = ?", r.WebhookID).Take(&row).Error
	})
	return row.domain(), err
}

// Request implements privacy.Store.
func (s *Store) Request(ctx context.Context, id int64) (privacy.Request, error) {
	var row privacyRow
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return privacy.Request{}, domain.Refuse(domain.CodeNotFound)
	}
	return row.domain(), translate(err)
}

// Requests implements privacy.Store.
func (s *Store) Requests(ctx context.Context, openOnly bool, limit int) ([]privacy.Request, error) {
	q := s.db.WithContext(ctx).Order("id DESC").Limit(limit)
	if openOnly {
		q = q.Where("open")
	}
	var rows []privacyRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]privacy.Request, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// SetRequest implements privacy.Store.
func (s *Store) SetRequest(ctx context.Context, r privacy.Request) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE privacy_requests SET open = ?, reason = ?, closed_at = ?, closed_by = ? WHERE id = ? AND open`,
		r.Open, r.Reason, utcOrNil(r.ClosedAt), r.ClosedBy, r.ID).Error)
}

// OpenRequests counts what waits, for the metrics.
func (s *Store) OpenRequests(ctx context.Context) (n int64, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM privacy_requests WHERE open`).Row().Scan(&n)
	return n, translate(err)
}

// PeopleOf implements privacy.Store.
func (s *Store) PeopleOf(ctx context.Context, customerGID string) ([]privacy.Person, error) {
	return s.people(ctx, `SELECT id, shopify_customer_gid FROM customers WHERE (shopify_customer_gid = ? AND shopify_customer_gid <> '')
		OR id IN (SELECT customer_id FROM former_links WHERE customer_gid = ?) ORDER BY id`, customerGID, customerGID)
}

// PeopleAfter implements privacy.Store.
func (s *Store) PeopleAfter(ctx context.Context, customerID string, limit int) ([]privacy.Person, error) {
	return s.people(ctx, `SELECT id, shopify_customer_gid FROM customers WHERE id > ? ORDER BY id LIMIT ?`, customerID, limit)
}

func (s *Store) people(ctx context.Context, query string, args ...any) ([]privacy.Person, error) {
	var rows []customerRow
	if err := s.db.WithContext(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]privacy.Person, 0, len(rows))
	for _, r := range rows {
		list = append(list, privacy.Person{CustomerID: r.ID, CustomerGID: r.ShopifyCustomerGID})
	}
	return list, nil
}

// dossier is what is held about a member, by table; the member's id is the one argument.
var dossier = map[string]string{
	"customers": `SELECT id, shopify_customer_gid, name, email, phone, email_key, phone_key, locale, rank, locked_until, created_at, updated_at FROM customers WHERE id = ?`,
	"links":     `SELECT customer_gid FROM former_links WHERE customer_id = ? ORDER BY customer_gid`,
	"coupons": `SELECT code, status, shopify_customer_gid, points, amount_minor, currency, rate, rank, created_at, expires_at, activated_at, used_at, used_order,
		used_order_id, cancelled_at, cancelled_by, reason, note, reissued_from, superseded_by FROM coupons WHERE customer_id = ? ORDER BY id`,
	"movements": `SELECT kind, state, points, reference, related_reference, reason, previous_balance, balance, created_at, settled_at FROM movements
		WHERE customer_id = ? ORDER BY id`,
	"refunds": `SELECT r.reference, k.code, r.reason, r.note, r.created_at FROM refunds r JOIN coupons k ON k.id = r.coupon_id
		WHERE k.customer_id = ? ORDER BY r.id`,
	"reviews": `SELECT r.kind, r.status, k.code, r.order_name, r.order_id, r.reason, r.outcome, r.note, r.decided_by, r.opened_at, r.decided_at,
		r.proposed_outcome, r.proposed_note, r.proposed_by, r.proposed_at FROM reviews r JOIN coupons k ON k.id = r.coupon_id WHERE k.customer_id = ? ORDER BY r.id`,
	"api_keys": `SELECT prefix, role, name, created_at, revoked_at FROM api_keys WHERE customer_id = ? ORDER BY id`,
	"audit":    `SELECT at, action, code, from_status, to_status, outcome, detail FROM audit WHERE customer_id = ? ORDER BY id`,
}

// Dossier implements privacy.Store. One transaction reads one moment.
func (s *Store) Dossier(ctx context.Context, customerID string) (privacy.Dossier, error) {
	d := privacy.Dossier{CustomerID: customerID, Sections: map[string][]map[string]any{}}
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		for name, query := range dossier {
			rows := []map[string]any{}
			if err := tx.Raw(query, customerID).Scan(&rows).Error; err != nil {
				return err
			}
			d.Sections[name] = rows
		}
		return nil
	})
	return d, err
}

// erasures are the free texts about a member; what they say is gone, what was done is not. The version moves with a coupon's
// note, so that nobody who read the coupon before writes the note back.
var erasures = []string{
	`UPDATE coupons SET note = '', version = version + 1 WHERE customer_id = ? AND note <> ''`,
	`UPDATE refunds SET note = '' WHERE note <> '' AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`UPDATE reviews SET note = '', proposed_note = '' WHERE (note <> '' OR proposed_note <> '')
		AND coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)`,
	`DELETE FROM former_links WHERE customer_id = ?`,
}

// Erase implements privacy.Store.
func (s *Store) Erase(ctx context.Context, customerID string, at time.Time, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE customers SET shopify_customer_gid = '', name = '', email = '', phone = '', email_key = '', phone_key = '', locale = '', rank = '',
			projection_digest = '', updated_at = ? WHERE id = ? AND (shopify_customer_gid <> '' OR name <> '' OR email <> '' OR phone <> ''
			OR email_key <> '' OR phone_key <> ''
			OR locale <> '' OR rank <> '')`, utc(at), customerID)
		if done.Error != nil {
			return done.Error
		}
		changed := done.RowsAffected
		done = tx.Exec(`UPDATE api_keys SET name = '', revoked_at = coalesce(revoked_at, ?) WHERE role = 'customer' AND customer_id = ?
			AND (name <> '' OR revoked_at IS NULL)`, utc(at), customerID)
		if done.Error != nil {
			return done.Error
		}
		changed += done.RowsAffected
		for _, statement := range erasures {
			done := tx.Exec(statement, customerID)
			if done.Error != nil {
				return done.Error
			}
			changed += done.RowsAffected
		}
		if changed == 0 {
			return nil
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}
