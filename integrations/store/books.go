package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
)

// Books is what a comparison with the POS and the shop reads, and what it remembers.
type Books struct{ *database }

// History implements books.Ours.
func (s Books) History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error) {
	return s.history(ctx, couponID)
}

// Members implements books.Ours.
func (s Books) Members(ctx context.Context, after string, limit int) ([]string, error) {
	var ids []string
	err := s.db.WithContext(ctx).Raw(`SELECT id FROM customers WHERE id > ? ORDER BY id LIMIT ?`, after,
		limit).Scan(&ids).Error
	return ids, translate(err)
}

// CouponsOf implements books.Ours.
func (s Books) CouponsOf(ctx context.Context, customerID string, after int64, limit int) ([]coupons.State, error) {
	db := s.db.WithContext(ctx)
	var rows []couponRow
	if err := db.Where("customer_id = ? AND id > ?", customerID,
		after).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	list, err := toCoupons(rows)
	if err != nil {
		return nil, err
	}
	states, place, ids := make([]coupons.State, len(list)), map[int64]int{}, make([]int64, len(list))
	for i, c := range list {
		states[i].Coupon, place[c.ID], ids[i] = c, i, c.ID
	}
	var movements []movementRow
	if err := db.Where("coupon_id IN ?", ids).Order("id").Find(&movements).Error; err != nil {
		return nil, translate(err)
	}
	for _, m := range movements {
		st := &states[place[m.CouponID]]
		st.Movements = append(st.Movements, m.domain())
	}
	return states, nil
}

// Field implements books.Ours.
func (s Books) Field(ctx context.Context, customerID string) (books.Field, error) {
	db := s.db.WithContext(ctx)
	var row customerRow
	err := db.Where("id = ?", customerID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return books.Field{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if err != nil {
		return books.Field{}, translate(err)
	}
	former, err := formerNumbers(db, customerID)
	if err != nil {
		return books.Field{}, err
	}
	list, err := listedCoupons(db, customerID)
	return books.Field{FormerNumbers: former, CustomerGID: row.ShopifyCustomerGID, Wanted: row.ProjectionWanted,
		Written: row.ProjectionWritten, ChangedAt: utcOrNil(row.ProjectionChangedAt), Coupons: list}, translate(err)
}

// Repaired implements books.Ours. A job that waits already is not asked for again.
func (s Books) Repaired(ctx context.Context, f books.Fix) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if f.Renew != "" {
			if err := wantMetafield(tx, f.Renew, f.At); err != nil {
				return err
			}
		}
		if f.Entry.Action != "" {
			if err := saveAudit(tx, []domain.AuditEntry{f.Entry}, f.Entry.CouponID); err != nil {
				return err
			}
		}
		return insertJobs(ctx, tx, f.Jobs, s.onceOrNot())
	})
}

type booksRunRow struct {
	ID        int64
	Began     time.Time
	Ended     time.Time
	Customers int
	Coupons   int
	Moving    int
	Gaps      int
	Broken    bool
	Repaired  int
	Found     string
}

func (booksRunRow) TableName() string { return "books_runs" }

// SaveRun implements books.Runs.
func (s Books) SaveRun(ctx context.Context, sum books.Summary) error {
	found, err := json.Marshal(sum.Found)
	if err != nil {
		return err
	}
	row := booksRunRow{Began: utc(sum.Began), Ended: utc(sum.Ended), Customers: sum.Customers, Coupons: sum.Coupons,
		Moving: sum.Moving, Gaps: sum.Gaps, Broken: sum.Broken, Repaired: sum.Repaired, Found: string(found)}
	return translate(s.db.WithContext(ctx).Create(&row).Error)
}

// LastRun implements books.Runs.
func (s Books) LastRun(ctx context.Context) (books.Summary, error) {
	var rows []booksRunRow
	if err := s.db.WithContext(ctx).Order("id DESC").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return books.Summary{}, translate(err)
	}
	r := rows[0]
	sum := books.Summary{Began: r.Began.UTC(), Ended: r.Ended.UTC(), Customers: r.Customers, Coupons: r.Coupons,
		Moving: r.Moving, Gaps: r.Gaps, Broken: r.Broken, Repaired: r.Repaired}
	return sum, json.Unmarshal([]byte(r.Found), &sum.Found)
}
