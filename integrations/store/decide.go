package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Decide implements coupons.Store. The coupon's row is locked as it is read, before anything else is, and before it,
// where a cap has to hold over several coupons, everything that the same actor decides.
func (s Coupons) Decide(ctx context.Context, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (coupons.State, error) {
	code, ok := domain.NormalizeCode(q.Code)
	if !ok {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	var st coupons.State
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockForDecision(tx, q); err != nil {
			return err
		}
		k, err := s.readLocked(tx, q, code)
		if err != nil {
			return err
		}
		st = k.State
		change, err := decide(k)
		if err != nil || change.Coupon.ID == 0 {
			return err
		}
		write := s.write
		if s.usualCommit(change) {
			write = s.writeUsual
		}
		next, err := write(ctx, tx, change)
		st = k.State.After(next)
		return err
	})
	if err != nil {
		return coupons.State{}, err
	}
	return st, nil
}

// lockForDecision makes decisions that share a cap wait for one another. SQLite's transactions do so by themselves.
func (s Coupons) lockForDecision(tx *gorm.DB, q coupons.Question) error {
	if s.dialect != "postgres" || !q.Capped {
		return nil
	}
	return tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, "cap:"+capHolder(q)).Error
}

// lockRow makes whoever reads a row to decide about it wait for whoever did so before, and for nobody who only refers to
// it, as a note about a mail does.
func (s Coupons) lockRow() []clause.Expression {
	if s.dialect != "postgres" {
		return nil
	}
	return []clause.Expression{clause.Locking{Strength: "NO KEY UPDATE"}}
}

func (s Coupons) readLocked(tx *gorm.DB, q coupons.Question, code string) (coupons.Locked, error) {
	var k coupons.Locked
	var err error
	if k.State, err = load(tx, "code = ?", code, s.lockRow()...); err != nil {
		return k, err
	}
	// Whoever had the lease before may still be at it until its end.
	k.State.ActedBy = k.State.Coupon.LeaseUntil
	k.Replay, err = readRequest(tx, "caller_id = ? AND operation = ? AND key = ?", q.Request.CallerID,
		q.Request.Operation, q.Request.Key)
	if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeNotFound}) {
		return k, err
	}
	if q.Reference != "" {
		k.Refund, err = readRefund(tx, "coupon_id = ? OR reference = ?", k.State.Coupon.ID, q.Reference)
		if err != nil && !errors.Is(err, &domain.Error{Code: domain.CodeRefundNotFound}) {
			return k, err
		}
	}
	if q.ReviewID != 0 {
		review, err := s.readReview(tx, q.ReviewID)
		if err != nil {
			return k, err
		}
		k.Review = &review
	}
	if err := behind(tx, q, &k); err != nil || !q.Capped {
		return k, err
	}
	k.MovedToday, err = movedToday(tx, q)
	return k, err
}
