package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Load implements coupons.Store.
func (s *Store) Load(ctx context.Context, couponID int64) (coupons.State, error) {
	return load(s.db.WithContext(ctx), "id = ?", couponID)
}

// ByCode implements coupons.Catalogue.
func (s *Store) ByCode(ctx context.Context, code string) (coupons.State, error) {
	code, ok := domain.NormalizeCode(code)
	if !ok {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	return load(s.db.WithContext(ctx), "code = ?", code)
}

func load(tx *gorm.DB, where string, arg any) (coupons.State, error) {
	var row couponRow
	err := tx.Where(where, arg).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	if err != nil {
		return coupons.State{}, translate(err)
	}
	c, err := row.domain()
	if err != nil {
		return coupons.State{}, err
	}
	movements, err := readMovements(tx, row.ID)
	return coupons.State{Coupon: c, Movements: movements}, err
}

func readMovements(tx *gorm.DB, couponID int64) ([]domain.Movement, error) {
	var rows []movementRow
	if err := tx.Where("coupon_id = ?", couponID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.Movement, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// Claim implements coupons.Store.
func (s *Store) Claim(ctx context.Context, couponID int64, now, until time.Time) (coupons.State, error) {
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
		done := tx.Exec(`UPDATE coupons SET lease_until = ?, version = version + 1 WHERE id = ? AND version = ?`, utc(until), c.ID, c.Version)
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

// List implements coupons.Catalogue.
func (s *Store) List(ctx context.Context, f coupons.Filter) ([]domain.Coupon, error) {
	q := s.db.WithContext(ctx).Order("id DESC").Limit(f.Limit)
	if f.Status != "" {
		q = whereStatus(q, f.Status, f.Now)
	}
	if f.Visible {
		q = q.Where("status NOT IN ('pending', 'failed')")
	}
	if f.CustomerID != "" {
		q = q.Where("customer_id = ?", f.CustomerID)
	}
	if f.Code != "" {
		q = whereCode(q, f.Code)
	}
	if !f.ExpiresBefore.IsZero() {
		q = q.Where("expires_at < ?", utc(f.ExpiresBefore))
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	var rows []couponRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return toCoupons(rows)
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

// whereStatus asks for the true status: an active coupon whose end has come counts as expired.
func whereStatus(q *gorm.DB, status domain.Status, now time.Time) *gorm.DB {
	switch status {
	case domain.Active:
		return q.Where("status = 'active' AND expires_at > ?", utc(now))
	case domain.Expired:
		return q.Where("(status = 'expired' OR (status = 'active' AND expires_at <= ?))", utc(now))
	default:
		return q.Where("status = ?", string(status))
	}
}

// whereCode finds a whole code by its index and a part of one by scanning.
func whereCode(q *gorm.DB, text string) *gorm.DB {
	if code, whole := domain.NormalizeCode(text); whole {
		return q.Where("code = ?", code)
	}
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToUpper(strings.TrimSpace(text)))
	return q.Where(`code LIKE ? ESCAPE '\'`, "%"+escaped+"%")
}

// History implements coupons.Catalogue.
func (s *Store) History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error) {
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
