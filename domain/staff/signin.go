package staff

import (
	"context"

	"pointbridge/domain"
)

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

// SignOut ends one session. Errors: not_found.
func (s *Service) SignOut(ctx context.Context, by domain.Caller, session domain.Session) error {
	return s.store.EndSession(ctx, session.Hash, s.done(by, domain.ActionSessionEnded, nil))
}

// SignOutEverywhere ends every session of a person. Errors: not_found.
func (s *Service) SignOutEverywhere(ctx context.Context, by domain.Caller, id int64) error {
	_, err := s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, domain.ActionSessionAllEnded,
			map[string]any{"staff": now.Caller().ID})}, nil
	})
	return err
}
