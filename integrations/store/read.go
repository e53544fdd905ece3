package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Load implements coupons.Store.
func (s Coupons) Load(ctx context.Context, couponID int64) (coupons.State, error) {
	if s.hot() {
		return s.loadAtOnce(ctx, couponID)
	}
	return load(s.db.WithContext(ctx), "id = ?", couponID)
}

// ByCode implements coupons.Catalogue.
func (s Coupons) ByCode(ctx context.Context, code string) (coupons.State, error) {
	code, ok := domain.NormalizeCode(code)
	if !ok {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	return load(s.db.WithContext(ctx), "code = ?", code)
}

// ByReference reads the coupon that a movement belongs to, by the movement's name. Errors: coupon_not_found.
func (s Coupons) ByReference(ctx context.Context, reference string) (coupons.State, error) {
	return load(s.db.WithContext(ctx), "id = (SELECT coupon_id FROM movements WHERE reference = ?)", reference)
}

func load(tx *gorm.DB, where string, arg any, lock ...clause.Expression) (coupons.State, error) {
	var row couponRow
	err := tx.Clauses(lock...).Where(where, arg).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	if err != nil {
		return coupons.State{}, translate(err)
	}
	var movements []movementRow
	if err := tx.Where("coupon_id = ?", row.ID).Order("id").Find(&movements).Error; err != nil {
		return coupons.State{}, translate(err)
	}
	return stateFrom(row, movements)
}

// MovementsOf implements coupons.Catalogue.
func (s Coupons) MovementsOf(ctx context.Context, customerID string) ([]domain.Movement, error) {
	var rows []movementRow
	err := s.db.WithContext(ctx).Where("coupon_id IN (SELECT id FROM coupons WHERE customer_id = ?)", customerID).
		Order("id").Find(&rows).Error
	return toMovements(rows), translate(err)
}

// Claim implements coupons.Store.
func (s Coupons) Claim(ctx context.Context, couponID int64, now, until time.Time) (coupons.State, error) {
	var st coupons.State
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		var err error
		if st, err = load(tx, "id = ?", couponID); err != nil {
			return err
		}
		c := &st.Coupon
		if !c.OnTheWay() || c.ParkedAt != nil || now.Before(c.LeaseUntil) {
			return domain.ErrConflict
		}
		done := tx.Exec(`UPDATE coupons SET lease_until = ?, version = version + 1 WHERE id = ? AND version = ?`,
			utc(until), c.ID, c.Version)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		st.ActedBy, c.LeaseUntil, c.Version = c.LeaseUntil, utc(until), c.Version+1
		return nil
	})
	if err != nil {
		return coupons.State{}, err
	}
	return st, nil
}

func toCoupons(rows []couponRow) ([]domain.Coupon, error) {
	list := make([]domain.Coupon, 0, len(rows))
	for _, r := range rows {
		c, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// History implements coupons.Catalogue.
func (s Coupons) History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error) {
	return s.history(ctx, couponID)
}

func (s *database) history(ctx context.Context, couponID int64) ([]domain.AuditEntry, error) {
	var rows []auditRow
	if err := s.db.WithContext(ctx).Where("coupon_id = ?", couponID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.AuditEntry, 0, len(rows))
	for _, r := range rows {
		e, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}
