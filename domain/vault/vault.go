// Package vault hides texts that lie in the database, or go out and come back, from whoever has the database or the
// way alone.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// ErrSealed says that a text was not sealed here, for this purpose and this owner. It never says why.
var ErrSealed = errors.New("the sealed text cannot be opened")

// leastSecret is how long a secret has to be, in bytes.
const leastSecret = 32

// Vault seals with AES-256-GCM, by a key of its own for each purpose that is derived from one secret.
type Vault struct {
	Secret []byte
	// Label tells one use of the secret from another: two vaults of different labels open nothing of one another's.
	Label  string
	Random io.Reader
}

func (v Vault) box(purpose string) (cipher.AEAD, error) {
	if len(v.Secret) < leastSecret {
		return nil, errors.New("no secret to seal with")
	}
	key, err := hkdf.Key(sha256.New, v.Secret, nil, v.Label+" "+purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seal hides a text that only Open reads again, for the same purpose and the same owner.
func (v Vault) Seal(purpose string, of int64, plain []byte) (string, error) {
	box, err := v.box(purpose)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := io.ReadFull(v.Random, nonce); err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	sealed := box.Seal(nonce, nonce, plain, owner(purpose, of))
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open reads what Seal hid. Errors: ErrSealed for whatever was not sealed for this purpose and owner.
func (v Vault) Open(purpose string, of int64, text string) ([]byte, error) {
	box, err := v.box(purpose)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) < box.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], owner(purpose, of))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

func owner(purpose string, of int64) []byte { return fmt.Appendf(nil, "%s %d", purpose, of) }
