package staff

import (
	"context"
	"strings"

	"pointbridge/domain"
)

// ChangePassword gives a person the password they choose, if they know the one they have, and ends every session, this one
// too. A wrong one counts as a failed sign-in: a session somebody left open is no place to try passwords at. Errors:
// not_found, rate_limited, validation_failed with the field, password_guessable.
func (s *Service) ChangePassword(ctx context.Context, id int64, current, chosen, address string) error {
	if !domain.GoodPassword(chosen) || chosen == current {
		return wrong("new_password")
	}
	return s.gate.run(ctx, func() error { return s.changePassword(ctx, id, current, chosen, address) })
}

func (s *Service) changePassword(ctx context.Context, id int64, current, chosen, address string) error {
	person, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.strong(person.Email, person.Name, chosen); err != nil {
		return err
	}
	attempt, err := s.try(ctx, person.Email, address)
	if err != nil {
		return err
	}
	by := person.Caller()
	if !s.hasher.Verify(person.PasswordHash, current) {
		return s.refuse(ctx, by, "staff.password_changed", person.Email, wrong("current_password"))
	}
	hash, err := s.hasher.Hash(chosen)
	if err != nil {
		return err
	}
	_, err = s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		if now.PasswordHash != person.PasswordHash {
			return now, nil, wrong("current_password")
		}
		now.PasswordHash, now.MustChangePassword = hash, false
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, "staff.password_changed", map[string]any{"staff": by.ID})}, nil
	})
	if err != nil {
		return err
	}
	return s.store.Forgive(ctx, attempt)
}

// leastScore is the score from which on a password is taken: 10^8 guesses by whoever knows the person.
const leastScore = 3

// strong refuses a password that is easy to guess for somebody who knows the person and the shop. Errors: password_guessable.
func (s *Service) strong(email, name, password string) error {
	if s.tools.Strength == nil {
		return nil
	}
	about := append([]string{email, name, s.tools.Shop, "pointbridge"}, strings.FieldsFunc(email+" "+name+" "+s.tools.Shop, func(r rune) bool {
		return r == ' ' || r == '@' || r == '.' || r == '-' || r == '_' || r == '\u3000'
	})...)
	if s.tools.Strength.Score(password, about) < leastScore {
		return domain.Refuse(domain.CodePasswordGuessable)
	}
	return nil
}
