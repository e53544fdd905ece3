package staff

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"pointbridge/domain"
)

// askedFor is how long a challenge, or the set-up of an authenticator app, may be answered.
const askedFor = 10 * time.Minute

// clocksDiffer is how far the clock of the machine that asked may be ahead.
const clocksDiffer = time.Minute

// errSealed says that a text was not sealed here, for this purpose. It never says why.
var errSealed = errors.New("the sealed text cannot be opened")

// box makes the cipher of one purpose, by a key of its own.
func (s *Service) box(purpose string) (cipher.AEAD, error) {
	if len(s.tools.Secret) < 32 {
		return nil, errors.New("no secret to seal with")
	}
	key, err := hkdf.Key(sha256.New, s.tools.Secret, nil, "pointbridge sign-in "+purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal hides a text that only open reads again, for the same purpose and the same person.
func (s *Service) seal(purpose string, of int64, plain []byte) (string, error) {
	box, err := s.box(purpose)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	sealed := box.Seal(nonce, nonce, plain, fmt.Appendf(nil, "%s %d", purpose, of))
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

func (s *Service) open(purpose string, of int64, text string) ([]byte, error) {
	box, err := s.box(purpose)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) < box.NonceSize() {
		return nil, errSealed
	}
	plain, err := box.Open(
		nil,
		sealed[:box.NonceSize()],
		sealed[box.NonceSize():],
		fmt.Appendf(nil, "%s %d", purpose, of),
	)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// asked is something that a person has to answer, with the time at which it was made.
type asked struct {
	At   time.Time `json:"at"`
	Text []byte    `json:"text"`
}

// ask seals what somebody carries until they answer: nothing has to be kept of those who never do.
func (s *Service) ask(purpose string, of int64, text []byte) (string, error) {
	raw, err := json.Marshal(asked{At: s.now(), Text: text})
	if err != nil {
		return "", err
	}
	return s.seal(purpose, of, raw)
}

// answered opens what was asked. Errors: validation_failed with the field, for what is too old or not from here.
func (s *Service) answered(purpose string, of int64, sealed, field string) (asked, error) {
	raw, err := s.open(purpose, of, sealed)
	if err != nil && !errors.Is(err, errSealed) {
		return asked{}, err
	}
	var a asked
	if err != nil || json.Unmarshal(raw, &a) != nil || s.now().Add(clocksDiffer).Before(a.At) ||
		s.now().Sub(a.At) >= askedFor {
		return asked{}, domain.Refuse(domain.CodeValidation, "field", "body."+field)
	}
	return a, nil
}
