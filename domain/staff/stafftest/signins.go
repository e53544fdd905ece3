package stafftest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// Notices is what people were told, oldest first.
func (m *Memory) Notices() []staff.Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notices)
}

// OpenSession implements staff.Sessions.
func (m *Memory) OpenSession(_ context.Context, o staff.Opening) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.spend(o.Session.StaffID, o.Spend); err != nil {
		return err
	}
	if o.HalfWay {
		m.withdraw(o.Attempt)
	} else {
		m.forgive(o.Attempt)
	}
	if o.Replaces != nil {
		m.sessions = slices.DeleteFunc(
			m.sessions,
			func(s domain.Session) bool { return bytes.Equal(s.Hash, o.Replaces) },
		)
	}
	m.sessions, m.entries = append(m.sessions, o.Session), append(m.entries, o.Entry)
	m.arrive(o)
	return nil
}

func (m *Memory) arrive(o staff.Opening) {
	id := o.Session.StaffID
	if person, err := m.byID(id); err == nil && o.Locale != "" {
		person.Locale = o.Locale
	}
	if o.Device == "" || slices.Contains(m.devices[id], o.Device) {
		return
	}
	if len(m.devices[id]) > 0 {
		m.notices = append(m.notices, o.NewDevice)
	}
	if m.devices == nil {
		m.devices = map[int64][]string{}
	}
	m.devices[id] = append(m.devices[id], o.Device)
}

func (m *Memory) spend(id int64, what staff.Spend) error {
	gone := domain.Refuse(domain.CodeSecondFactorWrong)
	switch {
	case what.Step > 0:
		person, err := m.byID(id)
		if err != nil || person.TOTP == "" || person.TOTPStep >= what.Step {
			return gone
		}
		person.TOTPStep = what.Step
	case what.Recovery != nil:
		if m.recovery[string(what.Recovery)] != id {
			return gone
		}
		delete(m.recovery, string(what.Recovery))
	case what.Passkey != nil:
		i := slices.IndexFunc(
			m.passkeys,
			func(p staff.Passkey) bool { return p.ID == what.Passkey.ID && p.StaffID == id },
		)
		if i < 0 || !m.passkeys[i].AskedAt.Before(what.Passkey.AskedAt) {
			return gone
		}
		m.passkeys[i] = *what.Passkey
	}
	return nil
}

// Withdraw implements staff.Attempts.
func (m *Memory) Withdraw(_ context.Context, attempt int64, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.withdraw(attempt)
	m.entries = append(m.entries, entry)
	return nil
}

func (m *Memory) withdraw(attempt int64) {
	m.failures = slices.DeleteFunc(m.failures, func(f failure) bool { return f.id == attempt })
}

// SessionsOf implements staff.Sessions.
func (m *Memory) SessionsOf(_ context.Context, staffID int64, now time.Time) ([]domain.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.DeleteFunc(
		slices.Clone(m.sessions),
		func(s domain.Session) bool { return s.StaffID != staffID || !now.Before(s.ExpiresAt) },
	)
	slices.Reverse(list)
	return list, nil
}

// EndSessions implements staff.SessionEnds.
func (m *Memory) EndSessions(_ context.Context, staffID int64, keep []byte, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions = slices.DeleteFunc(
		m.sessions,
		func(s domain.Session) bool { return s.StaffID == staffID && !bytes.Equal(s.Hash, keep) },
	)
	m.entries = append(m.entries, entry)
	return nil
}

func (m *Memory) session(hash []byte) *domain.Session {
	i := slices.IndexFunc(m.sessions, func(s domain.Session) bool { return bytes.Equal(s.Hash, hash) })
	if i < 0 {
		return nil
	}
	return &m.sessions[i]
}

// SeeSession implements staff.Sessions.
func (m *Memory) SeeSession(_ context.Context, hash []byte, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.session(hash); s != nil {
		s.SeenAt = at
	}
	return nil
}

// ConfirmSession implements staff.Sessions.
func (m *Memory) ConfirmSession(
	_ context.Context,
	session domain.Session,
	what staff.Spend,
	attempt int64,
	entry domain.AuditEntry,
) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.session(session.Hash)
	if s == nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	if err := m.spend(session.StaffID, what); err != nil {
		return err
	}
	m.forgive(attempt)
	s.AuthenticatedAt = session.AuthenticatedAt
	m.entries = append(m.entries, entry)
	return nil
}

func (m *Memory) changeFactors(id int64, f staff.Factors) error {
	mine := func(p staff.Passkey) bool { return p.StaffID == id && (f.RemoveAll || p.ID == f.Remove) }
	if f.Remove != 0 && !slices.ContainsFunc(m.passkeys, mine) {
		return domain.Refuse(domain.CodeNotFound)
	}
	m.passkeys = slices.DeleteFunc(m.passkeys, mine)
	if f.Add != nil {
		m.serial++
		added := *f.Add
		added.ID = m.serial
		m.passkeys = append(m.passkeys, added)
	}
	if f.Recovery != nil {
		if m.recovery == nil {
			m.recovery = map[string]int64{}
		}
		for hash, of := range m.recovery {
			if of == id {
				delete(m.recovery, hash)
			}
		}
		for _, hash := range f.Recovery {
			m.recovery[string(hash)] = id
		}
	}
	if s := m.session(f.Keep); s != nil && s.StaffID == id {
		s.SecondFactor = true
	}
	return nil
}

// Passkeys implements staff.SecondFactors.
func (m *Memory) Passkeys(_ context.Context, staffID int64) ([]staff.Passkey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.passkeys), func(p staff.Passkey) bool { return p.StaffID != staffID }), nil
}

// RecoveryCodes implements staff.SecondFactors.
func (m *Memory) RecoveryCodes(_ context.Context, staffID int64) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, of := range m.recovery {
		if of == staffID {
			n++
		}
	}
	return n, nil
}

// Notice implements staff.Notices.
func (m *Memory) Notice(_ context.Context, id int64) (staff.Notice, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id < 1 || id > int64(len(m.notices)) {
		return staff.Notice{}, domain.Refuse(domain.CodeNotFound)
	}
	return m.notices[id-1], nil
}

// ForgetNotice implements staff.Notices. What people were told stays, for Notices.
func (m *Memory) ForgetNotice(context.Context, int64) error { return nil }
