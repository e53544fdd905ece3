package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
)

// shownCoupons is how many coupons a metafield lists; Shopify's value limit is far above it.
const shownCoupons = 50

// recoverable lets a change return before it is on disk. How far a metafield has come can be lost: it is then written
// again.
func (s *database) recoverable() string {
	if s.dialect == "postgres" {
		return ` RETURNING set_config('synchronous_commit', 'off', true)`
	}
	return ""
}

// Metafields keeps how far the metafield of each customer has come.
type Metafields struct{ *database }

// ClaimProjection implements metafields.Projections.
func (s Metafields) ClaimProjection(ctx context.Context, customerID string, now,
	until time.Time) (metafields.Projection, error) {
	var p metafields.Projection
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE customers SET projection_claimed_until = ?
			WHERE id = ? AND (projection_claimed_until IS NULL OR projection_claimed_until <= ?)`+s.recoverable(), utc(until), customerID, utc(now))
		if done.Error != nil {
			return done.Error
		}
		var row customerRow
		err := tx.Where("id = ?", customerID).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return domain.Refuse(domain.CodeCustomerNotFound)
		}
		if err != nil {
			return err
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		p = metafields.Projection{CustomerGID: row.ShopifyCustomerGID, Wanted: row.ProjectionWanted,
			Written: row.ProjectionWritten, Digest: row.ProjectionDigest}
		if p.Written >= p.Wanted {
			return nil
		}
		p.Coupons, err = listedCoupons(tx, customerID)
		return err
	})
	return p, err
}

// listedCoupons are those that a customer's metafield lists, newest first.
func listedCoupons(tx *gorm.DB, customerID string) ([]domain.Coupon, error) {
	var rows []couponRow
	if err := tx.Where("customer_id = ? AND status NOT IN ('pending', 'failed')",
		customerID).Order("id DESC").Limit(shownCoupons).Find(&rows).Error; err != nil {
		return nil, err
	}
	return toCoupons(rows)
}

// ProjectionWritten implements metafields.Projections.
func (s Metafields) ProjectionWritten(ctx context.Context, customerID string, version int64, digest string) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE customers SET projection_written = ?, projection_claimed_until = NULL,
		projection_digest = CASE WHEN projection_digest = ? AND projection_wanted > ? THEN projection_digest ELSE ? END
		WHERE id = ?`+s.recoverable(), version, metafields.DigestUnknown, version, digest, customerID).Error)
}

// ReleaseProjection implements metafields.Projections.
func (s Metafields) ReleaseProjection(ctx context.Context, customerID, digest string) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE customers SET projection_claimed_until = NULL,
		projection_digest = CASE WHEN projection_digest = ? THEN projection_digest ELSE ? END WHERE id = ?`+s.recoverable(),
		metafields.DigestUnknown, digest, customerID).Error)
}

// StaleProjections implements coupons.Backlog.
func (s Backlog) StaleProjections(ctx context.Context, before time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.db.WithContext(ctx).Raw(`SELECT id FROM customers WHERE projection_written < projection_wanted AND projection_changed_at < ?
		AND shopify_customer_gid <> '' ORDER BY projection_changed_at LIMIT ?`, utc(before), limit).Scan(&ids).Error
	return ids, translate(err)
}
