package staff

import (
	"context"
	"time"

	"pointbridge/domain"
)

// SignedIn is what somebody has who gave the right password. Nobody can read the token again.
type SignedIn struct {
	Token     string
	ExpiresAt time.Time
	Staff     domain.Staff
}

// SignIn opens a session. Whatever does not fit, the answer and what it costs are the same: unauthenticated. Other errors:
// rate_limited, while an attempt from there has to wait; password_sign_in_off.
func (s *Service) SignIn(ctx context.Context, email, password string, from Origin) (in SignedIn, err error) {
	if s.provider.Only {
		return SignedIn{}, domain.Refuse(domain.CodePasswordsOff)
	}
	email, _ = domain.NormalizeEmail(email)
	err = s.tried(ctx, email, from, func(ctx context.Context, attempt int64) error {
		in, err = s.signIn(ctx, email, password, attempt)
		return err
	})
	return in, err
}

func (s *Service) signIn(ctx context.Context, email, password string, attempt int64) (SignedIn, error) {
	person, right, err := s.prove(ctx, email, password)
	if err != nil {
		return SignedIn{}, err
	}
	if !right {
		return SignedIn{}, s.refuse(ctx, domain.Caller{ID: "unknown"}, "session.refused", email, domain.Refuse(domain.CodeUnauthenticated))
	}
	return s.open(ctx, person, attempt)
}

// refuse records a wrong password, also of somebody who has hung up, and gives the refusal.
func (s *Service) refuse(ctx context.Context, by domain.Caller, action, email string, refusal error) error {
	entry := s.entry(by, action, domain.OutcomeRefused, map[string]any{"email_sha256": digest(email)[:12]})
	if err := s.store.Record(context.WithoutCancel(ctx), entry); err != nil {
		return err
	}
	return refusal
}

// prove compares once, whether there is such a person or not.
func (s *Service) prove(ctx context.Context, email, password string) (domain.Staff, bool, error) {
	if _, ok := domain.NormalizeEmail(email); !ok {
		email = "" // what is no address is looked up as one that nobody has
	}
	person, err := s.store.StaffByEmail(ctx, email)
	exists := err == nil
	if err != nil && domain.CodeOf(err) != domain.CodeNotFound {
		return domain.Staff{}, false, err
	}
	hash := person.PasswordHash
	if !exists {
		hash = s.hasher.Decoy()
	}
	right := s.hasher.Verify(hash, password)
	return person, right && exists && person.Enabled(), nil
}

func (s *Service) open(ctx context.Context, person domain.Staff, attempt int64) (SignedIn, error) {
	return s.openBy(ctx, person, attempt, "", s.done(person.Caller(), "session.opened", nil))
}

// openBy opens a session; by is what an identity provider said of it, if one let the person in.
func (s *Service) openBy(ctx context.Context, person domain.Staff, attempt int64, by string, entry domain.AuditEntry) (SignedIn, error) {
	token, hash, err := domain.NewSessionToken(s.random)
	if err != nil {
		return SignedIn{}, err
	}
	now := s.now()
	session := domain.Session{Hash: hash, StaffID: person.ID, Epoch: person.Epoch, CreatedAt: now, ExpiresAt: now.Add(s.limits.Life),
		Provider: by}
	if err := s.store.OpenSession(ctx, session, attempt, entry); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, ExpiresAt: session.ExpiresAt, Staff: person}, nil
}

// Session finds out whose session a token is. Errors: unauthenticated.
func (s *Service) Session(ctx context.Context, token string) (domain.Session, domain.Staff, error) {
	session, person, err := s.store.FindSession(ctx, domain.HashAPIKey(token))
	if err != nil {
		return domain.Session{}, domain.Staff{}, err
	}
	if !session.Alive(person, s.now()) {
		return domain.Session{}, domain.Staff{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	return session, person, nil
}

// SignOut ends one session. Errors: not_found.
func (s *Service) SignOut(ctx context.Context, by domain.Caller, session domain.Session) error {
	return s.store.EndSession(ctx, session.Hash, s.done(by, "session.ended", nil))
}

// SignOutEverywhere ends every session of a person. Errors: not_found.
func (s *Service) SignOutEverywhere(ctx context.Context, by domain.Caller, id int64) error {
	_, err := s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, "session.all_ended", map[string]any{"staff": now.Caller().ID})}, nil
	})
	return err
}
