package domain

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/test/expect"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Taro@Example.COM": "taro@example.com", " a@b.example ": "a@b.example",
		"山田@例え.example": "山田@例え.example",
	} {
		if got, ok := NormalizeEmail(text); !ok || got != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "taro", "Taro <taro@example.com>", "taro@example.com, b@example.com",
		"a b@example.com", "a@b\n.example",
		"<a@b.example>", "a@b.example(home)", strings.Repeat("a", 250) + "@b.example", "a@\xff.example"} {
		if got, ok := NormalizeEmail(text); ok {
			t.Errorf("%q was accepted as %q", text, got)
		}
	}
}

func TestGoodPassword(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]bool{
		"elevenchars": false, "twelve chars": true, "パスワードは長いほど良い": true, strings.Repeat("x", 256): true,
		strings.Repeat("x", 257): false, strings.Repeat("長", 86): false, "": false, "twelve char\xff": false,
	} {
		if GoodPassword(password) != want {
			t.Errorf("%q: want %v", password, want)
		}
	}
}

func TestDrawnSecrets(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		password, err := DrawPassword(rand.Reader)
		expect.MustEqual(t, "err", err, nil, password)
		expect.MustThat(t, "GoodPassword(password)", GoodPassword(password), password)
		expect.MustThat(t, "regexp.MustCompile(…).MatchString(…)",
			regexp.MustCompile(`^([2-9a-hjkmnp-z]{5}-){3}[2-9a-hjkmnp-z]{5}$`).MatchString(password), password)
		token, hash, err := NewSessionToken(rand.Reader)
		expect.MustEqual(t, "err", err, nil, token, hash)
		expect.MustThat(t, "IsSessionToken(token)", IsSessionToken(token), token, hash)
		expect.MustThat(t, "bytes.Equal(hash, HashAPIKey(token))", bytes.Equal(hash, HashAPIKey(token)), token, hash)
		expect.MustEqual(t, "len(hash)", len(hash), 32, token, hash)
		if _, key := APIKeyPrefix(token); key || seen[password] || seen[token] {
			t.Fatalf("%q or %q is not what it should be", password, token)
		}
		seen[password], seen[token] = true, true
	}
	if _, err := DrawPassword(strings.NewReader("")); err == nil {
		t.Error("a password was made of nothing")
	}
	if _, _, err := NewSessionToken(strings.NewReader("short")); err == nil {
		t.Error("a session was made of nothing")
	}
	for _, other := range []string{"", "pbs_", "pbs_short", "pb_000000000000_" + strings.Repeat("A", 43), "xbs_" +
		strings.Repeat("A", 43)} {
		if IsSessionToken(other) {
			t.Errorf("%q passes for a session", other)
		}
	}
}

// covers: 004-53
func TestSessionAlive(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	person := Staff{ID: 3, Name: "Mori", Role: RoleStaff, CustomerID: "12345", Epoch: 2}
	session := Session{StaffID: 3, Epoch: 2, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	disabled, later, other := person, person, person
	disabled.DisabledAt, later.Epoch, other.ID = &noon, 3, 4
	for name, tc := range map[string]struct {
		of   Staff
		at   time.Time
		want bool
	}{
		"now": {person, noon, true}, "at its last moment": {person, noon.Add(time.Hour - 1), true},
		"at its end": {person, noon.Add(time.Hour), false}, "of somebody disabled": {disabled, noon, false},
		"of an earlier epoch": {later, noon, false}, "of somebody else": {other, noon, false},
	} {
		if session.Alive(tc.of, tc.at) != tc.want {
			t.Errorf("%s: want %v", name, tc.want)
		}
	}
	if got, want := person.Caller(), (Caller{ID: "staff:3", Name: "Mori", Role: RoleStaff, CustomerID: "12345",
		PersonID: 3}); got != want {
		t.Errorf("the caller is %+v", got)
	}
	for _, role := range Roles() {
		if role.OfStaff() == (role == RolePOS || role == RoleCustomer) {
			t.Errorf("%s can be a person's: %v", role, role.OfStaff())
		}
	}
	admin := Staff{Role: RoleSystemAdmin}
	if !admin.RunsTheSystem() || person.RunsTheSystem() ||
		(Staff{Role: RoleSystemAdmin, DisabledAt: &noon}).RunsTheSystem() {
		t.Error("the wrong people run the system")
	}
}
