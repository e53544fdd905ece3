package staff

import (
	"time"

	"pointbridge/domain"
)

// Tools is what sign-in works with beside passwords. Without a tool what needs it is refused; only Strength may be left
// out where nobody chooses a password.
type Tools struct {
	// Strength tells how hard a password is to guess, TOTP knows codes of authenticator apps, Passkeys knows browsers'
	// keys.
	Strength Strength
	TOTP     TOTP
	Passkeys Passkeys
	// Secret is what keys for sealing are made from.
	Secret []byte
	// Shop is the shop's name: authenticator apps show it, and passwords must not be made of it.
	Shop string
	// Required are the roles that must have a second factor.
	Required map[domain.Role]bool
	// Idle ends a session that was not used for so long; zero for never.
	Idle time.Duration
}

// Equip gives the service its tools, before it is used.
func (s *Service) Equip(tools Tools) *Service {
	s.tools = tools
	return s
}

// Strength tells how hard a password is to guess.
type Strength interface {
	// Score is from 0, guessed at once, to 4. about are words that somebody would try first for this person.
	Score(password string, about []string) int
}

// TOTP knows the codes of authenticator apps (RFC 6238).
type TOTP interface {
	// Enrol makes a secret, and the address by which apps take it in.
	Enrol(shop, account string) (secret, uri string, err error)
	// URI is the address again of a secret that was made before.
	URI(shop, account, secret string) string
	// Step returns the step whose code this is, among those that are good at the time; 0 for none of them.
	Step(secret, code string, at time.Time) int64
	// Picture is the address as a code to be photographed: a path in a square of so many units.
	Picture(uri string) (path string, size int, err error)
}

// Passkeys knows browsers' keys (WebAuthn). A challenge is what the browser is asked, and what the answer is compared
// with. It is this large because making a passkey and signing in by one are a question and an answer each, and both
// belong to one site.
type Passkeys interface {
	// Site is the host that passkeys are bound to; empty where the service's address allows none.
	Site() string
	// Create asks a browser for a new passkey of the person; those they have are left out.
	Create(owner PasskeyOwner, have []Passkey) (options, challenge []byte, err error)
	// Created checks the browser's answer.
	Created(owner PasskeyOwner, challenge, answer []byte) (Passkey, error)
	// Ask asks for one of these passkeys; without any for whichever the browser has, and for user verification.
	Ask(owner PasskeyOwner, have []Passkey) (options, challenge []byte, err error)
	// Who reads from an answer which person it speaks of, and by which passkey. Nothing is proved by it.
	Who(answer []byte) (handle string, credentialID []byte, err error)
	// Answered checks an answer. It gives the passkey as it is from now on, and whether the person was verified by it.
	Answered(owner PasskeyOwner, have []Passkey, challenge, answer []byte) (used Passkey, verified bool, err error)
}

// PasskeyOwner is a person as browsers know them.
type PasskeyOwner struct{ Handle, Email, Name string }

// Passkey is a browser's key as it is stored.
type Passkey struct {
	ID      int64
	StaffID int64
	Name    string
	// CredentialID is how the browser calls it, Credential what is needed to check an answer.
	CredentialID, Credential []byte
	CreatedAt                time.Time
	// UsedAt is when it was last used. AskedAt is when the last challenge was made that it answered: an older one, or
	// the same again, is answered in vain.
	UsedAt  *time.Time
	AskedAt time.Time
}
