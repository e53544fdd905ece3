// Package staff is who works here: people, how they sign in, and what ends it.
package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"pointbridge/domain"
)

// Defaults of Limits.
const (
	DefaultLife       = 12 * time.Hour
	DefaultWindow     = 15 * time.Minute
	DefaultPerEmail   = 5
	DefaultPerAddress = 20
	// DefaultEverywhere is this many times PerEmail.
	DefaultEverywhere = 10
)

// Limits say how long a sign-in lasts, and how often it may fail within Window before it has to wait. A zero field
// means its default.
type Limits struct {
	Life, Window time.Duration
	// PerEmail is for one e-mail from one address or device, PerAddress for one address, and Everywhere for one
	// e-mail from all addresses together.
	PerEmail, PerAddress, Everywhere int
}

func (l Limits) filled() Limits {
	if l.Life == 0 {
		l.Life = DefaultLife
	}
	if l.Window == 0 {
		l.Window = DefaultWindow
	}
	if l.PerEmail == 0 {
		l.PerEmail = DefaultPerEmail
	}
	if l.PerAddress == 0 {
		l.PerAddress = DefaultPerAddress
	}
	if l.Everywhere == 0 {
		l.Everywhere = DefaultEverywhere * l.PerEmail
	}
	return l
}

// Service does what concerns people. One process has one: its gate bounds the memory that passwords cost.
type Service struct {
	store  Store
	hasher Hasher
	now    func() time.Time
	random io.Reader
	limits Limits
	gate   gate
	// provider is by whom people sign in instead; without one they have passwords.
	provider Provider
	tools    Tools
	roles    domain.RoleBook
}

// New makes a service. random is where passwords and tokens are drawn from.
func New(store Store, hasher Hasher, now func() time.Time, random io.Reader, limits Limits) *Service {
	return &Service{store: store, hasher: hasher, now: now, random: random, limits: limits.filled(), gate: newGate()}
}

// WithRoles lets people have the roles of an installation; without them there are those that come with Pointbridge.
func (s *Service) WithRoles(roles domain.RoleBook) *Service {
	s.roles = roles
	return s
}

// WithHasher makes new passwords' hashes in another way.
func (s *Service) WithHasher(h Hasher) *Service {
	s.hasher = h
	return s
}

// Roles are the roles that there are.
func (s *Service) Roles() domain.RoleBook { return s.roles }

// Operator is who works on the machine itself, by commands.
func Operator() domain.Caller {
	return domain.Caller{ID: "operator", Name: "operator", Credential: "command"}
}

func (s *Service) entry(by domain.Caller, action, outcome string, detail map[string]any) domain.AuditEntry {
	return domain.AuditEntry{At: s.now(), Actor: by.ID, ActorName: by.Name, Credential: by.Credential, Action: action,
		Outcome: outcome, Detail: detail}
}

func (s *Service) done(by domain.Caller, action string, detail map[string]any) domain.AuditEntry {
	return s.entry(by, action, domain.OutcomeDone, detail)
}

// hash hashes when there is room for it.
func (s *Service) hash(ctx context.Context, password string) (hash string, err error) {
	leave, err := s.gate.enter("hash", true)
	if err != nil {
		return "", err
	}
	defer leave()
	err = s.gate.run(ctx, func() error {
		hash, err = s.hasher.Hash(password)
		return err
	})
	return hash, err
}

// digest stands for an e-mail or an address where neither may be kept.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
