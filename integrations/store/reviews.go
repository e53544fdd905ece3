package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type reviewRow struct {
	ID        int64
	Kind      string
	Status    string
	CouponID  int64
	Code      string
	OrderName string
	OpenedAt  time.Time
	Outcome   string
	Note      string
	DecidedBy string
	DecidedAt *time.Time
}

const selectReviews = `SELECT r.id, r.kind, r.status, r.coupon_id, c.code, r.order_name, r.opened_at, r.outcome, r.note, r.decided_by, r.decided_at
	FROM reviews r JOIN coupons c ON c.id = r.coupon_id WHERE `

func (r reviewRow) domain() coupons.Review {
	return coupons.Review{ID: r.ID, Kind: coupons.ReviewKind(r.Kind), Open: r.Status == "open", CouponID: r.CouponID, Code: r.Code,
		OrderName: r.OrderName, OpenedAt: r.OpenedAt.UTC(), Outcome: coupons.Outcome(r.Outcome), Note: r.Note, DecidedBy: r.DecidedBy,
		DecidedAt: utcOrNil(r.DecidedAt)}
}

func readReview(tx *gorm.DB, id int64) (coupons.Review, error) {
	var rows []reviewRow
	if err := tx.Raw(selectReviews+`r.id = ?`, id).Scan(&rows).Error; err != nil {
		return coupons.Review{}, err
	}
	if len(rows) == 0 {
		return coupons.Review{}, domain.Refuse(domain.CodeReviewNotFound)
	}
	return rows[0].domain(), nil
}

// Review implements coupons.Store.
func (s *Store) Review(ctx context.Context, id int64) (coupons.Review, error) {
	r, err := readReview(s.db.WithContext(ctx), id)
	return r, translate(err)
}

// Reviews lists cases, newest first.
func (s *Store) Reviews(ctx context.Context, f coupons.ReviewFilter) ([]coupons.Review, error) {
	where, args := "1 = 1", []any{}
	if f.Status != "" {
		where, args = where+" AND r.status = ?", append(args, f.Status)
	}
	if f.Before != 0 {
		where, args = where+" AND r.id < ?", append(args, f.Before)
	}
	var rows []reviewRow
	err := s.db.WithContext(ctx).Raw(selectReviews+where+` ORDER BY r.id DESC LIMIT ?`, append(args, f.Limit)...).Scan(&rows).Error
	list := make([]coupons.Review, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, translate(err)
}

// accompanyCase opens and closes cases and keeps the refund that a change begins with.
func (s *Store) accompanyCase(tx *gorm.DB, c coupons.Change) error {
	if c.Refund != nil {
		if err := saveRefund(tx, *c.Refund, c.Coupon.ID); err != nil {
			return err
		}
	}
	if v := c.Verdict; v != nil {
		done := tx.Exec(`UPDATE reviews SET status = 'closed', outcome = ?, note = ?, decided_by = ?, decided_at = ? WHERE id = ? AND status = 'open'`,
			string(v.Outcome), v.Note, v.By, utc(v.At), v.ReviewID)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
	}
	if c.Review == "" {
		return nil
	}
	return tx.Exec(`INSERT INTO reviews (kind, coupon_id, opened_at, order_name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(c.Review), c.Coupon.ID, utc(s.now()), c.Coupon.UsedOrder).Error
}
