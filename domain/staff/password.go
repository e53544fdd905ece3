package staff

import (
	"context"

	"pointbridge/domain"
)

// ChangePassword gives a person the password they choose, if they know the one they have, and ends every session, this one
// too. A wrong one counts as a failed sign-in: a session somebody left open is no place to try passwords at. Errors:
// not_found, rate_limited, validation_failed with the field, password_sign_in_off.
func (s *Service) ChangePassword(ctx context.Context, id int64, current, chosen, address string) error {
	if s.provider.Only {
		return domain.Refuse(domain.CodePasswordsOff)
	}
	if !domain.GoodPassword(chosen) {
		return wrong("new_password")
	}
	return s.gate.run(ctx, func() error { return s.changePassword(ctx, id, current, chosen, address) })
}

func (s *Service) changePassword(ctx context.Context, id int64, current, chosen, address string) error {
	person, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return err
	}
	attempt, err := s.try(ctx, person.Email, address)
	if err != nil {
		return err
	}
	by := person.Caller()
	if !s.hasher.Verify(person.PasswordHash, current) {
		return s.refuse(ctx, by, "staff.password_set", person.Email, wrong("current_password"))
	}
	hash, err := s.hasher.Hash(chosen)
	if err != nil {
		return err
	}
	_, err = s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		if now.PasswordHash != person.PasswordHash {
			return now, nil, wrong("current_password")
		}
		now.PasswordHash = hash
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, "staff.password_set", map[string]any{"staff": by.ID})}, nil
	})
	if err != nil {
		return err
	}
	return s.store.Forgive(ctx, attempt)
}
