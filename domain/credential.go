package domain

import "encoding/hex"

// What let somebody in stands beside their name in the audit: two lines of one person by two credentials are told
// apart. The names are made of what is public of a credential; nobody gets in with them.

// Credential names a session by the beginning of the hash that is stored of it.
func (s Session) Credential() string {
	if s.Provider != "" {
		return "oidc:" + hex.EncodeToString(s.Hash[:min(len(s.Hash), 6)])
	}
	return "session:" + hex.EncodeToString(s.Hash[:min(len(s.Hash), 6)])
}

// Credential names a key of a program, or a token of a person, by its public part.
func (k APIKey) Credential() string {
	if k.StaffID != 0 {
		return "token:" + k.Prefix
	}
	return "key:" + k.Prefix
}

// Caller returns the person as a caller whom this session let in.
func (s Session) Caller(person Staff) Caller {
	caller := person.Caller()
	caller.Credential = s.Credential()
	return caller
}

// MakesCredential reports whether an audit entry with this action means that its actor made or reset something that
// a person signs in with: whoever did may have signed in as that person.
func MakesCredential(action string) bool {
	switch action {
	case ActionStaffAdded, ActionStaffPasswordSet, ActionStaffSecondFactorReset, ActionIdentityLinkAllowed:
		return true
	default:
		return false
	}
}
