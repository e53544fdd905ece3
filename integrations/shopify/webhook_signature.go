package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Secrets are the client secrets that a signature may have been made with: the app's own and, while it is being
// replaced, the one before. An empty one is none.
type Secrets []string

// SignedBody reports whether the signature, as X-Shopify-Hmac-Sha256 carries it, was made over exactly these bytes with
// one of the secrets. Every secret is tried whatever the others say, and the comparisons take the same time for right
// and wrong.
func (s Secrets) SignedBody(body []byte, signature string) bool {
	given := signatureBytes(signature)
	if given == nil || len(body) == 0 {
		return false
	}
	signed := false
	for _, secret := range s {
		if secret == "" {
			continue // everybody knows the empty secret
		}
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write(body) // a hash never fails
		if hmac.Equal(mac.Sum(nil), given) {
			signed = true
		}
	}
	return signed
}

// signatureShaped reports whether a text can be a signature at all.
func signatureShaped(signature string) bool { return signatureBytes(signature) != nil }

// signatureBytes reads a signature in the one way of writing that it has; nil for anything else.
func signatureBytes(signature string) []byte {
	if len(signature) != base64.StdEncoding.EncodedLen(sha256.Size) {
		return nil
	}
	given, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(given) != sha256.Size {
		return nil
	}
	return given
}
