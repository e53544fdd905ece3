package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	causeVoid    = "void"
	causePartial = "partial"
)

// OpenVoid implements coupons.Store.
func (s *Store) OpenVoid(ctx context.Context, v coupons.Void) (coupons.Review, error) {
	var review coupons.Review
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT 1 FROM coupons WHERE id = ? FOR UPDATE`, v.CouponID).Error; err != nil {
				return err
			}
		}
		id, err := s.openVoid(ctx, tx, v)
		if err != nil {
			return err
		}
		review, err = s.readReview(tx, id)
		return err
	})
	if err != nil {
		return coupons.Review{}, err
	}
	return review, nil
}

// openVoid gives the id of the case that holds.
func (s *Store) openVoid(ctx context.Context, tx *gorm.DB, v coupons.Void) (int64, error) {
	var rows []struct {
		ID                  int64
		Kind, Status, Cause string
	}
	if err := tx.Raw(`SELECT id, kind, status, cause FROM reviews WHERE coupon_id = ? AND order_id = ? AND cause <> ''
		ORDER BY CASE cause WHEN 'void' THEN 0 ELSE 1 END`, v.CouponID, v.OrderID).Scan(&rows).Error; err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		return s.insertVoid(ctx, tx, v)
	}
	have := rows[0]
	switch open := have.Status == "open"; {
	case v.Partial, have.Cause == causeVoid && !(open && have.Kind != string(v.Kind) && v.Kind == coupons.ReviewOrderCancelled):
		return have.ID, nil
	case have.Cause == causePartial && !open:
		return s.insertVoid(ctx, tx, v)
	}
	// What was a refund is the whole order now, and what was refunded is cancelled; a first person's word was about less.
	err := tx.Exec(`UPDATE reviews SET kind = ?, cause = 'void', reason = ?, proposed_at = NULL WHERE id = ?`, string(v.Kind), v.Reason, have.ID).Error
	return have.ID, errors.Join(err, saveAudit(tx, []domain.AuditEntry{v.Entry}, v.CouponID))
}

func (s *Store) insertVoid(ctx context.Context, tx *gorm.DB, v coupons.Void) (int64, error) {
	cause := causeVoid
	if v.Partial {
		cause = causePartial
	}
	var id int64
	err := tx.Raw(`INSERT INTO reviews (kind, coupon_id, opened_at, order_name, order_id, cause, reason) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		string(v.Kind), v.CouponID, utc(v.At), v.OrderName, v.OrderID, cause, v.Reason).Row().Scan(&id)
	if err != nil {
		return 0, err
	}
	return id, errors.Join(saveAudit(tx, []domain.AuditEntry{v.Entry}, v.CouponID), s.addJobs(ctx, tx, v.Jobs))
}

// VoidOf implements coupons.Store.
func (s *Store) VoidOf(ctx context.Context, couponID int64, orderID string) (coupons.Review, error) {
	r, err := s.oneReview(s.db.WithContext(ctx), `r.coupon_id = ? AND r.order_id = ? AND r.cause = 'void'`, couponID, orderID)
	return r, translate(err)
}

// SQLite uses an index over a part of the rows only where the query says that it asks for that part, in so many words. These
// are asked for every order that is told of.
const (
	whereUsedBy = `used_order_id = ? AND used_order_id <> ''`
	// The customer's coupons are looked through, not all that are good: the index over those begins with the status, and so
	// the status is not offered for it.
	whereActiveOf = `customer_id IN (SELECT id FROM customers WHERE shopify_customer_gid = ? AND shopify_customer_gid <> '') AND lower(status) = 'active'`
)

// UsedBy implements coupons.Catalogue.
func (s *Store) UsedBy(ctx context.Context, orderID string) ([]domain.Coupon, error) {
	if orderID == "" {
		return nil, nil
	}
	var rows []couponRow
	if err := s.db.WithContext(ctx).Where(whereUsedBy, orderID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return toCoupons(rows)
}

// ActiveOf implements coupons.Catalogue.
func (s *Store) ActiveOf(ctx context.Context, customerGID string) ([]domain.Coupon, error) {
	if customerGID == "" {
		return nil, nil
	}
	var rows []couponRow
	if err := s.db.WithContext(ctx).Where(whereActiveOf, customerGID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return toCoupons(rows)
}
