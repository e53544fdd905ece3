package staff

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Store says by noun who keeps people and how they get in. What it is told to record is one commit with what it
// changes.
type Store struct {
	People
	SecondFactors
	Attempts
	Sessions
	Tokens
	Notices
	Recorder
}

// Directory reads people.
type Directory interface {
	// StaffByEmail and StaffByID read a person. Errors: not_found.
	StaffByEmail(ctx context.Context, email string) (domain.Staff, error)
	StaffByID(ctx context.Context, id int64) (domain.Staff, error)
	// StaffByIdentity reads who a person at an identity provider is. Errors: not_found.
	StaffByIdentity(ctx context.Context, issuer, subject string) (domain.Staff, error)
	// ListStaff lists everybody there ever was, in the order in which they came.
	ListStaff(ctx context.Context) ([]domain.Staff, error)
}

// People keeps who works here.
type People interface {
	Directory
	// AddStaff stores a new person; the audit entry gets their id. Errors: staff_already_exists.
	AddStaff(ctx context.Context, s domain.Staff, entry domain.AuditEntry) (domain.Staff, error)
	// ChangeStaff lets decide say what becomes of a person. Nobody else changes them, or who runs the system, between
	// what decide sees and what is written. Sessions of an earlier epoch are removed; the tokens of somebody who is
	// disabled are revoked. Errors: not_found, staff_already_exists, and what decide says.
	ChangeStaff(ctx context.Context, id int64, decide Decide) (domain.Staff, error)
}

// Attempts counts how often somebody tried to sign in.
type Attempts interface {
	// TrySignIn counts an attempt as a failure, until OpenSession says otherwise, or tells how long to wait by its
	// bounds. Attempts at the same time are counted one after the other, whichever process they arrive at.
	TrySignIn(ctx context.Context, a Attempt) (id int64, wait time.Duration, err error)
	// Forgive takes an attempt back that opens no session, as OpenSession does; earlier failures with its e-mail from
	// its source count for the e-mail no longer. Those of others do: a person who signs in does not let strangers guess
	// on.
	Forgive(ctx context.Context, attempt int64) error
	// Withdraw takes an attempt back that was no failure; earlier ones go on counting.
	Withdraw(ctx context.Context, attempt int64, entry domain.AuditEntry) error
}

// Tokens keeps the tokens of people.
type Tokens interface {
	// AddToken stores a token of a person; StaffTokens lists those that are alive, without hashes; RevokeToken ends
	// one. Errors: not_found, key_already_made.
	AddToken(ctx context.Context, k domain.APIKey, entry domain.AuditEntry) (domain.APIKey, error)
	StaffTokens(ctx context.Context, staffID int64) ([]domain.APIKey, error)
	RevokeToken(ctx context.Context, staffID, tokenID int64, entry domain.AuditEntry) error
}

// Recorder writes audit entries of what changes nothing.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Decide says what becomes of a person: what they are from now on, and what is recorded. Nothing recorded means that
// nothing changes. others is how many other people can let somebody in.
type Decide func(now domain.Staff, others int) (next domain.Staff, record []domain.AuditEntry, err error)

// Hasher turns passwords into what is stored of them. Each call costs much memory and time, by intention.
type Hasher interface {
	Hash(password string) (string, error)
	// Verify compares; what is no hash fits no password, at no less cost.
	Verify(hash, password string) bool
	// Decoy is a hash that fits no password and costs the same to compare.
	Decoy() string
}
