package staff

import (
	"context"
	"strings"

	"pointbridge/domain"
)

// ChangePassword gives a person the password they choose, if they know the one they have, and ends every session, this
// one too. A wrong one counts as a failed sign-in: a session somebody left open is no place to try passwords at.
// Whoever is signed in counts for themselves, so that no stranger's failures keep them from it. Errors: not_found,
// rate_limited, validation_failed with the field, password_guessable, password_sign_in_off.
func (s *Service) ChangePassword(ctx context.Context, id int64, current, chosen string) error {
	if s.provider.Only {
		return domain.Refuse(domain.CodePasswordsOff)
	}
	if !domain.GoodPassword(chosen) || chosen == current {
		return wrong("new_password")
	}
	person, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.strong(person.Email, person.Name, chosen); err != nil {
		return err
	}
	return s.tried(ctx, person.Email, FromOf(person), func(ctx context.Context, attempt int64) error {
		return s.changePassword(ctx, person, current, chosen, attempt)
	})
}

func (s *Service) changePassword(ctx context.Context, person domain.Staff, current, chosen string,
	attempt int64) error {
	by := byPassword(person) // the one they have is asked for, whatever let them in
	if !s.hasher.Verify(person.PasswordHash, current) {
		return s.refuse(ctx, by, domain.ActionStaffPasswordChanged, person.Email, wrong("current_password"))
	}
	hash, err := s.hasher.Hash(chosen)
	if err != nil {
		return err
	}
	_, err = s.store.ChangeStaff(ctx, person.ID, func(now domain.Staff,
		_ int) (domain.Staff, []domain.AuditEntry, error) {
		if now.PasswordHash != person.PasswordHash {
			return now, nil, wrong("current_password")
		}
		now.PasswordHash, now.MustChangePassword = hash, false
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, domain.ActionStaffPasswordChanged, map[string]any{"staff": by.ID})},
			nil
	})
	if err != nil {
		return err
	}
	return s.store.Forgive(ctx, attempt)
}

// leastScore is the score from which on a password is taken: 10^8 guesses by whoever knows the person.
const leastScore = 3

// strong refuses a password that is easy to guess for somebody who knows the person and the shop. Errors:
// password_guessable.
func (s *Service) strong(email, name, password string) error {
	if s.tools.Strength == nil {
		return nil
	}
	about := append([]string{email, name, s.tools.Shop, "pointbridge"}, strings.FieldsFunc(email+" "+name+" "+
		s.tools.Shop, func(r rune) bool {
		return r == ' ' || r == '@' || r == '.' || r == '-' || r == '_' || r == '\u3000'
	})...)
	if s.tools.Strength.Score(password, about) < leastScore {
		return domain.Refuse(domain.CodePasswordGuessable)
	}
	return nil
}
