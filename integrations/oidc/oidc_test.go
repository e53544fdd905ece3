package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/oidc"
	"pointbridge/test/expect"
)

var proof = staff.Binding{State: "the state", Nonce: "the nonce", Verifier: strings.Repeat("v", 43)}

func TestATrueTokenProvesThePerson(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	l.gives(l.signed(l.claims(nil), jose.ES256, l.key))
	got, err := l.client(nil).Prove(t.Context(), "the code", proof)
	want := staff.Identity{
		Issuer:        l.URL,
		Subject:       "person-1",
		Email:         "mori@example.com",
		EmailVerified: true,
		Name:          "Mori Akiko",
		Groups:        []string{"admins"},
		Methods:       []string{"pwd", "otp"},
		Context:       "aal2",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("proved, %v (-want +got):\n%s", err, diff)
	}
	if len(l.forms) != 1 || l.forms[0].Get("code_verifier") != proof.Verifier || l.forms[0].Get("code") != "the code" {
		t.Errorf("the provider was asked with %v", l.forms)
	}
}

func TestTheTokenSaysSinceWhen(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	l.gives(l.signed(l.claims(map[string]any{"auth_time": noon.Add(-time.Hour).Unix()}), jose.ES256, l.key))
	got, err := l.client(nil).Prove(t.Context(), "the code", proof)
	if err != nil || !got.At.Equal(noon.Add(-time.Hour)) {
		t.Fatalf("since %s, %v", got.At, err)
	}
}

func TestTheAddressBindsTheSignIn(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	address, err := l.client(nil).Address(t.Context(), proof)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"state": "the state", "nonce": "the nonce", "client_id": "points",
		"response_type":         "code",
		"code_challenge_method": "S256", "redirect_uri": "https://points.example/admin/sign-in/return", "scope": "openid email"} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	again := proof
	again.Again = true
	asked, err := l.client(nil).Address(t.Context(), again)
	if err != nil || !strings.Contains(asked, "prompt=login") || strings.Contains(address, "prompt=") {
		t.Errorf("again: %s, %v", asked, err)
	}
	if strings.Contains(address, proof.Verifier) || strings.Contains(address, "secret") {
		t.Errorf("a secret is in the address: %s", address)
	}
}

func TestATokenThatProvesNobody(t *testing.T) {
	t.Parallel()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(name string, value any) func(l *liar) string {
		return func(l *liar) string { return l.signed(l.claims(map[string]any{name: value}), jose.ES256, l.key) }
	}
	for name, token := range map[string]func(l *liar) string{
		"of another sign-in":          changed("nonce", "another"),
		"of no sign-in":               changed("nonce", nil),
		"for another audience":        changed("aud", "another"),
		"for several, and none named": changed("aud", []string{"points", "another"}),
		"for another party":           changed("azp", "another"),
		"of another issuer":           changed("iss", "https://evil.example"),
		"that is over":                changed("exp", noon.Add(-2*time.Minute).Unix()),
		"made long ago":               changed("iat", noon.Add(-time.Hour).Unix()),
		"made in the future":          changed("iat", noon.Add(5*time.Minute).Unix()),
		"of nobody":                   changed("sub", ""),
		"not good yet":                changed("nbf", noon.Add(time.Hour).Unix()),
		"signed by somebody else":     func(l *liar) string { return l.signed(l.claims(nil), jose.ES256, other) },
		"signed with the client's key": func(l *liar) string {
			return l.signed(l.claims(nil), jose.HS256, []byte(strings.Repeat("a secret", 4)))
		},
		"not signed at all": func(l *liar) string {
			payload, _ := json.Marshal(l.claims(nil))
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." +
				base64.RawURLEncoding.EncodeToString(payload) + "."
		},
		"with its signature cut off": func(l *liar) string {
			text := l.signed(l.claims(nil), jose.ES256, l.key)
			return text[:strings.LastIndexByte(text, '.')+1]
		},
		"that is no token": func(*liar) string { return "something" },
		"that is missing":  func(*liar) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			l.gives(token(l))
			got, err := l.client(nil).Prove(t.Context(), "the code", proof)
			if domain.CodeOf(err) != domain.CodeIdentityRefused || staff.ReasonOf(err) != staff.ReasonInvalid ||
				got.Subject != "" {
				t.Errorf("it proves %q, %v", got.Subject, err)
			}
		})
	}
}

// TestClocksMayDifferALittle: a provider whose clock is a little off still proves people.
func TestClocksMayDifferALittle(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]map[string]any{
		"ahead": {"iat": noon.Add(30 * time.Second).Unix()}, "behind": {"exp": noon.Add(-30 * time.Second).Unix(),
			"iat": noon.Add(-5 * time.Minute).Unix()},
	} {
		l := newLiar(t)
		l.gives(l.signed(l.claims(changes), jose.ES256, l.key))
		if _, err := l.client(nil).Prove(t.Context(), "the code", proof); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnAnswerThatSaysNothing: whatever is no answer is unknown, and no word about the person.
func TestAnAnswerThatSaysNothing(t *testing.T) {
	t.Parallel()
	answers := map[string]func(l *liar){
		"a fault": func(l *liar) {
			l.answer = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusInternalServerError) }
		},
		"no such client": func(l *liar) {
			l.answer = func(w http.ResponseWriter, _ url.Values) {
				w.WriteHeader(http.StatusUnauthorized)
				send(w, map[string]string{"error": "invalid_client"})
			}
		},
		"a page": func(l *liar) {
			l.answer = func(w http.ResponseWriter, _ url.Values) { _, _ = w.Write([]byte("<html>")) }
		},
		"led elsewhere": func(l *liar) {
			l.answer = func(w http.ResponseWriter, _ url.Values) {
				w.Header().Set("Location", "https://evil.example")
				w.WriteHeader(http.StatusTemporaryRedirect)
			}
		},
		"too much": func(l *liar) {
			l.answer = func(w http.ResponseWriter, _ url.Values) {
				_, _ = w.Write([]byte(`{"access_token":"` + strings.Repeat("a", 2<<20)))
			}
		},
		"another issuer":          func(l *liar) { l.describe = func(d map[string]any) { d["issuer"] = "https://evil.example" } },
		"a description at length": func(l *liar) { l.describe = func(d map[string]any) { d["more"] = strings.Repeat("a", 2<<20) } },
		"a token endpoint that everybody can read": func(l *liar) {
			l.describe = func(d map[string]any) { d["token_endpoint"] = "http://provider.example/token" }
		},
		"keys that everybody can change": func(l *liar) {
			l.gives(l.signed(l.claims(nil), jose.ES256, l.key))
			l.describe = func(d map[string]any) { d["jwks_uri"] = "http://provider.example/keys" }
		},
	}
	for name, lie := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			lie(l)
			_, err := l.client(nil).Prove(t.Context(), "the code", proof)
			expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUpstreamUnavailable, err)
			var refused *domain.Error
			if errors.As(err, &refused) && len(refused.Err.Error()) > 300 {
				t.Errorf("%d bytes of the answer are in the log", len(refused.Err.Error()))
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		l := newLiar(t)
		l.Close()
		_, err := l.client(nil).Address(t.Context(), proof)
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUpstreamUnavailable, err)
	})
	t.Run("an issuer that everybody can read", func(t *testing.T) {
		t.Parallel()
		l := newLiar(t)
		c := l.client(func(cfg *oidc.Config) { cfg.Issuer = "http://provider.example" })
		_, err := c.Address(t.Context(), proof)
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUpstreamUnavailable, err)
	})
}

// TestAProviderIsAskedOnce: everybody can begin a sign-in, so many at once ask the provider once, whether it answers or
// not.
func TestAProviderIsAskedOnce(t *testing.T) {
	t.Parallel()
	for _, answers := range []bool{true, false} {
		l := newLiar(t)
		var asked atomic.Int32
		l.describe = func(d map[string]any) {
			asked.Add(1)
			if !answers {
				d["issuer"] = "https://evil.example"
			}
		}
		var later atomic.Int64
		c := l.client(
			func(cfg *oidc.Config) { cfg.Now = func() time.Time { return noon.Add(time.Duration(later.Load())) } },
		)
		begin := func() {
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					_, err := c.Address(t.Context(), proof)
					expect.Equal(t, "err == nil", err == nil, answers, err)
				})
			}
			all.Wait()
		}
		begin()
		if n := asked.Load(); n != 1 {
			t.Errorf("answers %v: asked %d times", answers, n)
		}
		later.Store(int64(time.Hour))
		begin()
		if n := asked.Load(); n != 2 {
			t.Errorf("answers %v: asked %d times when that was long ago", answers, n)
		}
	}
}

func TestACodeThatTheProviderRefuses(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	l.answer = func(w http.ResponseWriter, _ url.Values) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
	}
	_, err := l.client(nil).Prove(t.Context(), "the code", proof)
	expect.Equal(t, "staff.ReasonOf(err)", staff.ReasonOf(err), staff.ReasonInvalid, err)
	if len(l.forms) != 1 {
		t.Errorf("the code was sent %d times", len(l.forms))
	}
}

// TestWhatTheTokenLeavesOut: where the token is silent the provider is asked, and believed about the same person only.
func TestWhatTheTokenLeavesOut(t *testing.T) {
	t.Parallel()
	silent := map[string]any{"email": nil, "email_verified": nil, "groups": nil}
	t.Run("the provider says it", func(t *testing.T) {
		t.Parallel()
		l := newLiar(t)
		l.gives(l.signed(l.claims(silent), jose.ES256, l.key))
		l.info = map[string]any{
			"sub":            "person-1",
			"email":          "mori@example.com",
			"email_verified": "true",
			"groups":         []string{"staff"},
			"name":           "Somebody",
		}
		got, err := l.client(nil).Prove(t.Context(), "the code", proof)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Email", got.Email, "mori@example.com")
		expect.Equal(t, "got.EmailVerified", got.EmailVerified, true)
		expect.MustEqual(t, "got.Groups", got.Groups, []string{"staff"})
		expect.Equal(t, "got.Name", got.Name, "Mori Akiko")
	})
	t.Run("of somebody else", func(t *testing.T) {
		t.Parallel()
		l := newLiar(t)
		l.gives(l.signed(l.claims(silent), jose.ES256, l.key))
		l.info = map[string]any{
			"sub":            "person-2",
			"email":          "boss@example.com",
			"email_verified": true,
			"groups":         []string{"admins"},
		}
		got, err := l.client(nil).Prove(t.Context(), "the code", proof)
		expect.Equal(t, "staff.ReasonOf(err)", staff.ReasonOf(err), staff.ReasonInvalid, err, got)
	})
	t.Run("an address in the token is not vouched for by what is said of another address", func(t *testing.T) {
		t.Parallel()
		for _, said := range []any{false, nil} {
			l := newLiar(t)
			l.gives(
				l.signed(
					l.claims(map[string]any{"email": "boss@example.com", "email_verified": said, "groups": nil}),
					jose.ES256,
					l.key,
				),
			)
			l.info = map[string]any{
				"sub":            "person-1",
				"email":          "mori@example.com",
				"email_verified": true,
				"groups":         []string{"staff"},
			}
			got, err := l.client(nil).Prove(t.Context(), "the code", proof)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "got.EmailVerified", got.EmailVerified, false, said)
			expect.Equal(t, "got.Email", got.Email, "boss@example.com", said)
		}
	})
}

func TestWhereRolesAreLookedFor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		claim string
		value map[string]any
		want  []string
	}{
		"one text": {"role", map[string]any{"role": "admin"}, []string{"admin"}},
		"a list":   {"groups", map[string]any{"groups": []any{"a", 1, "b"}}, []string{"a", "b"}},
		"an object": {"urn:roles", map[string]any{"urn:roles": map[string]any{"b": map[string]any{},
			"a": 1}}, []string{"a", "b"}},
		"inside": {"realm_access.roles",
			map[string]any{"realm_access": map[string]any{"roles": []any{"a"}}}, []string{"a"}},
		"a name with dots itself": {"https://x.example/roles", map[string]any{"https://x.example/roles": []any{"a"}},
			[]string{"a"}},
		"a number": {"role", map[string]any{"role": 1}, nil},
		"nowhere":  {"a.b.c", map[string]any{"a": map[string]any{"b": "c"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			claims := l.claims(tc.value)
			if tc.claim != "groups" {
				delete(claims, "groups")
			}
			l.gives(l.signed(claims, jose.ES256, l.key))
			l.info = map[string]any{"sub": "person-1"}
			got, err := l.client(func(cfg *oidc.Config) { cfg.RoleClaim = tc.claim }).Prove(t.Context(), "the code",
				proof)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "got.Groups", got.Groups, tc.want)
		})
	}
}

func TestMailAddressesAreVouchedFor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		said  any
		trust bool
		want  bool
	}{
		"yes": {true, false, true}, "no": {false, false, false}, "silent": {nil, false, false},
		"silent, and trusted": {nil, true, true}, "no, and trusted": {false, true, false}, "odd": {"yes", false, false},
	} {
		l := newLiar(t)
		l.gives(l.signed(l.claims(map[string]any{"email_verified": tc.said}), jose.ES256, l.key))
		got, err := l.client(func(cfg *oidc.Config) { cfg.TrustEmail = tc.trust }).Prove(t.Context(), "the code", proof)
		expect.MustEqual(t, "err", err, nil, name)
		expect.Equal(t, "got.EmailVerified", got.EmailVerified, tc.want, name)
	}
}

// TestAnAnswerOfAnotherIssuer: with a provider that names itself in its answers, one without a name is somebody else's.
func TestAnAnswerOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	for _, names := range []bool{true, false} {
		l := newLiar(t)
		l.describe = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = names }
		c := l.client(nil)
		for issuer, want := range map[string]bool{l.URL: true, "https://evil.example": false, "": !names} {
			ours, err := c.SpeaksFor(t.Context(), issuer)
			expect.MustEqual(t, "err", err, nil, names, issuer)
			expect.Equal(t, "ours", ours, want, names, issuer)
		}
	}
}

func TestWhereBrowsersSignOut(t *testing.T) {
	t.Parallel()
	l := newLiar(t)
	expect.Equal(t, "l.client(nil).LeaveAddress(t.Context())", l.client(nil).LeaveAddress(t.Context()), "")
	l.describe = func(d map[string]any) { d["end_session_endpoint"] = l.URL + "/end?a=b" }
	u, err := url.Parse(l.client(nil).LeaveAddress(t.Context()))
	expect.MustEqual(t, "err", err, nil, u)
	expect.Equal(t, `u.Query().Get("a")`, u.Query().Get("a"), "b", u)
	expect.Equal(t, `u.Query().Get("client_id")`, u.Query().Get("client_id"), "points", u)
	expect.Equal(t, `u.Query().Get("post_logout_redirect_uri")`, u.Query().Get("post_logout_redirect_uri"),
		"https://points.example/admin/sign-in", u)
	expect.Equal(t, "len(u.Query())", len(u.Query()), 3, u)
}
