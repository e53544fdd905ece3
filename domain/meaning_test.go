package domain_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestWhatARequestAskedForCannotBeGuessed without the key, and what was kept before there was a key is still known again.
func TestWhatARequestAskedForCannotBeGuessed(t *testing.T) {
	t.Parallel()
	const text = "email\ntaro@example.com\n"
	sum := sha256.Sum256([]byte(text))
	bare := hex.EncodeToString(sum[:])
	keyed, other := domain.Meanings{[]byte("a key")}, domain.Meanings{[]byte("another key")}
	expect.That(t, "the digest is keyed", keyed.Of(text) != bare && keyed.Of(text) != other.Of(text))
	for _, c := range []struct {
		what, stored, asked string
		same                bool
	}{
		{"the same", keyed.Of(text), text, true}, {"kept without a key", bare, text, true},
		{"something else", keyed.Of(text), text + " ", false}, {"something else than without a key", bare, "", false},
		{"under another key", other.Of(text), text, false}, {"nothing", "", text, false},
	} {
		expect.Equal(t, c.what, keyed.Same(c.stored, c.asked), c.same)
	}
	changed := domain.Meanings{[]byte("a third key"), other[0], keyed[0]}
	for _, stored := range []string{changed.Of(text), other.Of(text), keyed.Of(text), bare} {
		expect.That(t, "what was kept under a key of before is known again", changed.Same(stored, text))
		expect.That(t, "and it is not something else", !changed.Same(stored, text+" "))
	}
	expect.That(t, "a key of before makes no digests", changed.Of(text) != other.Of(text) && changed.Of(text) != keyed.Of(text))
}
