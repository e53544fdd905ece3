package couponstest

import (
	"context"
	"maps"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
)

func (m *MemStore) Pick(match func(domain.Coupon) bool) (ids []int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.Coupons {
		if match(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func (m *MemStore) Stuck(_ context.Context, now time.Time, _ int) ([]int64, error) {
	return m.Pick(func(c domain.Coupon) bool {
		return c.OnTheWay() && c.ParkedAt == nil && c.LeaseUntil.Before(now)
	}), nil
}

func (m *MemStore) Ended(_ context.Context, now time.Time, _ int) ([]int64, error) {
	return m.Pick(func(c domain.Coupon) bool { return c.Status == domain.Active && !now.Before(c.ExpiresAt) }), nil
}

func (m *MemStore) RemindersDue(_ context.Context, now time.Time, step, _ int) ([]int64, error) {
	lead := time.Duration(step) * 24 * time.Hour
	return m.Pick(func(c domain.Coupon) bool {
		for s := 0; s <= step; s++ {
			if m.reminders[[2]int64{c.ID, int64(s)}] {
				return false
			}
		}
		return c.StatusAt(now) == domain.Active && !c.ExpiresAt.After(now.Add(lead)) &&
			!c.CreatedAt.After(c.ExpiresAt.Add(-lead))
	}), nil
}

func (m *MemStore) Removable(_ context.Context, now, before time.Time, limit int) ([]int64, error) {
	ids := m.Pick(func(c domain.Coupon) bool {
		dead := c.Status == domain.Expired && c.ExpiresAt.Before(before) || c.Status == domain.Used &&
			c.UsedAt.Before(before) ||
			c.Status == domain.Cancelled && c.CancelledAt.Before(before) ||
			c.Status == domain.Forfeited && c.DeactivatedAt != nil && c.DeactivatedAt.Before(before)
		return dead && c.DiscountDeletedAt == nil && (c.RemoveAfter == nil || !now.Before(*c.RemoveAfter))
	})
	return ids[:min(limit, len(ids))], nil
}

func (m *MemStore) Enqueue(_ context.Context, jobs []domain.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range jobs {
		if !slices.Contains(m.Jobs, j) {
			m.Jobs = append(m.Jobs, j)
		}
	}
	return nil
}

func (m *MemStore) Cursor(_ context.Context, name string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Cursors[name], nil
}

func (m *MemStore) MoveCursor(_ context.Context, name string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Cursors == nil {
		m.Cursors = map[string]time.Time{}
	}
	if at.After(m.Cursors[name]) {
		m.Cursors[name] = at
	}
	return nil
}

func (m *MemStore) ForgetRequests(context.Context, time.Time) (int64, error) { return 0, nil }

func (m *MemStore) ClaimProjections(_ context.Context, now, until time.Time, limit int) (list []metafields.Projection, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.wanted)) {
		if m.written[id] >= m.wanted[id] || !m.Customers[id].Linked() || now.Before(m.claimed[id]) || len(list) == limit {
			continue
		}
		m.claimed[id] = until
		p := metafields.Projection{CustomerID: id, CustomerGID: m.Customers[id].ShopifyCustomerGID, Wanted: m.wanted[id],
			Digest: m.digests[id]}
		for _, c := range slices.Backward(m.Coupons) {
			if c.CustomerID == id && c.Status.Public() != "" && len(p.Coupons) < 50 {
				p.Coupons = append(p.Coupons, c)
			}
		}
		list = append(list, p)
	}
	return list, nil
}

func (m *MemStore) SettleProjections(_ context.Context, until time.Time, list []metafields.Settled) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range list {
		id := one.CustomerID
		if !m.claimed[id].Equal(until) {
			continue
		}
		if m.digests[id] != metafields.DigestUnknown || m.wanted[id] <= one.Written {
			m.digests[id] = one.Digest
		}
		m.written[id], m.claimed[id] = max(m.written[id], one.Written), one.After
	}
	return nil
}
