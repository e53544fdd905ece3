package coupons_test

import (
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

func (m *memStore) Decide(_ context.Context, q coupons.Question, decide func(coupons.Case) (coupons.Change, error)) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	code, _ := domain.NormalizeCode(q.Code)
	at := slices.IndexFunc(m.coupons, func(c domain.Coupon) bool { return c.Code == code })
	if at < 0 {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	k := coupons.Case{State: m.state(int64(at + 1)), Replay: m.request(q.Request), Refund: m.refund(q, int64(at+1))}
	k.State.ActedBy = k.State.Coupon.LeaseUntil
	for i, r := range m.reviews {
		if r.ID == q.ReviewID {
			k.Review = &m.reviews[i]
		}
	}
	for _, c := range m.coupons {
		if c.CancelActor == q.Actor && c.CancelStartedAt != nil && !c.CancelStartedAt.Before(q.DayStart) &&
			(c.Status == domain.Cancelling || c.Status == domain.Cancelled) {
			k.CancelledToday += c.Points
		}
	}
	change, err := decide(k)
	if err != nil || change.Coupon.ID == 0 {
		return k.State, err
	}
	st, err := m.write(change)
	st.ActedBy = k.State.ActedBy
	return st, err
}

func (m *memStore) request(key coupons.RequestKey) *coupons.Request {
	for i, r := range m.requests {
		if r.Key.CallerID == key.CallerID && r.Key.Key == key.Key && r.Key.Operation == key.Operation {
			return &m.requests[i]
		}
	}
	return nil
}

func (m *memStore) refund(q coupons.Question, couponID int64) *coupons.RefundRow {
	for i, r := range m.refunds {
		if q.Reference != "" && (r.CouponID == couponID || r.Reference == q.Reference) {
			return &m.refunds[i]
		}
	}
	return nil
}

func (m *memStore) Record(_ context.Context, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.audit = append(m.audit, entry)
	return nil
}

func (m *memStore) FindRefund(_ context.Context, reference string) (coupons.RefundRow, error) {
	return m.findRefund(func(r coupons.RefundRow) bool { return r.Reference == reference })
}

func (m *memStore) RefundOf(_ context.Context, couponID int64) (coupons.RefundRow, error) {
	return m.findRefund(func(r coupons.RefundRow) bool { return r.CouponID == couponID })
}

func (m *memStore) findRefund(match func(coupons.RefundRow) bool) (coupons.RefundRow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.refunds, match); i >= 0 {
		return m.refunds[i], nil
	}
	return coupons.RefundRow{}, domain.Refuse(domain.CodeRefundNotFound)
}

func (m *memStore) Review(_ context.Context, id int64) (coupons.Review, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.reviews, func(r coupons.Review) bool { return r.ID == id }); i >= 0 {
		return m.reviews[i], nil
	}
	return coupons.Review{}, domain.Refuse(domain.CodeReviewNotFound)
}

// writeReview opens and closes cases, and keeps the refund that a change begins with.
func (m *memStore) writeReview(c domain.Coupon, ch coupons.Change) {
	if ch.Refund != nil {
		r := *ch.Refund
		r.ID, r.CouponID = int64(len(m.refunds)+1), c.ID
		m.refunds = append(m.refunds, r)
	}
	if v := ch.Verdict; v != nil {
		r := &m.reviews[v.ReviewID-1]
		r.Open, r.Outcome, r.Note, r.DecidedBy, r.DecidedAt = false, v.Outcome, v.Note, v.By, &v.At
	}
	open := slices.ContainsFunc(m.reviews, func(r coupons.Review) bool { return r.Open && r.CouponID == c.ID && r.Kind == ch.Review })
	if ch.Review != "" && !open {
		m.reviews = append(m.reviews, coupons.Review{ID: int64(len(m.reviews) + 1), Kind: ch.Review, Open: true, CouponID: c.ID,
			Code: c.Code, OrderName: c.UsedOrder})
	}
}
