// Package passwordstest makes hashes for people in tests. Only tests import it.
package passwordstest

import (
	"github.com/alexedwards/argon2id"

	"pointbridge/integrations/passwords"
)

// Cheap is the product's hasher but for what a new hash costs: next to nothing. What is made here is compared by the
// settings that stand in it, as every hash is, so a sign-in with it goes the product's way.
type Cheap struct{ passwords.Argon2id }

// Hash implements staff.Hasher.
func (Cheap) Hash(password string) (string, error) {
	return argon2id.CreateHash(password,
		&argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}
