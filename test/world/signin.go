package world

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pointbridge/demo"
	"pointbridge/test/expect"
)

// AppCode is what an authenticator app shows so many steps from now; the one after this one is good already.
func AppCode(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// classed returns what stands in the elements of a class.
func classed(p SeenPage, tag, class string) (list []string) {
	for _, n := range p.All(tag) {
		if Attribute(n, "class") == class {
			list = append(list, TextOf(n))
		}
	}
	return list
}

// SetUpApp sets an authenticator app up in the console, and gives its secret and the recovery codes.
func (v *Visitor) SetUpApp() (secret string, recovery []string) {
	v.T.Helper()
	p := v.Submit(v.Get("/admin/account"), "/admin/account/totp", nil)
	secrets := classed(p, "code", "secret")
	expect.MustEqual(v.T, "len(secrets)", len(secrets), 1, p.Status, p.Text)
	secret = strings.TrimSpace(secrets[0])
	wrong := v.Submit(p, "/admin/account/totp/activate", url.Values{"code": {"000000"}})
	if wrong.Status != http.StatusUnauthorized || strings.TrimSpace(classed(wrong, "code", "secret")[0]) != secret {
		v.T.Fatalf("a wrong first code: %d %s", wrong.Status, wrong.Text())
	}
	p = v.Submit(wrong, "/admin/account/totp/activate", url.Values{"code": {AppCode(v.T, secret, 0)}})
	for _, ul := range p.All("ul") {
		if Attribute(ul, "class") == "recovery" {
			for _, code := range Elements(ul, "code") {
				recovery = append(recovery, TextOf(code))
			}
		}
	}
	if len(recovery) != 10 {
		v.T.Fatalf("%d recovery codes on %s\n%s", len(recovery), p.URL, p.Text())
	}
	return secret, recovery
}

// EnterHalfWay signs in as far as a password goes.
func (v *Visitor) EnterHalfWay(who demo.SignIn, back string) SeenPage {
	v.T.Helper()
	p := v.Submit(
		v.Get("/admin/sign-in?back="+url.QueryEscape(back)),
		"/admin/sign-in",
		url.Values{"email": {who.Email}, "password": {who.Password}},
	)
	if p.URL.Path != "/admin/sign-in/second" {
		v.T.Fatalf("%s is led to %s", who.Email, p.URL)
	}
	return p
}
