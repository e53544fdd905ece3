package domain

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// StaffMark begins the ID of a caller who is a person.
	StaffMark = "staff:"

	sessionMark = "pbs_"
	// maxAddress is what fits a mail server's path (RFC 5321, 4.5.3.1.3, without the brackets).
	maxAddress = 254

	// MinPassword is in characters, MaxPassword in bytes: what is hashed must have an end.
	MinPassword = 12
	MaxPassword = 256
)

// Staff is a person who works here.
type Staff struct {
	ID    int64
	Email string // as NormalizeEmail gives it; unique
	Name  string
	Role  Role
	// CustomerID is the person's own membership; it may be empty. It never makes them a customer: it is what they may
	// not decide about.
	CustomerID string
	// PasswordHash is NoPassword for whoever signs in by an identity provider alone.
	PasswordHash string
	CreatedAt    time.Time
	DisabledAt   *time.Time
	// Issuer and Subject are who the person is at an identity provider; both are empty for whoever is not known there.
	Issuer, Subject string
	// LinkUntil is until when an identity with the person's mail address may become theirs, because an admin said so.
	LinkUntil *time.Time
	// SuspendedAt is since when the identity provider gives the person no role; it ends when it gives one again.
	SuspendedAt *time.Time
	// Epoch grows whenever everything the person is signed in with has to end; a session of an earlier one is dead.
	Epoch int64
	// MustChangePassword says that somebody else knows the password: it was drawn for the person.
	MustChangePassword bool
	// TOTP is the sealed secret of the person's authenticator app, empty without one; TOTPStep is the last step of it
	// whose code let the person in: a code is good once.
	TOTP     string
	TOTPStep int64
	// Passkeys is how many the person has.
	Passkeys int
	// Locale is the language in which the person last signed in; empty before that.
	Locale string
}

// HasSecondFactor reports whether a password alone does not let the person in.
func (s Staff) HasSecondFactor() bool { return s.TOTP != "" || s.Passkeys > 0 }

// Caller is the person as a caller, whichever credential was used.
func (s Staff) Caller() Caller {
	return Caller{ID: StaffMark + strconv.FormatInt(s.ID, 10), Name: s.Name, Role: s.Role, CustomerID: s.CustomerID,
		PersonID: s.ID}
}

// Enabled reports whether the person may get in.
func (s Staff) Enabled() bool { return s.DisabledAt == nil && s.SuspendedAt == nil }

// NoPassword stands where a password's hash would: it is no hash, so no password fits it.
const NoPassword = "none"

// HasPassword reports whether there is a password that lets the person in.
func (s Staff) HasPassword() bool { return s.PasswordHash != NoPassword }

// Federated reports whether the person is known at an identity provider.
func (s Staff) Federated() bool { return s.Subject != "" }

// MayBeLinked reports whether an identity with the person's mail address may become theirs. Whoever has a password, or
// is somebody at the provider already, is not taken over by whoever has the address there now, but by an admin's word.
func (s Staff) MayBeLinked(now time.Time) bool {
	return (!s.HasPassword() && !s.Federated()) || (s.LinkUntil != nil && now.Before(*s.LinkUntil))
}

// RunsTheSystem reports whether the person can let others in.
func (s Staff) RunsTheSystem() bool { return s.Enabled() && s.Role == RoleSystemAdmin }

// StaffRoles lists the roles a person can have.
func StaffRoles() []Role { return []Role{RoleStaff, RoleStoreManager, RoleECAdmin, RoleSystemAdmin} }

// OfStaff reports whether a person can have the role.
func (r Role) OfStaff() bool { return slices.Contains(StaffRoles(), r) }

// Decides reports whether the role does what only a person may: a program that could make such a person could be one.
func (r Role) Decides() bool { return r.OfStaff() && r != RoleStaff }

// Session is a sign-in as it is stored: of the token, which has 256 random bits, only the hash.
type Session struct {
	Hash      []byte // SHA-256 of the whole token
	StaffID   int64
	Epoch     int64 // the person's, when they signed in
	CreatedAt time.Time
	ExpiresAt time.Time // exclusive
	// Provider is what an identity provider said of how the person signed in there, factors included; empty for whoever
	// signed in here.
	Provider string
	// AuthenticatedAt is when the person last showed who they are, SeenAt when the session was last used, to the
	// minute.
	AuthenticatedAt, SeenAt time.Time
	// Methods says how the person signed in, e.g. "password totp"; SecondFactor that this was more than one factor.
	Methods      string
	SecondFactor bool
	// Agent is the browser and system in a word or two, Address where the sign-in came from; both are for the person to
	// recognise.
	Agent, Address string
}

// PublicID names a session to its owner. It is a part of the hash, so that it opens nothing.
func (s Session) PublicID() string { return hex.EncodeToString(s.Hash[:min(len(s.Hash), 8)]) }

// By reports whether a method was part of the sign-in.
func (s Session) By(method string) bool { return slices.Contains(strings.Fields(s.Methods), method) }

// Alive reports whether the session still lets this person in.
func (s Session) Alive(of Staff, now time.Time) bool {
	return s.StaffID == of.ID && s.Epoch == of.Epoch && of.Enabled() && now.Before(s.ExpiresAt)
}

// NewSessionToken draws a token and the hash that is stored of it.
func NewSessionToken(random io.Reader) (token string, hash []byte, err error) {
	var secret [32]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", nil, fmt.Errorf("draw a session: %w", err)
	}
	token = sessionMark + base64.RawURLEncoding.EncodeToString(secret[:])
	return token, HashAPIKey(token), nil
}

// IsSessionToken reports whether the text has the form of one.
func IsSessionToken(token string) bool {
	secret, ok := strings.CutPrefix(token, sessionMark)
	return ok && len(secret) == 43
}

// NormalizeEmail returns the one spelling of an address by which a person is known, and whether it is an address alone.
func NormalizeEmail(text string) (string, bool) {
	email := strings.ToLower(strings.TrimSpace(text))
	foreign := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if len(email) > maxAddress || strings.ContainsAny(email, "<>()") || strings.ContainsFunc(email, foreign) ||
		!utf8.ValidString(text) {
		return email, false
	}
	parsed, err := mail.ParseAddress(email)
	return email, err == nil && parsed.Name == "" && parsed.Address == email
}

// DrawRecoveryCode makes a code of four groups of four letters and digits, 79 bits that can be written on paper.
func DrawRecoveryCode(random io.Reader) (string, error) {
	drawn, err := DrawLetters(random, 16)
	if err != nil {
		return "", fmt.Errorf("draw a recovery code: %w", err)
	}
	drawn = strings.ToLower(drawn)
	return drawn[:4] + "-" + drawn[4:8] + "-" + drawn[8:12] + "-" + drawn[12:], nil
}

// GoodPassword reports whether somebody may choose this password. Length is what counts; no kind of character is asked
// for.
func GoodPassword(password string) bool {
	return utf8.ValidString(password) && utf8.RuneCountInString(password) >= MinPassword && len(password) <= MaxPassword
}

// DrawPassword makes a password of four groups of five letters and digits, 99 bits that can be read out.
func DrawPassword(random io.Reader) (string, error) {
	drawn, err := DrawLetters(random, 20)
	if err != nil {
		return "", fmt.Errorf("draw a password: %w", err)
	}
	drawn = strings.ToLower(drawn)
	return drawn[:5] + "-" + drawn[5:10] + "-" + drawn[10:15] + "-" + drawn[15:], nil
}
