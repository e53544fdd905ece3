package couponstest

import (
	"context"
	"maps"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

func (m *MemStore) NoteRefusal(_ context.Context, id string, note func(members.RefusalCount,
	bool) (members.RefusalCount, []domain.AuditEntry)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, known := m.Customers[id]
	next, record := note(m.RefusalCounts[id], known)
	if known {
		m.RefusalCounts[id], c.LockedUntil = next, next.LockedUntil
		m.Customers[id] = c
	}
	m.Audit = append(m.Audit, record...)
	return nil
}

func (m *MemStore) Unlock(_ context.Context, id string, e domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, known := m.Customers[id]
	if !known {
		return domain.Refuse(domain.CodeCustomerNotFound)
	}
	if m.RefusalCounts[id].LockedAt(e.At) {
		m.RefusalCounts[id], c.LockedUntil = members.RefusalCount{}, nil
		m.Customers[id] = c
		m.Audit = append(m.Audit, e)
	}
	return nil
}

func (m *MemStore) Remember(_ context.Context, _ time.Time, values map[string]string,
	compare func(map[string]string) []domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Audit = append(m.Audit, compare(maps.Clone(m.Settings))...)
	maps.Copy(m.Settings, values)
	return nil
}

// Recorded lists the entries of one action.
func (m *MemStore) Recorded(action string) (list []domain.AuditEntry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.Audit {
		if e.Action == action {
			list = append(list, e)
		}
	}
	return list
}
