package staff

import (
	"context"

	"pointbridge/domain"
)

// Fresh reports whether a person in a session is believed to sit there still, for what must not be done by whoever
// finds a browser open.
func (s *Service) Fresh(session domain.Session) bool {
	age := s.now().Sub(session.AuthenticatedAt)
	return age >= 0 && age < FreshFor
}

// Confirmation is how somebody who is signed in shows again who they are: by one of these.
type Confirmation struct {
	Password string
	Code     string
	// Challenge and Answer are a passkey's.
	Challenge, Answer string
}

// ConfirmWays are the ways by which somebody who is signed in can show again who they are.
type ConfirmWays struct {
	Password, Code, Passkey bool
	// Provider says that they can sign in at the identity provider once more.
	Provider bool
}

// ConfirmWays tells how a person in a session can confirm it.
func (s *Service) ConfirmWays(person domain.Staff, session domain.Session) ConfirmWays {
	return ConfirmWays{
		Password: !s.provider.Only && person.HasPassword(),
		Code:     person.HasSecondFactor(),
		Passkey:  person.Passkeys > 0 && s.PasskeySite() != "",
		Provider: s.provider.By != nil && session.By(ByProvider),
	}
}

// Confirm makes a session fresh. Whoever has no password here confirms by a second factor, or signs in again. Errors:
// validation_failed for a wrong password, second_factor_wrong, rate_limited, reauthentication_required when no password
// lets the person in.
func (s *Service) Confirm(ctx context.Context, person domain.Staff, session domain.Session, c Confirmation) error {
	if c.Answer == "" && c.Code == "" && !s.ConfirmWays(person, session).Password {
		return domain.Refuse(domain.CodeReauthentication)
	}
	from := FromOf(person)
	if c.Answer != "" || c.Code != "" {
		attempt, err := s.counted(ctx, person.Email, from)
		if err != nil {
			return err
		}
		return s.confirm(ctx, person, session, c, attempt)
	}
	return s.tried(ctx, person.Email, from, func(ctx context.Context, attempt int64) error {
		return s.confirm(ctx, person, session, c, attempt)
	})
}

func (s *Service) confirm(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	c Confirmation,
	attempt int64,
) error {
	by := session.Caller(person)
	spend, err := s.confirmed(ctx, person, c)
	if err == nil {
		session.AuthenticatedAt = s.now()
		err = s.store.ConfirmSession(ctx, session, spend, attempt, s.done(by, domain.ActionSessionConfirmed, nil))
	}
	if code := domain.CodeOf(err); err != nil &&
		(code == domain.CodeSecondFactorWrong || code == domain.CodeValidation) {
		return s.refuse(ctx, by, domain.ActionSessionConfirmationRefused, person.Email, err)
	}
	return err
}

func (s *Service) confirmed(ctx context.Context, person domain.Staff, c Confirmation) (spend Spend, err error) {
	switch {
	case c.Answer != "":
		spend, _, err = s.checkPasskey(ctx, askConfirm, person.ID, person, c.Challenge, c.Answer)
	case c.Code != "":
		spend, _, err = s.checkCode(person, c.Code)
	case !s.hasher.Verify(person.PasswordHash, c.Password):
		err = wrong("password")
	}
	return spend, err
}

// Sessions lists a person's living sessions, newest first.
func (s *Service) Sessions(ctx context.Context, id int64) ([]domain.Session, error) {
	now := s.now()
	all, err := s.store.SessionsOf(ctx, id, now)
	living := all[:0]
	for _, session := range all {
		if !s.idle(session, now) {
			living = append(living, session)
		}
	}
	return living, err
}

// EndOwnSession ends one of a person's sessions by its public name. Errors: not_found.
func (s *Service) EndOwnSession(ctx context.Context, by domain.Caller, id int64, public string) error {
	all, err := s.store.SessionsOf(ctx, id, s.now())
	if err != nil {
		return err
	}
	for _, session := range all {
		if session.PublicID() == public {
			return s.SignOut(ctx, by, session)
		}
	}
	return domain.Refuse(domain.CodeNotFound)
}

// EndOtherSessions ends a person's sessions but for this one.
func (s *Service) EndOtherSessions(ctx context.Context, by domain.Caller, session domain.Session) error {
	return s.store.EndSessions(ctx, session.StaffID, session.Hash, s.done(by, domain.ActionSessionOthersEnded, nil))
}
