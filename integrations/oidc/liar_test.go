package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pointbridge/integrations/oidc"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// liar is a provider that a test makes lie: in each answer it says what the test wants.
type liar struct {
	*httptest.Server
	t    *testing.T
	key  *ecdsa.PrivateKey
	info map[string]any

	mu sync.Mutex
	// describe changes the description, answer makes the answer of the token endpoint, in place of a true one.
	describe func(map[string]any)
	answer   func(w http.ResponseWriter, form url.Values)
	forms    []url.Values
}

func newLiar(t *testing.T) *liar {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", l.discovery)
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		send(
			w,
			jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "ES256",
				Use: "sig"}}},
		)
	})
	mux.HandleFunc("/token", l.token)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { send(w, l.info) })
	l.Server = httptest.NewServer(mux)
	t.Cleanup(l.Close)
	return l
}

func send(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (l *liar) discovery(w http.ResponseWriter, _ *http.Request) {
	body := map[string]any{
		"issuer":                                l.URL,
		"authorization_endpoint":                l.URL + "/authorize",
		"token_endpoint":                        l.URL + "/token",
		"jwks_uri":                              l.URL + "/keys",
		"userinfo_endpoint":                     l.URL + "/userinfo",
		"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"},
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.describe != nil {
		l.describe(body)
	}
	send(w, body)
}

func (l *liar) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forms = append(l.forms, r.PostForm)
	l.answer(w, r.PostForm)
}

// gives makes the token endpoint answer with this token.
func (l *liar) gives(idToken string) {
	l.answer = func(w http.ResponseWriter, _ url.Values) {
		send(w, map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": idToken})
	}
}

// claims are those of a true token, with what the test changes; nil takes a claim away.
func (l *liar) claims(changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss":            l.URL,
		"sub":            "person-1",
		"aud":            "points",
		"exp":            noon.Add(time.Hour).Unix(),
		"iat":            noon.Unix(),
		"nonce":          "the nonce",
		"email":          "mori@example.com",
		"email_verified": true,
		"name":           "Mori Akiko",
		"groups":         []string{"admins"},
		"amr":            []string{"pwd", "otp"},
		"acr":            "aal2",
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// signed signs claims, with a key of the test's choosing.
func (l *liar) signed(claims map[string]any, alg jose.SignatureAlgorithm, key any) string {
	l.t.Helper()
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: alg, Key: key},
		(&jose.SignerOptions{}).WithHeader("kid", "one"),
	)
	if err != nil {
		l.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		l.t.Fatal(err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		l.t.Fatal(err)
	}
	text, err := object.CompactSerialize()
	if err != nil {
		l.t.Fatal(err)
	}
	return text
}

func (l *liar) client(change func(*oidc.Config)) *oidc.Client {
	cfg := oidc.Config{
		Issuer:       l.URL,
		ClientID:     "points",
		ClientSecret: "a secret",
		Scopes:       []string{"openid", "email"},
		RoleClaim:    "groups",
		ReturnURL:    "https://points.example/admin/sign-in/return",
		LeftURL:      "https://points.example/admin/sign-in",
		Now:          func() time.Time { return noon },
		Transport:    http.DefaultTransport,
	}
	if change != nil {
		change(&cfg)
	}
	return oidc.New(cfg)
}
