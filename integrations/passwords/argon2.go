// Package passwords hashes passwords with Argon2id. It is the only package that knows how.
package passwords

import (
	"fmt"
	"strings"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// settings are the smallest that OWASP recommends for Argon2id, by its Password Storage Cheat Sheet.
var settings = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// What a stored hash may ask for: one that was damaged must not take the machine's memory.
const (
	maxMemoryKiB = 64 * 1024
	maxPasses    = 10
	maxThreads   = 4
)

// Argon2id hashes into PHC strings: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
type Argon2id struct{}

// Hash draws a salt and hashes.
func (Argon2id) Hash(password string) (string, error) {
	hash, err := argon2id.CreateHash(composed(password), &settings)
	if err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	return hash, nil
}

// Verify compares in constant time. A hash that cannot be read is compared like any other, and fits nothing.
func (a Argon2id) Verify(stored, password string) bool {
	ok := sound(stored)
	if !ok {
		stored = a.Decoy()
	}
	same, err := argon2id.ComparePasswordAndHash(composed(password), stored)
	return same && ok && err == nil
}

// Decoy costs as much as any hash of ours and fits nothing: what it was made of is not known.
func (Argon2id) Decoy() string {
	return "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43)
}

// composed returns the same letters for the same password, however the keyboard composed them.
func composed(password string) string { return norm.NFKC.String(password) }

// sound reports whether a stored hash can be read and asks for no more than this machine gives. Hashes made with other
// settings than ours go on working.
func sound(stored string) bool {
	if !strings.HasPrefix(stored, "$argon2id$v=19$") {
		return false
	}
	p, salt, hash, err := argon2id.DecodeHash(stored)
	if err != nil {
		return false
	}
	return within(len(salt), 8, 64) && within(len(hash), 16, 64) && within(int(p.Memory), 8, maxMemoryKiB) &&
		within(int(p.Iterations), 1, maxPasses) && within(int(p.Parallelism), 1, maxThreads)
}

func within(n, least, most int) bool { return least <= n && n <= most }
