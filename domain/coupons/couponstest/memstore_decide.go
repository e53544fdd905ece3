package couponstest

import (
	"context"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

func (m *MemStore) Decide(_ context.Context, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	code, _ := domain.NormalizeCode(q.Code)
	at := slices.IndexFunc(m.Coupons, func(c domain.Coupon) bool { return c.Code == code })
	if at < 0 {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	k := coupons.Locked{State: m.state(int64(at + 1)), Replay: m.request(q.Request), Refund: m.refund(q, int64(at+1))}
	k.State.ActedBy = k.State.Coupon.LeaseUntil
	k.Own = q.PersonID != 0 && m.mine[q.PersonID] == k.State.Coupon.CustomerID
	for _, r := range m.Reviews {
		if r.ID == q.ReviewID {
			r = m.told(r)
			k.Review = &r
		}
		if slices.Contains(reviews.CountedOutcomes(), r.Outcome) {
			if m.deciders[r.ID] == q.Actor && !r.Open && !r.DecidedAt.Before(q.DayStart) {
				k.MovedToday += m.Coupons[r.CouponID-1].Points
			}
		}
	}
	for _, c := range m.Coupons {
		if c.CancelActor == q.Actor && c.CancelStartedAt != nil && !c.CancelStartedAt.Before(q.DayStart) &&
			(c.Status == domain.Cancelling || c.Status == domain.Cancelled) {
			k.MovedToday += c.Points
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

func (m *MemStore) request(key coupons.RequestKey) *coupons.Request {
	for i, r := range m.requests {
		if r.Key.CallerID == key.CallerID && r.Key.Key == key.Key && r.Key.Operation == key.Operation {
			return &m.requests[i]
		}
	}
	return nil
}

func (m *MemStore) provedBy(proof string) bool {
	return proof != "" && slices.ContainsFunc(m.requests, func(r coupons.Request) bool { return r.Proof == proof })
}

func (m *MemStore) refund(q coupons.Question, couponID int64) *coupons.RefundRow {
	for i, r := range m.refunds {
		if q.Reference != "" && (r.CouponID == couponID || r.Reference == q.Reference) {
			return &m.refunds[i]
		}
	}
	return nil
}

func (m *MemStore) Record(_ context.Context, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Audit = append(m.Audit, entry)
	return nil
}

func (m *MemStore) FindRefund(_ context.Context, reference string) (coupons.RefundRow, error) {
	return m.findRefund(func(r coupons.RefundRow) bool { return r.Reference == reference })
}

func (m *MemStore) RefundOf(_ context.Context, couponID int64) (coupons.RefundRow, error) {
	return m.findRefund(func(r coupons.RefundRow) bool { return r.CouponID == couponID })
}

func (m *MemStore) findRefund(match func(coupons.RefundRow) bool) (coupons.RefundRow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.refunds, match); i >= 0 {
		return m.refunds[i], nil
	}
	return coupons.RefundRow{}, domain.Refuse(domain.CodeRefundNotFound)
}

func (m *MemStore) Review(_ context.Context, id int64) (reviews.Review, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.Reviews, func(r reviews.Review) bool { return r.ID == id }); i >= 0 {
		return m.told(m.Reviews[i]), nil
	}
	return reviews.Review{}, domain.Refuse(domain.CodeReviewNotFound)
}

// told adds what is known of the review's coupon now.
func (m *MemStore) told(r reviews.Review) reviews.Review {
	c := m.Coupons[r.CouponID-1]
	r.Coupon = reviews.Subject{CustomerID: c.CustomerID, Status: c.Status, Points: c.Points, ExpiresAt: c.ExpiresAt,
		UsedOrderID: c.UsedOrderID, ReissuedFrom: c.ReissuedFrom, SupersededBy: c.SupersededBy}
	for _, v := range m.Movements {
		if v.CouponID == c.ID && v.Kind == domain.Grant {
			r.Coupon.Grant = v.State
		}
	}
	for _, o := range m.Coupons {
		if o.TakenAs() == c.TakenAs() && o.Status != domain.Failed {
			r.Coupon.Chain = append(r.Coupon.Chain, o.Code)
		}
	}
	for _, o := range m.Reviews {
		if o.Kind.OfOrder() && m.onePerson(m.Coupons[o.CouponID-1].CustomerID, c.CustomerID) &&
			o.OpenedAt.After(m.now().Add(-reviews.Within)) {
			r.RecentReviews++
		}
	}
	return r
}

func (m *MemStore) onePerson(a, b string) bool {
	one, other := m.Customers[a], m.Customers[b]
	return a == b || one.EmailKey != "" && one.EmailKey == other.EmailKey || one.PhoneKey != "" &&
		one.PhoneKey == other.PhoneKey
}

func (m *MemStore) OpenVoidedOrder(_ context.Context, v reviews.VoidedOrder) (reviews.Review, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	have, known := m.holds(v)
	switch {
	case have == nil:
		c := m.Coupons[v.CouponID-1]
		m.Reviews = append(m.Reviews, reviews.Review{ID: int64(len(m.Reviews) + 1), Kind: v.Kind, Open: true,
			CouponID: v.CouponID, Code: c.Code, OrderName: v.OrderName, OrderID: v.OrderID, Reason: v.Reason,
			Payment: v.Payment, RefundID: v.Refund.ID, Refunded: v.Refund.Amount, OpenedAt: v.At})
		have = &m.Reviews[len(m.Reviews)-1]
		m.parts[have.ID] = v.Part
		m.Audit = append(m.Audit, v.Entry)
		if !known {
			m.Jobs = append(m.Jobs, v.Jobs...)
		}
	case have.Open && v.Part == "" && (m.parts[have.ID] != "" || have.Kind != v.Kind &&
		v.Kind == reviews.OrderCancelled),
		have.Open && v.Part == reviews.PartUnpaid && m.parts[have.ID] == v.Part && have.Reason != v.Reason:
		have.Kind, have.Reason, have.Proposal = v.Kind, v.Reason, nil
		m.parts[have.ID] = v.Part
		m.Audit = append(m.Audit, v.Entry)
	}
	if have.Open {
		have.Payment = v.Payment
	}
	return m.told(*have), nil
}

// lesser are the parts that the whole order takes in.
var lesser = []string{reviews.PartUnpaid, reviews.PartUnreadable, reviews.PartRefund}

// holds finds the review that a new one would be, or become; known tells that there is one about the order.
func (m *MemStore) holds(v reviews.VoidedOrder) (have *reviews.Review, known bool) {
	var whole *reviews.Review
	for i := range m.Reviews {
		r := &m.Reviews[i]
		if r.CouponID != v.CouponID || r.OrderID != v.OrderID || !r.Kind.OfOrder() {
			continue
		}
		part := m.parts[r.ID]
		known = true
		if part == "" {
			whole = r
		}
		if part == v.Part || v.Part == "" && have == nil && r.Open && slices.Contains(lesser, part) {
			have = r
		}
	}
	if v.Part == "" && whole != nil || have == nil && slices.Contains(lesser, v.Part) {
		return whole, known
	}
	return have, known
}

func (m *MemStore) NotePayment(_ context.Context, couponID int64, orderID string, p domain.Payment,
	_ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.Reviews {
		if r := &m.Reviews[i]; r.CouponID == couponID && r.OrderID == orderID && r.Open {
			r.Payment = p
		}
	}
	return nil
}

func (m *MemStore) VoidedOrderOf(_ context.Context, couponID int64, orderID string) (reviews.Review, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.Reviews {
		if r.CouponID == couponID && r.OrderID == orderID && r.Kind.OfOrder() && m.parts[r.ID] == "" {
			return m.told(r), nil
		}
	}
	return reviews.Review{}, domain.Refuse(domain.CodeReviewNotFound)
}

func (m *MemStore) ActiveOf(_ context.Context, gid string) (list []domain.Coupon, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.Coupons {
		if c.Status == domain.Active && m.Customers[c.CustomerID].ShopifyCustomerGID == gid {
			list = append(list, c)
		}
	}
	return list, nil
}

func (m *MemStore) UsedBy(_ context.Context, orderID string) (list []domain.Coupon, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.Coupons {
		if c.UsedOrderID == orderID {
			list = append(list, c)
		}
	}
	return list, nil
}

// writeReview opens and closes reviews, and keeps the refund that a change begins with.
func (m *MemStore) writeReview(c domain.Coupon, ch coupons.Change) {
	if ch.Refund != nil {
		r := *ch.Refund
		r.ID, r.CouponID = int64(len(m.refunds)+1), c.ID
		m.refunds = append(m.refunds, r)
	}
	if v := ch.Verdict; v != nil {
		r := &m.Reviews[v.ReviewID-1]
		r.Open, r.Outcome, r.Note, r.DecidedBy, r.DecidedAt = false, v.Outcome, v.Note, v.By, &v.At
		m.deciders[r.ID] = v.Actor
	}
	if p := ch.Proposal; p != nil {
		m.Reviews[p.ReviewID-1].Proposal = p
	}
	if re := ch.Reopened; re != nil {
		for i := range m.Reviews {
			if r := &m.Reviews[i]; r.CouponID == c.ID && r.Kind.OfOrder() && !r.Open && r.Outcome == re.Outcome {
				r.Open, r.Problem, r.Outcome, r.Note, r.DecidedBy, r.DecidedAt, r.Proposal = true, re.Problem, "", "",
					"", nil, nil
			}
		}
	}
	open := slices.ContainsFunc(m.Reviews, func(r reviews.Review) bool {
		return r.Open && r.CouponID == c.ID && r.Kind == ch.Review
	})
	if ch.Review != "" && !open {
		m.Reviews = append(m.Reviews, reviews.Review{ID: int64(len(m.Reviews) + 1), Kind: ch.Review, Open: true,
			CouponID: c.ID, Code: c.Code, OrderName: c.UsedOrder, Evidence: ch.Evidence})
	}
}
