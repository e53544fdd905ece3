package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type requestRow struct {
	ID        int64 `gorm:"primaryKey"`
	CallerID  string
	Operation string
	Key       string
	Hash      string
	CouponID  int64
	Answer    string
	Proof     string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

func (requestRow) TableName() string { return "requests" }

func (r requestRow) domain() *coupons.Request {
	return &coupons.Request{ID: r.ID, Key: coupons.RequestKey{CallerID: r.CallerID, Operation: r.Operation, Key: r.Key,
		Hash: r.Hash},
		CouponID: r.CouponID, Answer: coupons.Answer(r.Answer), At: r.CreatedAt.UTC()}
}

func readRequest(tx *gorm.DB, where string, args ...any) (*coupons.Request, error) {
	var row requestRow
	err := tx.Where(where, args...).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	if err != nil {
		return nil, err
	}
	return row.domain(), nil
}

// saveRequest inserts a request, or points one that is being started over at its new coupon.
func saveRequest(tx *gorm.DB, r coupons.Request, couponID int64) (int64, error) {
	if r.ID != 0 {
		return r.ID, tx.Exec(`UPDATE requests SET coupon_id = ?, answer = '' WHERE id = ?`, couponID, r.ID).Error
	}
	row := requestRow{CallerID: r.Key.CallerID, Operation: r.Key.Operation, Key: r.Key.Key, Hash: r.Key.Hash,
		CouponID: couponID, Answer: string(r.Answer), Proof: r.Proof, CreatedAt: utc(r.At)}
	err := tx.Create(&row).Error
	return row.ID, err
}

// FindRequest implements coupons.Requests.
func (s Coupons) FindRequest(ctx context.Context, key coupons.RequestKey) (coupons.Request, error) {
	r := requestRow{CallerID: key.CallerID, Operation: key.Operation, Key: key.Key}
	found, err := s.bareRow(ctx, []any{&r.ID, &r.Hash, &r.CouponID, &r.Answer, &r.CreatedAt},
		`SELECT id, hash, coupon_id, answer, created_at FROM requests WHERE caller_id = ? AND operation = ? AND key = ?`,
		key.CallerID, key.Operation, key.Key)
	if err == nil && !found {
		err = domain.Refuse(domain.CodeNotFound)
	}
	if err != nil {
		return coupons.Request{}, err
	}
	return *r.domain(), nil
}

// Answer implements coupons.Requests. Errors: not_found.
func (s Coupons) Answer(ctx context.Context, requestID int64, a coupons.Answer) (coupons.Answer, error) {
	var holds string
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE requests SET answer = ? WHERE id = ? AND answer = ''`, string(a),
			requestID).Error; err != nil {
			return err
		}
		return tx.Raw(`SELECT answer FROM requests WHERE id = ?`, requestID).Row().Scan(&holds)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return coupons.AnswerNone, domain.Refuse(domain.CodeNotFound)
	}
	return coupons.Answer(holds), err
}

// ForgetRequests implements coupons.Requests.
func (s Coupons) ForgetRequests(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE created_at < ? AND answer <> ''
		ORDER BY created_at LIMIT ?)`, before)
}
