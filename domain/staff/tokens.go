package staff

import (
	"context"
	"io"

	"pointbridge/domain"
)

// AddToken makes an API token for the person who asks, and gives it; nobody can read it again. Nobody makes one for
// somebody else: with it they would be that person. Errors: not_found, permission_denied, validation_failed with the
// field.
func (s *Service) AddToken(ctx context.Context, by domain.Caller, id int64,
	name string) (string, domain.APIKey, error) {
	return s.addToken(ctx, by, id, name, s.random)
}

// AddTokenOnce makes a token as AddToken does, one for each occasion: a form that is sent again makes no other. Errors:
// key_already_made as well.
func (s *Service) AddTokenOnce(ctx context.Context, by domain.Caller, id int64, name, occasion string) (string,
	domain.APIKey, error) {
	return s.addToken(ctx, by, id, name, domain.OfOccasion(occasion, s.random))
}

func (s *Service) addToken(ctx context.Context, by domain.Caller, id int64, name string, random io.Reader) (string,
	domain.APIKey, error) {
	if by.Machine || by.PersonID != id {
		return "", domain.APIKey{}, s.notTheirs(ctx, by, id)
	}
	if !validName(name) {
		return "", domain.APIKey{}, wrong("name")
	}
	person, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return "", domain.APIKey{}, err
	}
	if !person.Enabled() {
		return "", domain.APIKey{}, domain.Refuse(domain.CodeValidation, "field", "path.id")
	}
	token, prefix, hash, err := domain.NewAPIKey(random)
	if err != nil {
		return "", domain.APIKey{}, err
	}
	caller := person.Caller()
	key := domain.APIKey{Prefix: prefix, Hash: hash, StaffID: id, MadeBy: caller.ID, CreatedAt: s.now(),
		Caller: domain.Caller{Name: name, Role: caller.Role}}
	key, err = s.store.AddToken(ctx, key, s.done(by, domain.ActionTokenAdded, map[string]any{"staff": caller.ID,
		"prefix": prefix, "name": name}))
	if err != nil {
		return "", domain.APIKey{}, err
	}
	return token, key, nil
}

// notTheirs writes into the audit that somebody asked for a token of another person, and refuses it. Errors: not_found,
// permission_denied.
func (s *Service) notTheirs(ctx context.Context, by domain.Caller, id int64) error {
	if _, err := s.store.StaffByID(ctx, id); err != nil {
		return err
	}
	entry := s.entry(by, domain.ActionTokenRefused, domain.OutcomeRefused,
		map[string]any{"staff": domain.Staff{ID: id}.Caller().ID})
	if err := s.store.Record(context.WithoutCancel(ctx), entry); err != nil {
		return err
	}
	return domain.Refuse(domain.CodePermissionDenied)
}

// Tokens lists a person's living tokens. Errors: not_found.
func (s *Service) Tokens(ctx context.Context, id int64) ([]domain.APIKey, error) {
	if _, err := s.store.StaffByID(ctx, id); err != nil {
		return nil, err
	}
	return s.store.StaffTokens(ctx, id)
}

// RevokeToken ends a token's life at once. Errors: not_found.
func (s *Service) RevokeToken(ctx context.Context, by domain.Caller, id, tokenID int64) error {
	who := domain.Staff{ID: id}.Caller().ID
	return s.store.RevokeToken(ctx, id, tokenID, s.done(by, domain.ActionTokenRevoked, map[string]any{"staff": who,
		"token": tokenID}))
}
