package couponstest

import (
	"context"
	"time"

	"pointbridge/domain"
)

func (m *MemStore) holder(gid string) (domain.Customer, bool) {
	for _, c := range m.Customers {
		if c.ShopifyCustomerGID == gid && gid != "" {
			return c, true
		}
	}
	return domain.Customer{}, false
}

// Holder implements coupons.Members.
func (m *MemStore) Holder(_ context.Context, gid string) (domain.Customer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.holder(gid); ok {
		return c, nil
	}
	return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
}

func (m *MemStore) Customer(_ context.Context, id string) (domain.Customer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.Customers[id]
	if !ok {
		return c, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return c, nil
}

func (m *MemStore) SpentSince(_ context.Context, id string, since time.Time) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.spent(id, since), nil
}

func (m *MemStore) SaveCustomer(_ context.Context, c domain.Customer,
	e domain.AuditEntry) (domain.Customer, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.Customers {
		if other.ID != c.ID && c.Linked() && other.ShopifyCustomerGID == c.ShopifyCustomerGID {
			return c, false, domain.Refuse(domain.CodeCustomerAlreadyLinked)
		}
	}
	_, known := m.Customers[c.ID]
	m.Customers[c.ID] = c
	m.Audit = append(m.Audit, e)
	return c, !known, nil
}

func (m *MemStore) WhichAreMembers(_ context.Context, ids []string) (there []string, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if _, is := m.Customers[id]; is {
			there = append(there, id)
		}
	}
	return there, nil
}

func (m *MemStore) CustomerByGID(_ context.Context, gid string) (domain.Customer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.Customers {
		if c.Linked() && c.ShopifyCustomerGID == gid {
			return c, nil
		}
	}
	return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
}

func (m *MemStore) LinkCustomer(ctx context.Context, id, gid string, e domain.AuditEntry) (domain.Customer, error) {
	c, err := m.Customer(ctx, id)
	if err == nil && c.Linked() {
		return c, domain.Refuse(domain.CodeCustomerAlreadyLinked)
	}
	c.ID, c.ShopifyCustomerGID = id, gid
	c, _, err = m.SaveCustomer(ctx, c, e)
	return c, err
}
