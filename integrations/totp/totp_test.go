package totp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"pointbridge/integrations/totp"
)

// rfcSecret is the secret of RFC 6238, appendix B, in base 32.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestStep(t *testing.T) {
	t.Parallel()
	at := time.Unix(1111111109, 0) // the RFC's code of eight digits then is 07081804
	step := at.Unix() / 30
	for name, c := range map[string]struct {
		code string
		at   time.Time
		want int64
	}{
		"the RFC's own":        {"081804", at, step},
		"a step late":          {"081804", at.Add(30 * time.Second), step},
		"a step early":         {"081804", at.Add(-30 * time.Second), step},
		"two steps late":       {"081804", at.Add(61 * time.Second), 0},
		"another":              {"081805", at, 0},
		"none":                 {"", at, 0},
		"one digit too many":   {"0818041", at, 0},
		"before the first one": {"081804", time.Unix(0, 0), 0},
	} {
		if got := (totp.Codes{}).Step(rfcSecret, c.code, c.at); got != c.want {
			t.Errorf("%s: step %d, want %d", name, got, c.want)
		}
	}
	if got := (totp.Codes{}).Step("not base 32!", "081804", at); got != 0 {
		t.Errorf("a broken secret: step %d", got)
	}
}

func TestEnrol(t *testing.T) {
	t.Parallel()
	secret, uri, err := totp.Codes{}.Enrol("森の店: 本店", "mori@example.com")
	if err != nil {
		t.Fatal(err)
	}
	key, err := otp.NewKeyFromURL(uri)
	if err != nil || key.Secret() != secret || key.Issuer() != "森の店  本店" ||
		key.AccountName() != "mori@example.com" ||
		len(secret) != 32 {
		t.Fatalf("an app reads %q, %q, %q: %v", key.Issuer(), key.AccountName(), key.Secret(), err)
	}
	if (totp.Codes{}).URI("森の店: 本店", "mori@example.com", secret) != uri {
		t.Error("the address of the same secret is another one")
	}
	path, size, err := totp.Codes{}.Picture(uri)
	if err != nil || size < 29 || !strings.HasPrefix(path, "M4 4h1v1h-1z") {
		t.Errorf("a picture of %d units begins with %.12q: %v", size, path, err)
	}
}

// TestAShopsNameIsReadWhole: whatever signs a shop's name has, apps show all of it, those too that read + as a blank.
func TestAShopsNameIsReadWhole(t *testing.T) {
	t.Parallel()
	for _, shop := range []string{"A&B", "Tom & Jerry", "C+D", "x=y", "50% off", "森の店#1", "a/b?c", "$5"} {
		uri := (totp.Codes{}).URI(shop, "mori+shop@example.com", rfcSecret)
		key, err := otp.NewKeyFromURL(uri)
		if err != nil || key.Issuer() != shop || key.AccountName() != "mori+shop@example.com" || key.Secret() != rfcSecret {
			t.Errorf("%q is read as %q, %q, %q: %v", shop, key.Issuer(), key.AccountName(), key.Secret(), err)
		}
		if strings.ContainsAny(uri, "+ ") || strings.Count(uri, "&") != 4 {
			t.Errorf("%q can be read in two ways", uri)
		}
	}
}
