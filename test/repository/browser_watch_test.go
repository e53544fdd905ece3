package repository

import (
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestWordKeys: the search for keys finds one, and takes no sentence for one.
func TestWordKeys(t *testing.T) {
	t.Parallel()
	keys, err := world.WordKeys()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"status.active": true, "review.kind.order_cancelled": true,
		"It is your coupon. Use it.": false, "staff@example.com": false} {
		expect.Equal(t, "keys.MatchString(text)", keys.MatchString(text), want, text, !want)
	}
}
