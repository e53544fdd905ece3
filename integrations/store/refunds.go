package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type refundRow struct {
	ID        int64 `gorm:"primaryKey"`
	Reference string
	CouponID  int64
	CallerID  string
	Reason    string
	Note      string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

func (refundRow) TableName() string { return "refunds" }

// readRefund prefers the refund of the coupon, which comes first, to one that only has the reference.
func readRefund(tx *gorm.DB, where string, args ...any) (*coupons.RefundRow, error) {
	var row refundRow
	q := tx.Where(where, args...)
	if len(args) > 1 {
		q = q.Order(gorm.Expr("CASE WHEN coupon_id = ? THEN 0 ELSE 1 END", args[0]))
	}
	err := q.Limit(1).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, domain.Refuse(domain.CodeRefundNotFound)
	}
	if err != nil {
		return nil, err
	}
	return &coupons.RefundRow{ID: row.ID, Reference: row.Reference, CouponID: row.CouponID, CallerID: row.CallerID,
		Reason: row.Reason, Note: row.Note, CreatedAt: row.CreatedAt.UTC()}, nil
}

func saveRefund(tx *gorm.DB, r coupons.RefundRow, couponID int64) error {
	row := refundRow{Reference: r.Reference, CouponID: couponID, CallerID: r.CallerID, Reason: r.Reason, Note: r.Note,
		CreatedAt: utc(r.CreatedAt)}
	return tx.Create(&row).Error
}

// FindRefund implements coupons.Refunds.
func (s Coupons) FindRefund(ctx context.Context, reference string) (coupons.RefundRow, error) {
	return s.refund(ctx, "reference = ?", reference)
}

// RefundOf implements coupons.Refunds.
func (s Coupons) RefundOf(ctx context.Context, couponID int64) (coupons.RefundRow, error) {
	return s.refund(ctx, "coupon_id = ?", couponID)
}

func (s Coupons) refund(ctx context.Context, where string, arg any) (coupons.RefundRow, error) {
	r, err := readRefund(s.db.WithContext(ctx), where, arg)
	if err != nil {
		return coupons.RefundRow{}, translate(err)
	}
	return *r, nil
}
