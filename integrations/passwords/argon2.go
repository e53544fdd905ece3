// Package passwords hashes passwords with Argon2id. It is the only package that knows how.
package passwords

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The smallest of the settings that OWASP recommends for Argon2id, by its Password Storage Cheat Sheet.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	threads   = 1
	saltBytes = 16
	hashBytes = 32

	// What a stored hash may ask for: one that was damaged must not take the machine's memory.
	maxMemoryKiB = 64 * 1024
	maxPasses    = 10
)

// Argon2id hashes into PHC strings: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
type Argon2id struct{}

type parts struct {
	memory, passes uint32
	threads        uint8
	salt, hash     []byte
}

// Hash draws a salt and hashes.
func (Argon2id) Hash(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	return ours(salt, derive(password, parts{memoryKiB, passes, threads, salt, make([]byte, hashBytes)})), nil
}

// Verify compares in constant time. A hash that cannot be read is compared like any other, and fits nothing.
func (a Argon2id) Verify(stored, password string) bool {
	p, ok := parse(stored)
	if !ok {
		p, _ = parse(a.Decoy())
	}
	same := subtle.ConstantTimeCompare(derive(password, p), p.hash) == 1
	return same && ok
}

// Decoy costs as much as any hash of ours and fits nothing: what it was made of is not known.
func (Argon2id) Decoy() string { return ours(make([]byte, saltBytes), make([]byte, hashBytes)) }

// derive takes the same letters for the same password, however the keyboard composed them.
func derive(password string, p parts) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), p.salt, p.passes, p.memory, p.threads, uint32(len(p.hash))) //nolint:gosec // parse bounds the length
}

func ours(salt, hash []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, threads, b64(salt), b64(hash))
}

// parse reads a PHC string, so that hashes made with other settings go on working.
func parse(text string) (parts, bool) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return parts{}, false
	}
	var p parts
	if n, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); err != nil || n != 3 {
		return parts{}, false
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(fields[4])
	p.hash, err2 = base64.RawStdEncoding.DecodeString(fields[5])
	whole := err1 == nil && err2 == nil && len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.hash) >= 16 && len(p.hash) <= 64
	bounded := p.memory >= 8 && p.memory <= maxMemoryKiB && p.passes >= 1 && p.passes <= maxPasses && p.threads >= 1 && p.threads <= 4
	return p, whole && bounded
}
