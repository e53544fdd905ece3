package stafftest

import (
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// AddToken implements staff.Tokens.
func (m *Memory) AddToken(_ context.Context, k domain.APIKey, entry domain.AuditEntry) (domain.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.serial++
	k.ID = m.serial
	if owner, err := m.byID(k.StaffID); err == nil {
		m.notices = append(m.notices, staff.NoticeOfToken(*owner, entry, k.Caller.Name))
	}
	m.tokens, m.entries = append(m.tokens, k), append(m.entries, entry)
	return k, nil
}

// StaffTokens implements staff.Tokens.
func (m *Memory) StaffTokens(_ context.Context, staffID int64) ([]domain.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.tokens), func(k domain.APIKey) bool { return k.StaffID != staffID }), nil
}

// RevokeToken implements staff.Tokens.
func (m *Memory) RevokeToken(_ context.Context, staffID, tokenID int64, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.tokens)
	m.tokens = slices.DeleteFunc(m.tokens, func(k domain.APIKey) bool { return k.StaffID == staffID && k.ID == tokenID })
	if len(m.tokens) == before {
		return domain.Refuse(domain.CodeNotFound)
	}
	m.entries = append(m.entries, entry)
	return nil
}

// FindKey finds a person's token, which speaks for the person as they are now. Errors: unauthenticated.
func (m *Memory) FindKey(_ context.Context, prefix string) (domain.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.tokens {
		if person, err := m.byID(k.StaffID); k.Prefix == prefix && err == nil && person.Enabled() {
			k.Caller = person.Caller()
			k.Caller.Credential, k.Caller.Machine = k.Credential(), k.MadeBy != k.Caller.ID
			return k, nil
		}
	}
	return domain.APIKey{}, domain.Refuse(domain.CodeUnauthenticated)
}
