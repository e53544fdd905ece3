package subprocess_test

import (
	"net"
	"testing"

	"pointbridge/tools/subprocess"
)

// TestAFreeAddressIsNobodyElses: whoever asks next gets another one, also while nobody listens on the first yet.
func TestAFreeAddressIsNobodyElses(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 300 {
		address, err := subprocess.FreeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[address] {
			t.Fatalf("%s is given out twice", address)
		}
		seen[address] = true
	}
	for address := range seen {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
