package staff

import (
	"context"
	"strings"
	"unicode/utf8"

	"pointbridge/domain"
)

// What a browser is asked for. An answer to one is no answer to another.
const (
	askNew     = "passkey-new"
	askSignIn  = "passkey-sign-in"
	askSecond  = "passkey-second"
	askConfirm = "passkey-confirm"

	// maxPasskeys is more than anybody has devices.
	maxPasskeys = 20
	// maxAnswer bounds what is looked at of a browser's answer.
	maxAnswer = 32 << 10
)

// Question is what a browser is asked, and the sealed challenge that has to come back with its answer.
type Question struct {
	Options   []byte
	Challenge string
}

// PasskeySite is the host that passkeys are bound to; empty where there can be none.
func (s *Service) PasskeySite() string {
	if s.tools.Passkeys == nil {
		return ""
	}
	return s.tools.Passkeys.Site()
}

func ownerOf(p domain.Staff) PasskeyOwner {
	return PasskeyOwner{Handle: p.Caller().ID, Email: p.Email, Name: p.Name}
}

func (s *Service) noPasskeys() error {
	if s.PasskeySite() == "" {
		return domain.Refuse(domain.CodeNotFound)
	}
	return nil
}

// AskNewPasskey asks a browser for a new passkey of the person. Errors: not_found where there can be none.
func (s *Service) AskNewPasskey(ctx context.Context, person domain.Staff) (Question, error) {
	return s.question(ctx, askNew, &person, s.create)
}

// AskSecondPasskey asks for the person's passkey as a second factor, AskConfirmation for one who is signed in, and
// AskPasskey, before anybody said who they are, for whichever passkey the browser has. Errors: not_found where there is
// none.
func (s *Service) AskSecondPasskey(ctx context.Context, person domain.Staff) (Question, error) {
	return s.question(ctx, askSecond, &person, s.request)
}

// AskConfirmation is described at AskSecondPasskey.
func (s *Service) AskConfirmation(ctx context.Context, person domain.Staff) (Question, error) {
	return s.question(ctx, askConfirm, &person, s.request)
}

// AskPasskey is described at AskSecondPasskey.
func (s *Service) AskPasskey(ctx context.Context) (Question, error) {
	return s.question(ctx, askSignIn, nil, s.request)
}

type asking func(owner PasskeyOwner, have []Passkey) (options, challenge []byte, err error)

func (s *Service) create(owner PasskeyOwner, have []Passkey) ([]byte, []byte, error) {
	return s.tools.Passkeys.Create(owner, have)
}

func (s *Service) request(owner PasskeyOwner, have []Passkey) ([]byte, []byte, error) {
	return s.tools.Passkeys.Ask(owner, have)
}

func (s *Service) question(
	ctx context.Context,
	purpose string,
	person *domain.Staff,
	ask asking,
) (q Question, err error) {
	if err := s.noPasskeys(); err != nil {
		return q, err
	}
	var owner PasskeyOwner
	var have []Passkey
	of := int64(0)
	if person != nil {
		owner, of = ownerOf(*person), person.ID
		if have, err = s.store.Passkeys(ctx, person.ID); err != nil {
			return q, err
		}
		if len(have) == 0 && purpose != askNew {
			return q, domain.Refuse(domain.CodeNotFound)
		}
	}
	var challenge []byte
	if q.Options, challenge, err = ask(owner, have); err != nil {
		return q, err
	}
	q.Challenge, err = s.ask(purpose, of, challenge)
	return q, err
}

// AddPasskey keeps the passkey that a browser made. It gives recovery codes as FinishTOTP does. Errors:
// validation_failed, not_found.
func (s *Service) AddPasskey(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	name, challenge, answer string,
) ([]string, error) {
	if err := s.noPasskeys(); err != nil {
		return nil, err
	}
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > 100 || !domain.PlainText(name) {
		return nil, wrong("name")
	}
	a, err := s.answered(askNew, person.ID, challenge, "challenge")
	if err != nil {
		return nil, err
	}
	if person.Passkeys >= maxPasskeys || len(answer) > maxAnswer {
		return nil, wrong("answer")
	}
	key, err := s.tools.Passkeys.Created(ownerOf(person), a.Text, []byte(answer))
	if err != nil {
		return nil, &domain.Error{Code: domain.CodeValidation, Params: map[string]any{"field": "body.answer"}, Err: err}
	}
	key.StaffID, key.Name, key.CreatedAt, key.AskedAt = person.ID, name, s.now(), a.At
	return s.addFactor(
		ctx,
		person,
		session,
		Factors{Add: &key},
		domain.ActionStaffPasskeyAdded,
		map[string]any{"name": name},
		func(now domain.Staff) (domain.Staff, error) {
			now.Passkeys++
			return now, nil
		},
	)
}

// RemovePasskey takes a passkey away. Errors: not_found, second_factor_mandatory as RemoveTOTP.
func (s *Service) RemovePasskey(ctx context.Context, person domain.Staff, session domain.Session, id int64) error {
	if person.Passkeys == 0 {
		return domain.Refuse(domain.CodeNotFound)
	}
	return s.removeFactor(
		ctx,
		person,
		session,
		Factors{Remove: id},
		domain.ActionStaffPasskeyRemoved,
		func(now domain.Staff) domain.Staff {
			now.Passkeys = max(0, now.Passkeys-1)
			return now
		},
	)
}

// checkPasskey checks a browser's answer for a person. Errors: second_factor_wrong.
func (s *Service) checkPasskey(
	ctx context.Context,
	purpose string,
	of int64,
	person domain.Staff,
	challenge, answer string,
) (Spend, bool, error) {
	refused := func(cause error) (Spend, bool, error) {
		return Spend{}, false, &domain.Error{Code: domain.CodeSecondFactorWrong, Err: cause}
	}
	a, err := s.answered(purpose, of, challenge, "challenge")
	if err != nil {
		return refused(err)
	}
	if err := s.noPasskeys(); err != nil || len(answer) > maxAnswer {
		return refused(err)
	}
	have, err := s.store.Passkeys(ctx, person.ID)
	if err != nil {
		return Spend{}, false, err
	}
	used, verified, err := s.tools.Passkeys.Answered(ownerOf(person), have, a.Text, []byte(answer))
	if err != nil {
		return refused(err)
	}
	now := s.now()
	used.UsedAt, used.AskedAt = &now, a.At
	return Spend{Passkey: &used}, verified, nil
}

// SecondPasskey goes on from a half-way session with a passkey. Errors: second_factor_wrong, rate_limited.
func (s *Service) SecondPasskey(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	challenge, answer string,
	from From,
) (SignedIn, error) {
	attempt, err := s.counted(ctx, person.Email, from)
	if err != nil {
		return SignedIn{}, err
	}
	spend, _, err := s.checkPasskey(ctx, askSecond, person.ID, person, challenge, answer)
	if err != nil {
		return SignedIn{}, s.wrongFactor(ctx, person.Email, session.Caller(person), err)
	}
	in, err := s.LetIn(
		ctx,
		person,
		Proof{Methods: append(strings.Fields(session.Methods), ByPasskey), SecondFactor: true, Spend: spend,
			Attempt: attempt, Replaces: session.Hash},
		from,
	)
	return in, s.wrongFactor(ctx, person.Email, session.Caller(person), err)
}

// EnterByPasskey opens a session for a passkey alone, if the browser verified the person: by a finger, a face or a PIN.
// Errors: unauthenticated, rate_limited, password_sign_in_off where people sign in at an identity provider alone.
func (s *Service) EnterByPasskey(ctx context.Context, challenge, answer string, from From) (SignedIn, error) {
	person, counted, err := s.whoAnswers(ctx, answer)
	if err != nil {
		return SignedIn{}, err
	}
	attempt, err := s.counted(ctx, counted, from)
	if err != nil {
		return SignedIn{}, err
	}
	spend, verified, err := s.checkPasskey(ctx, askSignIn, 0, person, challenge, answer)
	if err == nil && (!verified || !person.Enabled() || person.ID == 0) {
		err = domain.Refuse(domain.CodeSecondFactorWrong)
	}
	var in SignedIn
	if err == nil {
		in, err = s.LetIn(
			ctx,
			person,
			Proof{Methods: []string{ByPasskey}, SecondFactor: true, Spend: spend, Attempt: attempt},
			from,
		)
	}
	if err != nil && domain.CodeOf(err) == domain.CodeSecondFactorWrong {
		refusal := &domain.Error{Code: domain.CodeUnauthenticated, Err: err}
		return SignedIn{}, s.refuse(ctx, domain.Caller{ID: "unknown"}, domain.ActionSessionRefused, counted, refusal)
	}
	return in, err
}

// whoAnswers finds the person an answer speaks of, nobody where there is none, and the name under which the attempt is
// counted. That is the passkey's, not the person's: an answer can be made up for everybody, and must not make them
// wait. Nothing is proved yet.
func (s *Service) whoAnswers(ctx context.Context, answer string) (domain.Staff, string, error) {
	if s.provider.Only {
		return domain.Staff{}, "", domain.Refuse(domain.CodePasswordsOff)
	}
	if err := s.noPasskeys(); err != nil {
		return domain.Staff{}, "", err
	}
	if len(answer) > maxAnswer {
		return domain.Staff{}, "", wrong("answer")
	}
	handle, credential, err := s.tools.Passkeys.Who([]byte(answer))
	if err != nil {
		return domain.Staff{}, "", wrong("answer")
	}
	counted := "passkey " + digest(string(credential))
	id, ok := StaffIDOf(domain.Caller{ID: handle})
	if !ok {
		return domain.Staff{}, counted, nil
	}
	person, err := s.store.StaffByID(ctx, id)
	if err != nil && domain.CodeOf(err) == domain.CodeNotFound {
		return domain.Staff{}, counted, nil
	}
	return person, counted, err
}
