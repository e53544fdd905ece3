package app

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain/identity"
)

const (
	identityLabel = "pointbridge identity digests v1"
	// mostOfAnAttribute bounds the name of a cart attribute, in characters.
	mostOfAnAttribute = 100
	shortestRetention = 30 * 24 * time.Hour
	longestRetention  = 10 * 366 * 24 * time.Hour
)

var domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// IdentityKeys are the keys of digests, each derived from a secret of the settings, the oldest first. Where there is no
// key of its own the derived one of SECRET_KEY is the newest.
func (c Config) IdentityKeys() (identity.Keyring, error) {
	secrets := append([]Secret{}, c.IdentityKeyOld...)
	if c.IdentityKey != "" {
		secrets = append(secrets, c.IdentityKey)
	} else {
		secrets = append(secrets, c.SecretKey)
	}
	keys := make([][]byte, 0, len(secrets))
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, identityLabel, sha256.Size)
		if err != nil {
			return identity.Keyring{}, fmt.Errorf("derive an identity key: %w", err)
		}
		keys = append(keys, key)
	}
	return identity.NewKeyring(keys...)
}

// checkIdentity finds what is wrong with the settings by which people are recognised.
func (c Config) checkIdentity(f *faults) {
	if c.IdentityKey != "" {
		checkSecret(f, "IDENTITY_KEY", string(c.IdentityKey), 32)
	}
	seen := map[Secret]bool{c.IdentityKey: c.IdentityKey != "", c.SecretKey: c.IdentityKey == ""}
	for _, old := range c.IdentityKeyOld {
		if len(old) < 32 {
			f.add("IDENTITY_KEY_OLD must hold keys of at least 32 characters")
		}
		if seen[old] {
			f.add("IDENTITY_KEY_OLD holds a key twice, or the one in use")
		}
		seen[old] = true
	}
	if d := time.Duration(c.IdentityRetention); d < shortestRetention || d > longestRetention {
		f.add("IDENTITY_RETENTION must be between 30d and 10 years")
	}
	for _, name := range c.IdentityDisposable {
		if !domainPattern.MatchString(name) {
			f.add("IDENTITY_DISPOSABLE_DOMAINS must be names of domains in small letters, such as mailinator.com")
		}
	}
	checkTag(f, "IDENTITY_TAG_ORDER", c.IdentityTagOrder)
	checkTag(f, "IDENTITY_TAG_CUSTOMER", c.IdentityTagCustomer)
	c.checkDevice(f)
}

func (c Config) checkDevice(f *faults) {
	if name := c.IdentityDevice; name == "" || utf8.RuneCountInString(name) > mostOfAnAttribute ||
		name != strings.TrimSpace(name) || strings.ContainsFunc(name, unicode.IsControl) {
		f.add("IDENTITY_DEVICE_ATTRIBUTE must be the name of a cart attribute, of at most %d characters",
			mostOfAnAttribute)
	}
}
