package staff

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Sessions keeps how people got in. What is told to somebody is one commit with what it tells of.
type Sessions interface {
	SessionEnds
	// OpenSession stores a session, as one commit with all that an opening says. Errors: second_factor_wrong when what
	// was to be used up is used up.
	OpenSession(ctx context.Context, o Opening) error
	// FindSession reads a session and its person. Errors: unauthenticated when there is none.
	FindSession(ctx context.Context, hash []byte) (domain.Session, domain.Staff, error)
	// SessionsOf lists a person's living sessions, newest first.
	SessionsOf(ctx context.Context, staffID int64, now time.Time) ([]domain.Session, error)
	// SeeSession notes that a session was used.
	SeeSession(ctx context.Context, hash []byte, at time.Time) error
	// ConfirmSession notes that the person showed again who they are, uses up what they showed, and forgives the
	// attempt. Errors: second_factor_wrong when it is used up already, not_found.
	ConfirmSession(ctx context.Context, s domain.Session, spend Spend, attempt int64, entry domain.AuditEntry) error
}

// SessionEnds ends sessions before their time.
type SessionEnds interface {
	// EndSession removes one session. Errors: not_found.
	EndSession(ctx context.Context, hash []byte, entry domain.AuditEntry) error
	// EndSessions removes sessions of a person but for the one that is kept; nil keeps none.
	EndSessions(ctx context.Context, staffID int64, keep []byte, entry domain.AuditEntry) error
}

// SecondFactors keeps what people sign in with beside the password.
type SecondFactors interface {
	// ChangeFactors is ChangeStaff with what belongs to a person's second factor.
	ChangeFactors(ctx context.Context, id int64, f Factors, decide Decide) (domain.Staff, error)
	// Passkeys lists a person's passkeys, oldest first; RecoveryCodes counts the recovery codes that are left.
	Passkeys(ctx context.Context, staffID int64) ([]Passkey, error)
	RecoveryCodes(ctx context.Context, staffID int64) (int, error)
}

// Notices keeps what people are to be told.
type Notices interface {
	// Notice reads what somebody is to be told, and ForgetNotice removes it once they were. Errors: not_found.
	Notice(ctx context.Context, id int64) (Notice, error)
	ForgetNotice(ctx context.Context, id int64) error
}

// Opening is a session that begins, with all that is one commit with it.
type Opening struct {
	Session domain.Session
	// Attempt is taken back. Unless the session is only half-way, earlier failures with the e-mail count for it no
	// longer: whoever knows a password alone must not get more guesses at the second factor by it.
	Attempt int64
	HalfWay bool
	// Replaces is the half-way session that this one follows.
	Replaces []byte
	Spend    Spend
	// Device stands for the device; one that the person has not used before is told of by NewDevice, unless it is the
	// first.
	Device    string
	NewDevice Notice
	// Locale is the language the person works in; empty when it is not known.
	Locale string
	Entry  domain.AuditEntry
}

// Spend is what can let somebody in once only. A zero field spends nothing.
type Spend struct {
	// Step is the step of an authenticator app's code: it and all before it are used up.
	Step int64
	// Recovery is the hash of a recovery code.
	Recovery []byte
	// Passkey is the passkey after its use. Challenges made up to its AskedAt are used up.
	Passkey *Passkey
}

// Factors is what changes about a person's second factor beside the person.
type Factors struct {
	// Add is a new passkey, Remove the number of one to be removed. Errors: not_found for one that is not the person's.
	Add    *Passkey
	Remove int64
	// RemoveAll removes every passkey.
	RemoveAll bool
	// Recovery replaces the recovery codes' hashes unless it is nil.
	Recovery [][]byte
	// Keep is the session in which it was done: it goes on, as one that has shown a second factor. All others that have
	// not stop by themselves.
	Keep []byte
}
