package staff

import (
	"encoding/json"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/vault"
)

// askedFor is how long a challenge, or the set-up of an authenticator app, may be answered.
const askedFor = 10 * time.Minute

// clocksDiffer is how far the clock of the machine that asked may be ahead.
const clocksDiffer = time.Minute

func (s *Service) vault() vault.Vault {
	return vault.Vault{Secret: s.tools.Secret, Label: "pointbridge sign-in", Random: s.random}
}

// seal hides a text that only open reads again, for the same purpose and the same person.
func (s *Service) seal(purpose string, of int64, plain []byte) (string, error) {
	return s.vault().Seal(purpose, of, plain)
}

func (s *Service) open(purpose string, of int64, text string) ([]byte, error) {
	return s.vault().Open(purpose, of, text)
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
	if err != nil && !errors.Is(err, vault.ErrSealed) {
		return asked{}, err
	}
	var a asked
	if err != nil || json.Unmarshal(raw, &a) != nil || s.now().Add(clocksDiffer).Before(a.At) ||
		s.now().Sub(a.At) >= askedFor {
		return asked{}, domain.Refuse(domain.CodeValidation, "field", "body."+field)
	}
	return a, nil
}
