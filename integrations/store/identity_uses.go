package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/learn"
)

// upsertUse keeps of whom a use is where the order says it no longer. Whether it is void is what the newest order says:
// one that was read before changes nothing of it, and the shop tells times by the second, so of two states of one second
// the void one is the newer: an order that came to nothing does not come back. A row whose person was erased is left alone. What was imported and is
// told by the shop as well came to light by the order.
const upsertUse = `INSERT INTO identity_uses (campaign_id, order_id, order_name, code, customer_gid, used_at, gross,
		discount, currency, test, void_at, void_reason, source, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (order_id, code) DO UPDATE SET order_name = excluded.order_name,
		customer_gid = CASE excluded.customer_gid WHEN '' THEN identity_uses.customer_gid ELSE excluded.customer_gid END,
		gross = excluded.gross, discount = excluded.discount, currency = excluded.currency, test = excluded.test,
		void_at = CASE WHEN ` + olderUse + ` THEN identity_uses.void_at
			WHEN excluded.void_at IS NULL THEN NULL ELSE coalesce(identity_uses.void_at, excluded.void_at) END,
		void_reason = CASE WHEN ` + olderUse + ` THEN identity_uses.void_reason ELSE excluded.void_reason END,
		seen_at = CASE WHEN excluded.seen_at < identity_uses.seen_at THEN identity_uses.seen_at
			ELSE excluded.seen_at END,
		source = CASE excluded.source WHEN 'order' THEN 'order' ELSE identity_uses.source END
	WHERE identity_uses.erased_at IS NULL RETURNING id`

const olderUse = `excluded.seen_at < identity_uses.seen_at
		OR excluded.seen_at = identity_uses.seen_at AND excluded.void_at IS NULL`

// KeepUse implements decisions.Uses. Of an order that was placed before its person was forgotten, and comes to light
// after it, the use is kept and not whose it is.
func (s Identity) KeepUse(ctx context.Context, u decisions.Use, print identity.Print) (kept bool, err error) {
	var voidAt *time.Time
	if u.VoidReason != "" {
		voidAt = &u.SeenAt
	}
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		kept = false
		var ids []int64
		print, wholly, err := s.forgotten(tx, print, u.At)
		if err != nil {
			return err
		}
		if err := tx.Raw(upsertUse, u.CampaignID, u.OrderID, u.Order, u.Code, u.CustomerGID, utc(u.At), u.Gross,
			u.Discount, u.Currency, u.Test, utcOrNil(voidAt), u.VoidReason, string(u.Source),
			utc(u.SeenAt)).Scan(&ids).Error; err != nil {
			return err
		}
		if wholly {
			return eraseUses(tx, ids, u.SeenAt)
		}
		if kept = len(ids) == 1; !kept {
			return nil
		}
		return addPrint(tx, subjectUse, ids[0], u.CampaignID, u.At, print)
	})
	return kept, err
}

// OfOrder implements decisions.Uses.
func (s Identity) OfOrder(ctx context.Context, campaignID int64, orderID, code string) (decisions.Decision, error) {
	return oneDecision(s.db.WithContext(ctx), `d.stage = 'order' AND d.order_id = ? AND d.code = ? AND d.campaign_id = ?`,
		orderID, code, campaignID)
}

// AskOnce implements learn.Uses.
func (s Identity) AskOnce(ctx context.Context, o learn.Sighting, job domain.Job) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var known int
		err := tx.Raw(`SELECT count(DISTINCT code) FROM identity_uses WHERE order_id = ? AND code IN ?
			AND (seen_at >= ? AND (void_at IS NOT NULL) = ? AND source = 'order' OR erased_at IS NOT NULL)`, o.ID, o.Codes, utc(o.UpdatedAt),
			o.Void).Row().Scan(&known)
		if err != nil || known == len(o.Codes) {
			return err
		}
		return insertJobs(ctx, tx, []domain.Job{job}, s.once)
	})
}

// UserOf implements learn.Uses.
func (s Identity) UserOf(ctx context.Context, orderID string) (gid string, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT coalesce(max(customer_gid), '') FROM identity_uses WHERE order_id = ?`,
		orderID).Row().Scan(&gid)
	return gid, translate(err)
}

// CodesUsedBy implements learn.Holders.
func (s Identity) CodesUsedBy(ctx context.Context, orderID string) (codes []string, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT code FROM coupons WHERE used_order_id = ? AND used_order_id <> ''
		ORDER BY id`, orderID).Scan(&codes).Error
	return codes, translate(err)
}
