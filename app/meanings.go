package app

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"pointbridge/domain"
)

const meaningsLabel = "pointbridge meanings of requests"

// meanings is what digests of requests are keyed with: derived from the secret under a label of its own. Secrets of
// before know again what was asked for under them.
func (c Config) meanings() (keys domain.Meanings, err error) {
	for _, secret := range append([]Secret{c.SecretKey}, c.SecretKeyOld...) {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, meaningsLabel, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive the key of requests: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
