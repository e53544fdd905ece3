package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Decide implements coupons.Store. The coupon's row is locked before anything is read, and before it, where a cap has to
// hold over several coupons, everything that the same actor decides.
func (s *Store) Decide(ctx context.Context, q coupons.Question, decide func(coupons.Case) (coupons.Change, error)) (coupons.State, error) {
	code, ok := domain.NormalizeCode(q.Code)
	if !ok {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	var st coupons.State
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockForDecision(tx, q, code); err != nil {
			return err
		}
		k, err := s.readCase(tx, q, code)
		if err != nil {
			return err
		}
		st = k.State
		change, err := decide(k)
		if err != nil || change.Coupon.ID == 0 {
			return err
		}
		next, err := s.write(ctx, tx, change)
		st = k.State.After(next)
		return err
	})
	if err != nil {
		return coupons.State{}, err
	}
	return st, nil
}

// lockForDecision makes decisions wait for one another. SQLite's transactions do so by themselves.
func (s *Store) lockForDecision(tx *gorm.DB, q coupons.Question, code string) error {
	if s.dialect != "postgres" {
		return nil
	}
	if q.Capped {
		if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, "cap:"+q.Actor).Error; err != nil {
			return err
		}
	}
	return tx.Exec(`SELECT 1 FROM coupons WHERE code = ? FOR UPDATE`, code).Error
}

// selectDecidedToday adds up what somebody gave back since a moment. That nobody is not asked for is said for the indexes.
const selectDecidedToday = `SELECT
	(SELECT coalesce(sum(points), 0) FROM coupons WHERE cancel_actor = ? AND cancel_actor <> '' AND cancel_started_at >= ?
		AND status IN ('cancelling', 'cancelled')) +
	(SELECT coalesce(sum(c.points), 0) FROM reviews r JOIN coupons c ON c.id = r.coupon_id
		WHERE r.decided_actor = ? AND r.decided_actor <> '' AND r.decided_at >= ? AND r.status = 'closed' AND r.outcome IN ('reissue', 'grant_points'))`

func (s *Store) readCase(tx *gorm.DB, q coupons.Question, code string) (coupons.Case, error) {
	var k coupons.Case
	var err error
	if k.State, err = load(tx, "code = ?", code); err != nil {
		return k, err
	}
	// Whoever had the lease before may still be at it until its end.
	k.State.ActedBy = k.State.Coupon.LeaseUntil
	k.Replay, err = readRequest(tx, "caller_id = ? AND operation = ? AND key = ?", q.Request.CallerID, q.Request.Operation, q.Request.Key)
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
	if !q.Capped {
		return k, nil
	}
	return k, tx.Raw(selectDecidedToday,
		q.Actor, utc(q.DayStart), q.Actor, utc(q.DayStart)).Row().Scan(&k.CancelledToday)
}
