package vault_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"pointbridge/domain/vault"
	"pointbridge/test/expect"
)

// TestOnlyTheSamePurposeAndOwnerOpen: whoever has the database, another purpose, another owner or another label reads
// nothing.
func TestOnlyTheSamePurposeAndOwnerOpen(t *testing.T) {
	t.Parallel()
	secret := []byte("a secret of at least thirty-two letters")
	v := vault.Vault{Secret: secret, Label: "one", Random: rand.Reader}
	sealed, err := v.Seal("a purpose", 7, []byte("hidden"))
	expect.MustEqual(t, "err", err, nil)
	plain, err := v.Open("a purpose", 7, sealed)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the text", string(plain), "hidden")
	other := vault.Vault{Secret: secret, Label: "another", Random: rand.Reader}
	for name, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return v.Open("another", 7, sealed) },
		"another owner":   func() ([]byte, error) { return v.Open("a purpose", 8, sealed) },
		"another label":   func() ([]byte, error) { return other.Open("a purpose", 7, sealed) },
		"another text":    func() ([]byte, error) { return v.Open("a purpose", 7, "AA"+sealed[2:]) },
		"no text":         func() ([]byte, error) { return v.Open("a purpose", 7, "") },
	} {
		got, err := open()
		expect.That(t, name+" to open nothing", errors.Is(err, vault.ErrSealed) && got == nil, err)
	}
	_, err = vault.Vault{Secret: []byte("short"), Random: rand.Reader}.Seal("a purpose", 7, nil)
	expect.That(t, "a short secret to be refused", err != nil)
}
