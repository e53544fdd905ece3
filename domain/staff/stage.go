package staff

import (
	"pointbridge/domain"
)

// Stage is how far a sign-in has come. A sign-in is one small machine, and this is its only state:
//
//	password ──► second factor ──► change of password ──► set-up ──► in
//	passkey with user verification, another service's word ──────────► in
//
// What is not due is passed over. The stage is not stored: it follows from the person as they are now and from what the
// session has shown, so that a second factor that is set up, reset or made a duty counts at once for every session
// there is.
type Stage string

// The stages.
const (
	// StageIn lets in.
	StageIn Stage = ""
	// StageSecondFactor: the password was right, and the second factor is still to be shown.
	StageSecondFactor Stage = "second_factor"
	// StagePassword: the password was drawn by somebody else and has to be replaced.
	StagePassword Stage = "password"
	// StageSetUp: a second factor is a duty, and the person has none yet.
	StageSetUp Stage = "set_up"
)

// How somebody showed who they are; a session's methods are some of these.
const (
	ByPassword = "password"
	ByTOTP     = "totp"
	ByRecovery = "recovery"
	ByPasskey  = "passkey"
	ByProvider = "oidc"
)

// Stage tells how far a session has come.
func (s *Service) Stage(person domain.Staff, session domain.Session) Stage {
	switch {
	case person.HasSecondFactor() && !session.SecondFactor:
		return StageSecondFactor
	case person.MustChangePassword && session.By(ByPassword):
		return StagePassword
	case !session.SecondFactor && s.Requires(person.Role):
		return StageSetUp
	default:
		return StageIn
	}
}

// Requires reports whether people with the role have to have a second factor.
func (s *Service) Requires(role domain.Role) bool { return s.tools.Required[role] }

// Refusal is what a session of the stage is told when it asks for more; nil for one that is in.
func (g Stage) Refusal() error {
	switch g {
	case StageIn:
		return nil
	case StageSecondFactor:
		return domain.Refuse(domain.CodeSecondFactor)
	case StagePassword:
		return domain.Refuse(domain.CodePasswordChange)
	default:
		return domain.Refuse(domain.CodeSecondFactorSetup)
	}
}
