package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Meanings makes digests of what requests ask for. A request that comes again under its key has to ask for the same; what
// it asked for may name people, and a bare hash of that can be guessed from a list of them. The keys are the one in use
// and those of before; nil has no key.
type Meanings [][]byte

// Of is the digest of a text, under the key in use.
func (m Meanings) Of(text string) string {
	if len(m) == 0 {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	mac := hmac.New(sha256.New, m[0])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// Same reports whether a stored digest is that of a text: under the key in use or one of before, or the bare hash that
// was kept of it before there was a key.
func (m Meanings) Same(stored, text string) bool {
	for i := 0; i <= len(m); i++ {
		if hmac.Equal([]byte(stored), []byte(m[i:].Of(text))) {
			return true
		}
	}
	return false
}
