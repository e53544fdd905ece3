package pages

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// Staff is who works here; see staff.Service.
type Staff interface {
	SignIns
	Providers
	Factors
	Team
	PersonalTokens
}

// Team is the people, as who runs the system sees them.
type Team interface {
	List(ctx context.Context) ([]domain.Staff, error)
	Add(ctx context.Context, by domain.Caller, p staff.Person) (added domain.Staff, password string, err error)
	Change(ctx context.Context, by domain.Caller, id int64, e staff.Edit) (domain.Staff, error)
	SetPassword(ctx context.Context, by domain.Caller, id int64, chosen string) (password string, err error)
	ResetSecondFactor(ctx context.Context, by domain.Caller, id int64) error
}

// PersonalTokens are the tokens of one person.
type PersonalTokens interface {
	Tokens(ctx context.Context, id int64) ([]domain.APIKey, error)
	AddTokenOnce(
		ctx context.Context,
		by domain.Caller,
		id int64,
		name, occasion string,
	) (token string, key domain.APIKey, err error)
	RevokeToken(ctx context.Context, by domain.Caller, id, tokenID int64) error
}

// SignIns is how people get in, and what they see of it.
type SignIns interface {
	Entrances
	PasskeyQuestions
	Confirmations
	Sessions
	ChangePassword(ctx context.Context, id int64, current, chosen string) error
}

// Entrances open sessions.
type Entrances interface {
	Enter(ctx context.Context, e staff.Entry) (staff.SignedIn, error)
	SecondFactor(
		ctx context.Context,
		p domain.Staff,
		s domain.Session,
		code string,
		from staff.From,
	) (staff.SignedIn, error)
	SecondPasskey(
		ctx context.Context,
		p domain.Staff,
		s domain.Session,
		challenge, answer string,
		from staff.From,
	) (staff.SignedIn, error)
	EnterByPasskey(ctx context.Context, challenge, answer string, from staff.From) (staff.SignedIn, error)
}

// PasskeyQuestions are what a browser is asked before a passkey answers.
type PasskeyQuestions interface {
	AskPasskey(ctx context.Context) (staff.Question, error)
	AskSecondPasskey(ctx context.Context, p domain.Staff) (staff.Question, error)
	AskConfirmation(ctx context.Context, p domain.Staff) (staff.Question, error)
}

// Confirmations are how somebody who is in shows again who they are.
type Confirmations interface {
	Fresh(s domain.Session) bool
	ConfirmWays(p domain.Staff, s domain.Session) staff.ConfirmWays
	Confirm(ctx context.Context, p domain.Staff, s domain.Session, c staff.Confirmation) error
}

// Sessions are a person's own sessions.
type Sessions interface {
	SessionEnds
	AnySession(ctx context.Context, token string) (domain.Session, domain.Staff, staff.Stage, error)
	Sessions(ctx context.Context, id int64) ([]domain.Session, error)
}

// SessionEnds end sessions before their time.
type SessionEnds interface {
	SignOut(ctx context.Context, by domain.Caller, s domain.Session) error
	SignOutEverywhere(ctx context.Context, by domain.Caller, id int64) error
	EndOwnSession(ctx context.Context, by domain.Caller, id int64, public string) error
	EndOtherSessions(ctx context.Context, by domain.Caller, s domain.Session) error
}

// Providers is how people sign in somewhere else.
type Providers interface {
	// Ways tells by what people sign in.
	Ways() (passwords, provider bool)
	ProviderAddress(ctx context.Context, p staff.Binding) (string, error)
	SignInByProvider(ctx context.Context, r staff.Returned, p staff.Binding) (staff.SignedIn, error)
	LeaveAddress(ctx context.Context, s domain.Session) string
	AllowLink(ctx context.Context, by domain.Caller, id int64) error
}

// Factors are a person's own second factors.
type Factors interface {
	AppFactors
	PasskeyFactors
	Factor(ctx context.Context, p domain.Staff) (staff.Factor, error)
	RenewRecovery(ctx context.Context, p domain.Staff, s domain.Session) (recovery []string, err error)
}

// AppFactors are authenticator apps.
type AppFactors interface {
	BeginTOTP(p domain.Staff) (staff.Enrolment, error)
	ResumeTOTP(p domain.Staff, setup string) (staff.Enrolment, error)
	FinishTOTP(
		ctx context.Context,
		p domain.Staff,
		s domain.Session,
		setup, code string,
	) (recovery []string, err error)
	RemoveTOTP(ctx context.Context, p domain.Staff, s domain.Session) error
}

// PasskeyFactors are passkeys.
type PasskeyFactors interface {
	PasskeySite() string
	AskNewPasskey(ctx context.Context, p domain.Staff) (staff.Question, error)
	AddPasskey(
		ctx context.Context,
		p domain.Staff,
		s domain.Session,
		name, challenge, answer string,
	) (recovery []string, err error)
	RemovePasskey(ctx context.Context, p domain.Staff, s domain.Session, id int64) error
}
