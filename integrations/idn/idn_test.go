package idn_test

import (
	"testing"

	"pgregory.net/rapid"

	"pointbridge/integrations/idn"
)

func TestOneDomainHasOneName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"日本語.jp": "xn--wgv71a119e.jp", "xn--wgv71a119e.jp": "xn--wgv71a119e.jp", "MÜLLER.de": "xn--mller-kva.de",
		"müller.de": "xn--mller-kva.de", "mu\u0308ller.de": "xn--mller-kva.de", "example.com": "example.com",
		"a_b.example.com": "a_b.example.com", "日本 語.jp": "", "": "",
	} {
		if got := idn.ASCII(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestANameInASCIIIsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := idn.ASCII(rapid.String().Draw(t, "name"))
		if again := idn.ASCII(once); again != once {
			t.Fatalf("%q became %q", once, again)
		}
	})
}
