package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

const (
	causeVoided  = "void"
	causePartial = "partial"
)

// OpenVoidedOrder implements coupons.VoidedOrders.
func (s Coupons) OpenVoidedOrder(ctx context.Context, v reviews.VoidedOrder) (reviews.Review, error) {
	var review reviews.Review
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT 1 FROM coupons WHERE id = ? FOR UPDATE`, v.CouponID).Error; err != nil {
				return err
			}
		}
		id, err := s.openVoidedOrder(ctx, tx, v)
		if err != nil {
			return err
		}
		review, err = s.readReview(tx, id)
		return err
	})
	if err != nil {
		return reviews.Review{}, err
	}
	return review, nil
}

type voidedOrderRow struct {
	ID                                int64
	Kind, Status, Cause, Part, Reason string
	OpenedAt                          time.Time
}

func (r voidedOrderRow) open() bool { return r.Status == "open" }

// openVoidedOrder returns the id of the review that holds.
func (s Coupons) openVoidedOrder(ctx context.Context, tx *gorm.DB, v reviews.VoidedOrder) (int64, error) {
	var rows []voidedOrderRow
	if err := tx.Raw(`SELECT id, kind, status, cause, part, reason, opened_at FROM reviews
		WHERE coupon_id = ? AND order_id = ? AND cause <> '' ORDER BY id`, v.CouponID, v.OrderID).Scan(&rows).Error; err != nil {
		return 0, err
	}
	have, becomes := holds(rows, v)
	if have == nil {
		if len(rows) > 0 {
			v.Jobs = nil // the order is marked for review already
		}
		return s.insertVoidedOrder(ctx, tx, v)
	}
	if err := notePayment(tx, v.CouponID, v.OrderID, v.Payment, v.SeenAt); err != nil || !becomes {
		return have.ID, err
	}
	// What was less, or nobody could name, is the whole order now, and what was refunded is cancelled; a first person's
	// word was about less.
	err := tx.Exec(`UPDATE reviews SET kind = ?, cause = ?, part = ?, reason = ?, proposed_at = NULL WHERE id = ?`,
		string(v.Kind), causeOf(v), v.Part, v.Reason, have.ID).Error
	return have.ID, errors.Join(err, saveAudit(tx, []domain.AuditEntry{v.Entry}, v.CouponID))
}

// holds finds the review that there is already, and reports whether it becomes the one that is asked for.
func holds(rows []voidedOrderRow, v reviews.VoidedOrder) (have *voidedOrderRow, becomes bool) {
	of := func(is func(voidedOrderRow) bool) *voidedOrderRow {
		if i := slices.IndexFunc(rows, is); i >= 0 {
			return &rows[i]
		}
		return nil
	}
	whole := of(func(r voidedOrderRow) bool { return r.Cause == causeVoided })
	same := of(func(r voidedOrderRow) bool { return r.Cause == causePartial && r.Part == v.Part })
	lesser := func(part string) bool {
		return part == reviews.PartUnpaid || part == reviews.PartUnreadable || part == reviews.PartRefund
	}
	switch {
	case v.Part == "" && whole != nil:
		return whole, whole.open() && whole.Kind != string(v.Kind) && v.Kind == reviews.OrderCancelled
	case v.Part == "":
		have = of(func(r voidedOrderRow) bool { return r.Cause == causePartial && lesser(r.Part) && r.open() })
		return have, have != nil
	case same != nil:
		return same, same.open() && v.Part == reviews.PartUnpaid && same.Reason != v.Reason
	case lesser(v.Part):
		return whole, false
	case v.Kind == reviews.OrderRefunded:
		// One that was opened when refunds had no names is about the refunds of before.
		return of(func(r voidedOrderRow) bool {
			return r.Cause == causePartial && r.Part == reviews.PartRefund && !v.Refund.At.After(r.OpenedAt)
		}), false
	}
	return nil, false
}

func causeOf(v reviews.VoidedOrder) string {
	if v.Part == "" {
		return causeVoided
	}
	return causePartial
}

func (s Coupons) insertVoidedOrder(ctx context.Context, tx *gorm.DB, v reviews.VoidedOrder) (int64, error) {
	var id int64
	err := tx.Raw(`INSERT INTO reviews (kind, coupon_id, opened_at, order_name, order_id, cause, part, reason,
		payment, payment_at, refund_id, refunded, refunded_currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		string(v.Kind), v.CouponID, utc(v.At), v.OrderName, v.OrderID, causeOf(v), v.Part, v.Reason,
		string(v.Payment), utcOrNone(v.SeenAt), v.Refund.ID, v.Refund.Amount.Minor,
		v.Refund.Amount.Currency).Row().Scan(&id)
	if err != nil {
		return 0, err
	}
	if err := noteReview(tx, v.Kind, v.CouponID, v.At); err != nil {
		return 0, err
	}
	return id, errors.Join(saveAudit(tx, []domain.AuditEntry{v.Entry}, v.CouponID), s.addJobs(ctx, tx, v.Jobs))
}

// NotePayment implements coupons.VoidedOrders.
func (s Coupons) NotePayment(ctx context.Context, couponID int64, orderID string, p domain.Payment,
	at time.Time) error {
	return translate(notePayment(s.db.WithContext(ctx), couponID, orderID, p, at))
}

func notePayment(tx *gorm.DB, couponID int64, orderID string, p domain.Payment, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	return tx.Exec(`UPDATE reviews SET payment = ?, payment_at = ? WHERE coupon_id = ? AND order_id = ? AND cause <> ''
		AND status = 'open' AND (payment_at IS NULL OR payment_at <= ?)`, string(p), utc(at), couponID, orderID, utc(at)).Error
}

func utcOrNone(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return utc(at)
}

// VoidedOrderOf implements coupons.VoidedOrders.
func (s Coupons) VoidedOrderOf(ctx context.Context, couponID int64, orderID string) (reviews.Review, error) {
	r, err := s.oneReview(s.db.WithContext(ctx), `r.coupon_id = ? AND r.order_id = ? AND r.cause = 'void'`, couponID,
		orderID)
	return r, translate(err)
}

// SQLite uses an index over a part of the rows only where the query says that it asks for that part, in so many words.
// These are asked for every order that is told of.
const (
	whereUsedBy = `used_order_id = ? AND used_order_id <> ''`
	// The customer's coupons are looked through, not all that are good: the index over those begins with the status,
	// and so the status is not offered for it.
	whereActiveOf = `customer_id IN (SELECT id FROM customers WHERE shopify_customer_gid = ? AND shopify_customer_gid <> '') AND lower(status) = 'active'`
)

// UsedBy implements coupons.Catalogue.
func (s Coupons) UsedBy(ctx context.Context, orderID string) ([]domain.Coupon, error) {
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
func (s Coupons) ActiveOf(ctx context.Context, customerGID string) ([]domain.Coupon, error) {
	if customerGID == "" {
		return nil, nil
	}
	var rows []couponRow
	if err := s.db.WithContext(ctx).Where(whereActiveOf, customerGID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return toCoupons(rows)
}
