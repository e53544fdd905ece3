package identity

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

func aKey(letter string) []byte { return []byte(strings.Repeat(letter, shortestKey)) }

func ringOf(t interface{ Fatal(...any) }, letters string) Keyring {
	keys := make([][]byte, 0, len(letters))
	for _, letter := range letters {
		keys = append(keys, aKey(string(letter)))
	}
	ring, err := NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// TestADigestMadeBeforeThreeRotationsStillMatches: an old digest is wrapped, so that nobody has to know the raw value.
// covers: D-13
func TestADigestMadeBeforeThreeRotationsStillMatches(t *testing.T) {
	t.Parallel()
	forms := map[Kind][]string{Email: {"ab@gmail.com"}, Phone: {"+819012345678", "+16502530000"}}
	kept, err := ringOf(t, "a").Print(forms)
	if err != nil {
		t.Fatal(err)
	}
	for _, letters := range []string{"ab", "abc", "abcd"} {
		ring := ringOf(t, letters)
		candidates, err := ring.Candidates(forms)
		if err != nil {
			t.Fatal(err)
		}
		if shared := kept.Shared(candidates); len(shared) != 2 {
			t.Errorf("before the rotation to %d keys ran, a lookup finds %q alone", len(letters), shared)
		}
		for kind, digests := range kept {
			for i, d := range digests {
				if digests[i], err = ring.Wrap(d); err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
			}
		}
		made, err := ring.Print(forms)
		if err != nil {
			t.Fatal(err)
		}
		for kind, digests := range made {
			for i, d := range digests {
				if !d.Equal(kept[kind][i]) || d.Key != len(letters) {
					t.Errorf("%s: wrapped to version %d is not made with version %d", kind, kept[kind][i].Key, d.Key)
				}
			}
		}
	}
}

func TestWrappingAndPrintingAreOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form, letters := rapid.String().Draw(t, "form"), "abcdef"[:rapid.IntRange(1, 6).Draw(t, "keys")]
		from := rapid.IntRange(1, len(letters)).Draw(t, "from")
		ring := ringOf(t, letters)
		old, err := ringOf(t, letters[:from]).Print(map[Kind][]string{Email: {form}})
		if err != nil {
			t.Fatal(err)
		}
		now, err := ring.Print(map[Kind][]string{Email: {form}})
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := ring.WrapTo(old[Email][0], len(letters))
		if err != nil || wrapped != now[Email][0] {
			t.Fatalf("%v and %v: %v", wrapped, now, err)
		}
	})
}

func TestAKeyringWithoutKeysRefuses(t *testing.T) {
	t.Parallel()
	none, err := NewKeyring()
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "none.Version()", none.Version(), 0)
	_, printed := none.Print(map[Kind][]string{Email: {"a@example.com"}})
	_, candidates := none.Candidates(nil)
	_, wrapped := none.Wrap(Digest{Key: 1})
	_, checked := none.Check(1)
	for _, err := range []error{printed, candidates, wrapped, checked} {
		if !errors.Is(err, ErrNoKey) {
			t.Errorf("it answers %v", err)
		}
	}
	if none.Verify(1, nil) || none.Verify(0, nil) {
		t.Error("it verifies nothing as something")
	}
}

func TestKeysThatAreShortOrTheSameAreRefused(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][][]byte{
		"empty": {{}}, "short": {aKey("a")[1:]}, "one of two short": {aKey("a"), []byte("secret")},
		"the same twice": {aKey("a"), aKey("b"), aKey("a")},
	} {
		ring, err := NewKeyring(keys...)
		if err == nil || ring.Version() != 0 {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "aaa") {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
}

func TestAnotherOrMovedKeyIsNoticed(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, "abc")
	for version := 1; version <= 3; version++ {
		kept, err := ring.Check(version)
		if err != nil {
			t.Fatal(err)
		}
		if !ring.Verify(version, kept) || !ringOf(t, "abcd").Verify(version, kept) {
			t.Errorf("version %d: its own value is refused", version)
		}
		for _, other := range []string{"bac", "xbc", "bca", "cab"} {
			if ringOf(t, other).Verify(version, kept) {
				t.Errorf("version %d: the keys %q pass for %q", version, other, "abc")
			}
		}
		if ring.Verify(version, kept[1:]) || ring.Verify(version, nil) || ring.Verify(version+1, kept) {
			t.Errorf("version %d: another value passes", version)
		}
	}
	_, err := ring.Check(4)
	expect.That(t, "err to be ErrVersion", errors.Is(err, ErrVersion), err)
}

func TestADigestOfAnUnknownKeyIsRefused(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, "ab")
	for _, c := range []struct{ key, to int }{{0, 1}, {-1, 2}, {2, 1}, {1, 3}, {3, 3}} {
		if _, err := ring.WrapTo(Digest{Key: c.key}, c.to); !errors.Is(err, ErrVersion) {
			t.Errorf("from %d to %d: %v", c.key, c.to, err)
		}
	}
	if _, err := ring.Wrap(Digest{Key: 2}); !errors.Is(err, ErrVersion) {
		t.Errorf("beyond the newest: %v", err)
	}
}

// TestKindsAndKeysAreApart: the same text of another kind or under another key is another digest.
func TestKindsAndKeysAreApart(t *testing.T) {
	t.Parallel()
	seen := map[[16]byte]bool{}
	for _, letters := range []string{"a", "b", "ab", "ba"} {
		for _, kind := range []Kind{Customer, Email, Phone, Address, IP, Device, Name} {
			print, err := ringOf(t, letters).Print(map[Kind][]string{kind: {"x"}})
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "len(print[kind])", len(print[kind]), 1, print)
			if seen[print[kind][0].Sum] {
				t.Errorf("%s under %s has the digest of another", kind, letters)
			}
			seen[print[kind][0].Sum] = true
		}
	}
}

func TestAThrowawayKeyIsItsOwn(t *testing.T) {
	t.Parallel()
	one, err := NewThrowaway(bytes.NewReader(aKey("r")))
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "one.Version()", one.Version(), 1)
	if _, err := NewThrowaway(bytes.NewReader(aKey("r")[1:])); err == nil {
		t.Error("too little randomness is enough")
	}
}

func TestAKeyringDoesNotShowItsKeys(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, "ab")
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, ring); text != "keyring of 2" {
			t.Errorf("%s shows %s", format, text)
		}
	}
}
