package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
)

const keyMark = "pb"

// APIKey is a credential as it is stored: never the secret, only its hash. A key has 256 random bits, so a plain
// SHA-256 cannot be turned back.
type APIKey struct {
	ID     int64
	Prefix string // public part, finds the row
	Hash   []byte // SHA-256 of the whole token
	Caller Caller
	// StaffID is the person whose token it is; zero for a key that belongs to nobody. Such a token has the role the
	// person has now, and dies with their account.
	StaffID int64
	// OwnerID is the person who answers for a program's key, Owner their mail address where it was read; the key dies
	// with their account. Zero for a key that nobody answers for.
	OwnerID int64
	Owner   string
	// MadeBy is the actor who made it, as the audit names them; empty where nobody can say.
	MadeBy string
	// Stopped says that the owner may not get in at present.
	Stopped bool
	// CreatedAt, ExpiresAt and RevokedAt bound its life. ExpiresAt is exclusive, and nil for a key that does not end.
	CreatedAt time.Time
	ExpiresAt *time.Time
	RevokedAt *time.Time
	// LastUsedAt is when it last let somebody in, to within LastUseEvery; nil for never.
	LastUsedAt *time.Time
}

// LastUseEvery is how often the use of a key is written down.
const LastUseEvery = time.Minute

// Alive reports whether the key lets in at an instant.
func (k APIKey) Alive(now time.Time) bool {
	return k.RevokedAt == nil && !k.Stopped && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// Unowned reports whether nobody answers for the key although somebody should: only a POS's key, and a member's own,
// need nobody of the staff.
func (k APIKey) Unowned() bool {
	return k.StaffID == 0 && k.OwnerID == 0 && k.Caller.Role != RolePOS && k.Caller.Role != RoleCustomer
}

// NewAPIKey draws a token and the prefix and hash that are stored for it. The token is shown once.
func NewAPIKey(random io.Reader) (token, prefix string, hash []byte, err error) {
	buf := make([]byte, 6+32)
	if _, err := io.ReadFull(random, buf); err != nil {
		return "", "", nil, fmt.Errorf("draw a key: %w", err)
	}
	prefix = fmt.Sprintf("%x", buf[:6])
	token = keyMark + "_" + prefix + "_" + base64.RawURLEncoding.EncodeToString(buf[6:])
	return token, prefix, HashAPIKey(token), nil
}

// OfOccasion returns a source for NewAPIKey from which every key of one occasion, such as one form, gets the same
// public part and another secret. The second of them cannot be stored beside the first.
func OfOccasion(occasion string, random io.Reader) io.Reader {
	sum := sha256.Sum256([]byte("key for " + occasion))
	return io.MultiReader(bytes.NewReader(sum[:6]), random)
}

// HashAPIKey returns what is stored of a token.
func HashAPIKey(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// APIKeyPrefix returns the public part of a token, and whether the text has the form of one.
func APIKeyPrefix(token string) (string, bool) {
	mark, rest, ok := strings.Cut(token, "_")
	prefix, secret, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 || mark != keyMark || len(prefix) != 12 || len(secret) != 43 {
		return "", false
	}
	return prefix, true
}
