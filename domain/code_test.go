package domain_test

import (
	"bytes"
	"crypto/rand"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

func yen(n int64) domain.Money { return domain.Money{Minor: n, Currency: "JPY"} }

// covers: H-17
func TestNewCode(t *testing.T) {
	t.Parallel()
	t.Run("whose, which and how much", func(t *testing.T) {
		t.Parallel()
		code, err := domain.NewCode(rand.Reader, "8812370934", yen(500))
		if err != nil || !regexp.MustCompile(`^70934-[A-Z0-9]{6}-500$`).MatchString(code) {
			t.Fatalf("got %q, %v", code, err)
		}
	})
	t.Run("short ids and ids with marks", func(t *testing.T) {
		t.Parallel()
		for id, want := range map[string]string{"12": "12-", "a_b-c": "ABC-", "member-00-7": "ER007-"} {
			code, err := domain.NewCode(rand.Reader, id, yen(100))
			if err != nil || !strings.HasPrefix(code, want) {
				t.Errorf("id %q gives %q, %v; want %s…", id, code, err, want)
			}
		}
	})
	t.Run("the amount can be read in every currency", func(t *testing.T) {
		t.Parallel()
		for want, amount := range map[string]domain.Money{
			"-500": yen(500), "-12": {Minor: 1200, Currency: "USD"}, "-12-99": {Minor: 1299, Currency: "USD"},
			"-0-05": {Minor: 5, Currency: "USD"}, "-0-500": {Minor: 500, Currency: "KWD"},
			"-5": {Minor: 5000, Currency: "KWD"}, "-12-050": {Minor: 12_050, Currency: "BHD"},
		} {
			code, err := domain.NewCode(rand.Reader, "1", amount)
			if err != nil || code[len("1-AB72CD"):] != want {
				t.Errorf("%s gives %q, %v; want …%s", amount.Decimal(), code, err, want)
			}
			if _, ours := domain.NormalizeCode(code); !ours {
				t.Errorf("%s is not known for one of ours", code)
			}
		}
	})
	t.Run("a source that ends is an error", func(t *testing.T) {
		t.Parallel()
		if code, err := domain.NewCode(bytes.NewReader([]byte{1, 2}), "1", yen(1)); err == nil {
			t.Fatalf("got %q", code)
		}
	})
}

func TestCodesAreUnbiased(t *testing.T) {
	t.Parallel()
	// Bytes 248 to 255 do not divide evenly into 31 letters: they are thrown away, not folded.
	source := append(bytes.Repeat([]byte{255}, 6), 0, 1, 2, 3, 4, 30)
	code, err := domain.NewCode(bytes.NewReader(source), "1", yen(1))
	if err != nil || code != "1-23456Z-1" {
		t.Fatalf("got %q, %v", code, err)
	}
}

func TestCodesFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[A-Za-z0-9_-]{0,63}[A-Za-z0-9]`).Draw(t, "id")
		amount := rapid.Int64Range(1, math.MaxInt64).Draw(t, "amount")
		if !domain.ValidCustomerID(id) {
			t.Fatalf("%q was refused", id)
		}
		currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD"}).Draw(t, "currency")
		code, err := domain.NewCode(rand.Reader, id, domain.Money{Minor: amount, Currency: currency})
		if err != nil {
			t.Fatal(err)
		}
		same, ok := domain.NormalizeCode(" " + strings.ToLower(code) + "\n")
		if !ok || same != code {
			t.Fatalf("%q in lower case came back as %q, %v", code, same, ok)
		}
		for _, ref := range []string{domain.TakeReference(code), domain.GiveBackReference(code),
			domain.GrantReference(code)} {
			if len(ref) > 40 {
				t.Fatalf("reference %q has %d characters", ref, len(ref))
			}
		}
	})
}

func TestValidCustomerID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "-", "___", "a b", "a/b", "日本", "a.b", strings.Repeat("1", 65), "a\n"} {
		if domain.ValidCustomerID(id) {
			t.Errorf("%q was accepted", id)
		}
	}
}

func FuzzNormalizeCode(f *testing.F) {
	f.Add("70934-AB72CD-500")
	f.Add("ı-234567-1")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := domain.NormalizeCode(text)
		if !ok {
			return
		}
		again, ok2 := domain.NormalizeCode(code)
		if !ok2 || again != code {
			t.Fatalf("%q became %q and then %q", text, code, again)
		}
	})
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	token, prefix, hash, err := domain.NewAPIKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := domain.APIKeyPrefix(token)
	if !ok || got != prefix || !bytes.Equal(hash, domain.HashAPIKey(token)) ||
		bytes.Contains(hash, []byte(token[16:])) {
		t.Fatalf("token %q: prefix %q, %v", token, got, ok)
	}
	for _, bad := range []string{"", "pb_", "pb_1_2", "xx" + token[2:], token + "x", strings.Replace(token, "_", "-",
		2)} {
		if _, ok := domain.APIKeyPrefix(bad); ok {
			t.Errorf("%q passed for a key", bad)
		}
	}
}

// TestACodeThatIsReadOutWithoutHyphensIsFound: whatever its member's id begins with, and whatever its amount; and the
// beginning of one is too.
func TestACodeThatIsReadOutWithoutHyphensIsFound(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"70934-AB72CD-500", "12-AB72CD-500", "70934-AB72CD-12-99", "7-234567-1", "SUMMER-AB72CD"} {
		joined := strings.ReplaceAll(code, "-", "")
		if !slices.Contains(domain.CodesJoined(joined), code) {
			t.Errorf("%s is not among %v", code, domain.CodesJoined(joined))
		}
		for _, other := range domain.CodesJoined(joined) {
			if strings.ReplaceAll(other, "-", "") != joined {
				t.Errorf("%s is taken for %s", joined, other)
			}
		}
	}
	for text, want := range map[string]string{"70934AB72": "70934-AB72", "70934AB72CD5": "70934-AB72CD-5", "70934": "",
		"8812370934": "", "70934OIL": "", "70934-AB72": "", strings.Repeat("A", 40): ""} {
		if got := domain.CodeStartJoined(text); got != want {
			t.Errorf("%s is the beginning of %q, want %q", text, got, want)
		}
	}
}
