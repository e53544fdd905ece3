package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// shortestKey is how many bytes of key a digest needs: as many as SHA-256 gives.
const shortestKey = 32

// ErrNoKey is what a keyring without keys answers: without a key there is no digest, and no digest must never be read
// as "nobody matches".
var ErrNoKey = errors.New("no identity key is set")

// ErrVersion is what a digest answers whose key this keyring does not have.
var ErrVersion = errors.New("the digest was made with an identity key that is not set")

// Keyring makes digests. A digest is made with the oldest key and wrapped by each newer one, so that a new key needs
// nothing but the digests that are kept. It follows that no key can ever be left out again: the oldest is in each
// digest. The zero value has no keys.
type Keyring struct{ keys [][]byte }

// NewKeyring takes the keys, the oldest first. Without any it makes a keyring that refuses everything with ErrNoKey.
func NewKeyring(keys ...[]byte) (Keyring, error) {
	ring := Keyring{keys: make([][]byte, 0, len(keys))}
	for i, key := range keys {
		if len(key) < shortestKey {
			return Keyring{}, fmt.Errorf("identity key %d has %d bytes and needs %d", i+1, len(key), shortestKey)
		}
		for j, earlier := range ring.keys {
			if hmac.Equal(key, earlier) {
				return Keyring{}, fmt.Errorf("identity keys %d and %d are the same", j+1, i+1)
			}
		}
		ring.keys = append(ring.keys, append([]byte(nil), key...))
	}
	return ring, nil
}

// NewThrowaway makes a keyring with a key that nobody else has and that goes with it: for a scan that keeps nothing.
func NewThrowaway(random io.Reader) (Keyring, error) {
	key := make([]byte, shortestKey)
	if _, err := io.ReadFull(random, key); err != nil {
		return Keyring{}, fmt.Errorf("make a throwaway identity key: %w", err)
	}
	return NewKeyring(key)
}

// Version is that of the newest key, 0 when there is none.
func (k Keyring) Version() int { return len(k.keys) }

// Print gives the digests of matching keys under the newest key. Errors: ErrNoKey.
func (k Keyring) Print(forms map[Kind][]string) (Print, error) {
	return k.printed(forms, func(all []Digest) []Digest { return all[len(all)-1:] })
}

// Candidates gives the digests of matching keys under every version, the oldest first, so that a lookup finds what is
// not wrapped yet. Errors: ErrNoKey.
func (k Keyring) Candidates(forms map[Kind][]string) (Print, error) {
	return k.printed(forms, func(all []Digest) []Digest { return all })
}

func (k Keyring) printed(forms map[Kind][]string, of func([]Digest) []Digest) (Print, error) {
	if len(k.keys) == 0 {
		return nil, ErrNoKey
	}
	made := make(Print, len(forms))
	for kind, texts := range forms {
		for _, form := range texts {
			made[kind] = append(made[kind], of(k.versions(kind, form))...)
		}
	}
	return made, nil
}

func (k Keyring) versions(kind Kind, form string) []Digest {
	all := make([]Digest, 1, len(k.keys))
	all[0] = Digest{Key: 1, Sum: seal(k.keys[0], string(kind)+"\x00"+form)}
	for len(all) < len(k.keys) {
		all = append(all, k.wrapped(all[len(all)-1]))
	}
	return all
}

// wrapped is the digest under the next key, which must be there.
func (k Keyring) wrapped(d Digest) Digest {
	return Digest{Key: d.Key + 1, Sum: seal(k.keys[d.Key], "wrap\x00"+string(d.Sum[:]))}
}

// Wrap brings a digest under the next newer key. Errors: ErrNoKey; ErrVersion when there is no newer one.
func (k Keyring) Wrap(d Digest) (Digest, error) { return k.WrapTo(d, d.Key+1) }

// WrapTo brings a digest under the key of a version, its own at least. Errors: ErrNoKey; ErrVersion when the keyring
// lacks that version or the digest's own, or the digest is newer.
func (k Keyring) WrapTo(d Digest, version int) (Digest, error) {
	switch {
	case len(k.keys) == 0:
		return Digest{}, ErrNoKey
	case d.Key < 1, version < d.Key, version > len(k.keys):
		return Digest{}, ErrVersion
	}
	for d.Key < version {
		d = k.wrapped(d)
	}
	return d, nil
}

// Check gives a value that is kept with a version, so that the next start notices a key that is another or stands in
// another place: it is made with all the keys up to that version. It tells nothing about them. Errors: ErrNoKey,
// ErrVersion.
func (k Keyring) Check(version int) ([]byte, error) {
	switch {
	case len(k.keys) == 0:
		return nil, ErrNoKey
	case version < 1 || version > len(k.keys):
		return nil, ErrVersion
	}
	var sum [16]byte
	for _, key := range k.keys[:version] {
		sum = seal(key, "check\x00"+string(sum[:]))
	}
	return sum[:], nil
}

// Verify tells whether a kept value is the Check of a version, in constant time. Without that version it is not.
func (k Keyring) Verify(version int, kept []byte) bool {
	check, err := k.Check(version)
	return err == nil && hmac.Equal(check, kept)
}

func seal(key []byte, text string) (sum [16]byte) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	copy(sum[:], mac.Sum(nil))
	return sum
}

// String keeps the keys out of logs and error texts.
func (k Keyring) String() string { return fmt.Sprintf("keyring of %d", len(k.keys)) }

// GoString does so for %#v.
func (k Keyring) GoString() string { return k.String() }
