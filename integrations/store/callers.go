package store

import (
	"context"
	"strings"
	"time"

	"pointbridge/domain"
)

// Now implements bulk.Callers and requests.Callers. A key or a token counts as long as it would let in, a sign-in as
// long as its person may get in: that they signed out in the evening ends nothing that they asked for. Whoever is
// neither is nobody.
func (s Keys) Now(ctx context.Context, who domain.Caller, at time.Time) (domain.Caller, error) {
	prefix, ok := strings.CutPrefix(who.Credential, "token:")
	if key, program := strings.CutPrefix(who.ID, domain.KeyMark); program {
		prefix, ok = key, true
	}
	if ok {
		return s.keyNow(ctx, who, prefix, at)
	}
	if who.PersonID == 0 || who.ID != (domain.Staff{ID: who.PersonID}).Caller().ID {
		return who.Nobody(), nil
	}
	person, err := Staff(s).StaffByID(ctx, who.PersonID)
	switch {
	case gone(err), err == nil && !person.Enabled():
		return who.Nobody(), nil
	case err != nil:
		return domain.Caller{}, err
	}
	now := person.Caller()
	now.Credential = who.Credential
	return now, nil
}

func (s Keys) keyNow(ctx context.Context, who domain.Caller, prefix string, at time.Time) (domain.Caller, error) {
	key, err := s.FindKey(ctx, prefix)
	switch {
	case gone(err), err == nil && !key.Alive(at):
		return who.Nobody(), nil
	case err != nil:
		return domain.Caller{}, err
	case key.Caller.ID != who.ID:
		return who.Nobody(), nil
	}
	return key.Caller, nil
}

// gone reports whether a credential, or the person behind it, is not there; any other error says nothing about them.
func gone(err error) bool {
	code := domain.CodeOf(err)
	return err != nil && (code == domain.CodeUnauthenticated || code == domain.CodeNotFound)
}
