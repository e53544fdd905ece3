package staff

import (
	"context"

	"pointbridge/domain"
)

// Enrolment is an authenticator app that is being set up. Nothing of it is kept until a code shows that the app has it.
type Enrolment struct {
	// Secret is for typing it in, URI for apps, Path and Size for a picture to be photographed.
	Secret, URI, Path string
	Size              int
	// Setup is the sealed secret, which comes back with the first code.
	Setup string
}

// BeginTOTP makes a secret for the person's authenticator app. Errors: second_factor_already_set_up.
func (s *Service) BeginTOTP(person domain.Staff) (e Enrolment, err error) {
	if person.TOTP != "" || s.tools.TOTP == nil {
		return e, domain.Refuse(domain.CodeSecondFactorExists)
	}
	if e.Secret, e.URI, err = s.tools.TOTP.Enrol(s.tools.Shop, person.Email); err != nil {
		return e, err
	}
	if e.Setup, err = s.ask("totp-setup", person.ID, []byte(e.Secret)); err != nil {
		return e, err
	}
	return s.picture(e)
}

// ResumeTOTP is the enrolment again of which the sealed secret came back, for a page that shows it once more. Errors:
// validation_failed.
func (s *Service) ResumeTOTP(person domain.Staff, setup string) (e Enrolment, err error) {
	a, err := s.answered("totp-setup", person.ID, setup, "setup")
	if err != nil {
		return e, err
	}
	e = Enrolment{
		Secret: string(a.Text),
		URI:    s.tools.TOTP.URI(s.tools.Shop, person.Email, string(a.Text)),
		Setup:  setup,
	}
	return s.picture(e)
}

func (s *Service) picture(e Enrolment) (Enrolment, error) {
	var err error
	e.Path, e.Size, err = s.tools.TOTP.Picture(e.URI)
	return e, err
}

// FinishTOTP sets the authenticator app up once a code shows that it works. It gives the recovery codes, which nobody
// can read again, unless the person has some from another second factor. Errors: second_factor_wrong,
// second_factor_already_set_up, validation_failed, rate_limited.
func (s *Service) FinishTOTP(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	setup, code string,
) ([]string, error) {
	a, err := s.answered("totp-setup", person.ID, setup, "setup")
	if err != nil {
		return nil, err
	}
	attempt, err := s.counted(ctx, person.Email, FromOf(person))
	if err != nil {
		return nil, err
	}
	step := s.tools.TOTP.Step(string(a.Text), plainCode(code), s.now())
	if step == 0 {
		return nil, s.wrongFactor(ctx, person.Email, session.Caller(person),
			domain.Refuse(domain.CodeSecondFactorWrong))
	}
	sealed, err := s.seal(sealTOTP, person.ID, a.Text)
	if err != nil {
		return nil, err
	}
	codes, err := s.addFactor(
		ctx,
		person,
		session,
		Factors{},
		domain.ActionStaffTOTPAdded,
		nil,
		func(now domain.Staff) (domain.Staff, error) {
			if now.TOTP != "" {
				return now, domain.Refuse(domain.CodeSecondFactorExists)
			}
			now.TOTP, now.TOTPStep = sealed, step
			return now, nil
		},
	)
	if err != nil {
		return nil, err
	}
	return codes, s.store.Forgive(ctx, attempt)
}

// addFactor adds a second factor; the first one comes with recovery codes.
func (s *Service) addFactor(ctx context.Context, person domain.Staff, session domain.Session, f Factors, action string,
	detail map[string]any, add func(domain.Staff) (domain.Staff, error)) (codes []string, err error) {
	f.Keep = session.Hash
	if !person.HasSecondFactor() {
		if codes, f.Recovery, err = s.drawRecovery(person.ID); err != nil {
			return nil, err
		}
	}
	by := session.Caller(person)
	_, err = s.store.ChangeFactors(
		ctx,
		person.ID,
		f,
		func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
			next, err := add(now)
			return next, []domain.AuditEntry{s.done(by, action, with(detail, "staff", by.ID))}, err
		},
	)
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveTOTP takes the authenticator app away. Errors: not_found, second_factor_mandatory for the last one of somebody
// who must have one.
func (s *Service) RemoveTOTP(ctx context.Context, person domain.Staff, session domain.Session) error {
	if person.TOTP == "" {
		return domain.Refuse(domain.CodeNotFound)
	}
	return s.removeFactor(ctx, person, session, Factors{}, domain.ActionStaffTOTPRemoved,
		func(now domain.Staff) domain.Staff {
			now.TOTP, now.TOTPStep = "", 0
			return now
		})
}

func (s *Service) removeFactor(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	f Factors,
	action string,
	remove func(domain.Staff) domain.Staff,
) error {
	by := session.Caller(person)
	if after := remove(person); !after.HasSecondFactor() {
		f.Recovery = [][]byte{} // recovery codes without a factor recover nothing
	}
	_, err := s.store.ChangeFactors(
		ctx,
		person.ID,
		f,
		func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
			next := remove(now)
			if !next.HasSecondFactor() && s.Requires(now.Role) {
				return now, nil, domain.Refuse(domain.CodeSecondFactorKept)
			}
			return next, []domain.AuditEntry{s.done(by, action, map[string]any{"staff": by.ID})}, nil
		},
	)
	return err
}

// RenewRecovery returns new recovery codes in place of those there are. Errors: not_found without a second factor.
func (s *Service) RenewRecovery(ctx context.Context, person domain.Staff, session domain.Session) ([]string, error) {
	if !person.HasSecondFactor() {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	codes, hashes, err := s.drawRecovery(person.ID)
	if err != nil {
		return nil, err
	}
	by := session.Caller(person)
	_, err = s.store.ChangeFactors(
		ctx,
		person.ID,
		Factors{Recovery: hashes},
		func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
			return now, []domain.AuditEntry{s.done(by, domain.ActionStaffRecoveryRenewed,
				map[string]any{"staff": by.ID})}, nil
		},
	)
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// ResetSecondFactor takes every second factor of a person away, who lost theirs, and ends every session. Errors:
// not_found.
func (s *Service) ResetSecondFactor(ctx context.Context, by domain.Caller, id int64) error {
	f := Factors{RemoveAll: true, Recovery: [][]byte{}}
	_, err := s.store.ChangeFactors(
		ctx,
		id,
		f,
		func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
			now.TOTP, now.TOTPStep, now.Passkeys = "", 0, 0
			now.Epoch++
			return now, []domain.AuditEntry{
				s.done(by, domain.ActionStaffSecondFactorReset, map[string]any{"staff": now.Caller().ID}),
			}, nil
		},
	)
	return err
}

// Factor is what a person has for a second factor, for their own page.
type Factor struct {
	TOTP     bool
	Passkeys []Passkey
	// Recovery is how many recovery codes are left.
	Recovery int
	// Required says that there has to be one.
	Required bool
}

// Factor reads what a person has for a second factor.
func (s *Service) Factor(ctx context.Context, person domain.Staff) (f Factor, err error) {
	f = Factor{TOTP: person.TOTP != "", Required: s.Requires(person.Role)}
	if f.Passkeys, err = s.store.Passkeys(ctx, person.ID); err != nil {
		return f, err
	}
	f.Recovery, err = s.store.RecoveryCodes(ctx, person.ID)
	return f, err
}

func with(detail map[string]any, name string, value any) map[string]any {
	all := map[string]any{name: value}
	for k, v := range detail {
		all[k] = v
	}
	return all
}
