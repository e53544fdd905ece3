// Package stafftest is what tests of sign-in share without a database: people in memory, and a hasher that counts. Only
// tests import it.
package stafftest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// Memory is a staff.Store, and finds API keys of people as the real one does.
type Memory struct {
	mu       sync.Mutex
	people   []domain.Staff
	sessions []domain.Session
	tokens   []domain.APIKey
	failures []failure
	serial   int64
	entries  []domain.AuditEntry
	passkeys []staff.Passkey
	recovery map[string]int64
	devices  map[int64][]string
	notices  []staff.Notice
}

type failure struct {
	id            int64
	email, source string
	at            time.Time
}

// Store is the memory as everything that keeps people.
func (m *Memory) Store() staff.Store {
	return staff.Store{People: m, SecondFactors: m, Attempts: m, Sessions: m, Tokens: m, Notices: m, Recorder: m}
}

// Entries is what was recorded, oldest first.
func (m *Memory) Entries() []domain.AuditEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries)
}

func (m *Memory) find(is func(domain.Staff) bool) (*domain.Staff, error) {
	if i := slices.IndexFunc(m.people, is); i >= 0 {
		return &m.people[i], nil
	}
	return &domain.Staff{}, domain.Refuse(domain.CodeNotFound)
}

func (m *Memory) byID(id int64) (*domain.Staff, error) {
	return m.find(func(s domain.Staff) bool { return s.ID == id })
}

// StaffByEmail implements staff.Directory.
func (m *Memory) StaffByEmail(_ context.Context, email string) (domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.find(func(s domain.Staff) bool { return s.Email == email })
	return *s, err
}

// StaffByID implements staff.Directory.
func (m *Memory) StaffByID(_ context.Context, id int64) (domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.byID(id)
	return *s, err
}

// StaffByIdentity implements staff.Directory.
func (m *Memory) StaffByIdentity(_ context.Context, issuer, subject string) (domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.find(func(s domain.Staff) bool { return s.Federated() && s.Issuer == issuer && s.Subject == subject })
	return *s, err
}

// ListStaff implements staff.Directory.
func (m *Memory) ListStaff(context.Context) ([]domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.people), nil
}

// AddStaff implements staff.People.
func (m *Memory) AddStaff(_ context.Context, s domain.Staff, entry domain.AuditEntry) (domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.find(func(o domain.Staff) bool { return o.Email == s.Email }); err == nil {
		return domain.Staff{}, domain.Refuse(domain.CodeStaffExists)
	}
	s.ID = int64(len(m.people) + 1)
	m.people, m.entries = append(m.people, s), append(m.entries, entry)
	return s, nil
}

// ChangeStaff implements staff.People.
func (m *Memory) ChangeStaff(ctx context.Context, id int64, decide staff.Decide) (domain.Staff, error) {
	return m.ChangeFactors(ctx, id, staff.Factors{}, decide)
}

// ChangeFactors implements staff.SecondFactors.
func (m *Memory) ChangeFactors(_ context.Context, id int64, f staff.Factors,
	decide staff.Decide) (domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, err := m.byID(id)
	if err != nil {
		return domain.Staff{}, err
	}
	others := 0
	for _, o := range m.people {
		if o.ID != id && o.RunsTheSystem() {
			others++
		}
	}
	next, record, err := decide(*now, others)
	if err != nil || len(record) == 0 {
		return next, err
	}
	if _, err := m.find(func(o domain.Staff) bool { return o.ID != id && o.Email == next.Email }); err == nil {
		return domain.Staff{}, domain.Refuse(domain.CodeStaffExists)
	}
	if err := m.changeFactors(id, f); err != nil {
		return domain.Staff{}, err
	}
	m.notices = append(m.notices, staff.NoticesOf(*now, next, record[0])...)
	m.entries = append(m.entries, record...)
	m.sessions = slices.DeleteFunc(m.sessions, func(s domain.Session) bool { return s.StaffID == id && s.Epoch < next.Epoch })
	if next.DisabledAt != nil {
		m.tokens = slices.DeleteFunc(m.tokens, func(k domain.APIKey) bool { return k.StaffID == id })
	}
	*now = next
	return next, nil
}

// TrySignIn implements staff.Attempts.
func (m *Memory) TrySignIn(_ context.Context, a staff.Attempt) (int64, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	wait := m.wait(a, &a.PerPair, func(f failure) bool { return f.email == a.Email && f.source == a.Source })
	wait = max(wait, m.wait(a, a.PerSource, func(f failure) bool { return f.source == a.Source }))
	wait = max(wait, m.wait(a, a.PerEmail, func(f failure) bool { return f.email == a.Email }))
	if wait > 0 {
		return 0, wait, nil
	}
	m.serial++
	m.failures = append(m.failures, failure{m.serial, a.Email, a.Source, a.At})
	return m.serial, 0, nil
}

func (m *Memory) wait(a staff.Attempt, b *staff.Bound, is func(failure) bool) time.Duration {
	n, last := 0, time.Time{}
	for _, f := range m.failures {
		if is(f) && f.at.After(a.At.Add(-a.Window)) {
			n, last = n+1, f.at
		}
	}
	if b == nil {
		return 0
	}
	return b.Wait(n, last, a.At)
}

// Forgive implements staff.Attempts.
func (m *Memory) Forgive(_ context.Context, attempt int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgive(attempt)
	return nil
}

func (m *Memory) forgive(attempt int64) {
	i := slices.IndexFunc(m.failures, func(f failure) bool { return f.id == attempt })
	if i < 0 {
		return
	}
	mine := m.failures[i]
	m.failures = slices.Delete(m.failures, i, i+1)
	for j := range m.failures {
		if m.failures[j].email == mine.email && m.failures[j].source == mine.source {
			m.failures[j].email = ""
		}
	}
}

// FindSession implements staff.Sessions.
func (m *Memory) FindSession(_ context.Context, hash []byte) (domain.Session, domain.Staff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sessions {
		if bytes.Equal(s.Hash, hash) {
			person, err := m.byID(s.StaffID)
			return s, *person, err
		}
	}
	return domain.Session{}, domain.Staff{}, domain.Refuse(domain.CodeUnauthenticated)
}

// EndSession implements staff.SessionEnds.
func (m *Memory) EndSession(_ context.Context, hash []byte, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.sessions)
	m.sessions = slices.DeleteFunc(m.sessions, func(s domain.Session) bool { return bytes.Equal(s.Hash, hash) })
	if len(m.sessions) == before {
		return domain.Refuse(domain.CodeNotFound)
	}
	m.entries = append(m.entries, entry)
	return nil
}

// Record implements staff.Recorder.
func (m *Memory) Record(_ context.Context, entry domain.AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = append(m.entries, entry)
	return nil
}
