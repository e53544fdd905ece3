package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// appCode is what an authenticator app shows so many steps from now; the one after this one is good already.
func appCode(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// classed gives what stands in the elements of a class.
func classed(p seenPage, tag, class string) (list []string) {
	for _, n := range p.all(tag) {
		if attribute(n, "class") == class {
			list = append(list, textOf(n))
		}
	}
	return list
}

// setUpApp sets an authenticator app up in the console, and gives its secret and the recovery codes.
func (v *visitor) setUpApp() (secret string, recovery []string) {
	v.t.Helper()
	p := v.submit(v.get("/admin/account"), "/admin/account/totp", nil)
	secrets := classed(p, "code", "secret")
	if len(secrets) != 1 {
		v.t.Fatalf("%d %s", p.status, p.text())
	}
	secret = strings.TrimSpace(secrets[0])
	wrong := v.submit(p, "/admin/account/totp/activate", url.Values{"code": {"000000"}})
	if wrong.status != http.StatusUnauthorized || strings.TrimSpace(classed(wrong, "code", "secret")[0]) != secret {
		v.t.Fatalf("a wrong first code: %d %s", wrong.status, wrong.text())
	}
	p = v.submit(wrong, "/admin/account/totp/activate", url.Values{"code": {appCode(v.t, secret, 0)}})
	for _, ul := range p.all("ul") {
		if attribute(ul, "class") == "recovery" {
			for _, code := range elements(ul, "code") {
				recovery = append(recovery, textOf(code))
			}
		}
	}
	if len(recovery) != 10 {
		v.t.Fatalf("%d recovery codes on %s\n%s", len(recovery), p.url, p.text())
	}
	return secret, recovery
}

// enterHalfWay signs in as far as a password goes.
func (v *visitor) enterHalfWay(who demoPerson, back string) seenPage {
	v.t.Helper()
	p := v.submit(
		v.get("/admin/sign-in?back="+url.QueryEscape(back)),
		"/admin/sign-in",
		url.Values{"email": {who.Email}, "password": {who.Password}},
	)
	if p.url.Path != "/admin/sign-in/second" {
		v.t.Fatalf("%s is led to %s", who.Email, p.url)
	}
	return p
}

func TestConsoleSecondFactor(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	who := employee(t, file, "store_manager")
	secret, recovery := consoleVisitor(t, file, "store_manager").setUpApp()

	v := newVisitor(t, file.API)
	p := v.enterHalfWay(who, "/admin/reviews")
	for _, page := range []string{"/admin/coupons", "/admin/account", "/admin/sign-in/password", "/admin/sign-in/set-up"} {
		if got := v.get(page); got.url.Path != "/admin/sign-in/second" || strings.Contains(got.text(), "Sign out") {
			t.Errorf("half-way %s leads to %s", page, got.url)
		}
	}
	for what, got := range map[string]seenPage{
		"without its token": v.post("/admin/sign-in/second", url.Values{"code": {appCode(t, secret, 1)}}),
		"another's token":   v.post("/admin/sign-in/second", url.Values{"code": {appCode(t, secret, 1)}, "form_token": {"x"}}),
	} {
		if got.status != http.StatusForbidden {
			t.Errorf("the form %s: %d", what, got.status)
		}
	}
	if wrong := v.submit(p, "/admin/sign-in/second", url.Values{"code": {"000000"}}); wrong.status != http.StatusUnauthorized ||
		wrong.form("/admin/sign-in/second") == nil {
		t.Errorf("a wrong code: %d %s", wrong.status, wrong.text())
	}
	half := v.cookie()
	code := appCode(t, secret, 1)
	if in := v.submit(p, "/admin/sign-in/second", url.Values{"code": {code}}); in.url.Path != "/admin/reviews" ||
		v.cookie() == half {
		t.Fatalf("the right code leads to %s\n%s", in.url, in.text())
	}
	if got := newVisitor(t, file.API).bearing(half).get("/admin/sign-in/second"); got.url.Path != "/admin/sign-in" {
		t.Errorf("the half-way session is alive: %s", got.url)
	}
	other := newVisitor(t, file.API)
	p = other.enterHalfWay(who, "/admin")
	if got := other.submit(p, "/admin/sign-in/second", url.Values{"code": {code}}); got.status != http.StatusUnauthorized {
		t.Errorf("the same code again: %d", got.status)
	}
	if got := other.submit(p, "/admin/sign-in/second", url.Values{"code": {strings.ToUpper(recovery[0])}}); !strings.Contains(
		other.signedInAs(),
		"9 left",
	) {
		t.Errorf("a recovery code: %d %s", got.status, got.text())
	}
	if got := v.submit(v.get("/admin/account"), "/admin/account/sign-out-others", nil); got.url.Path != "/admin/account" ||
		other.signedInAs() != "" {
		t.Errorf("signed out elsewhere: %s", got.url)
	}
	leaving := newVisitor(t, file.API)
	if got := leaving.submit(leaving.enterHalfWay(who, "/admin"), "/admin/sign-in/second/leave", nil); got.url.Path != "/admin/sign-in" ||
		leaving.cookie() != "" {
		t.Errorf("starting over leads to %s", got.url)
	}
	boss := consoleVisitor(t, file, "system_admin")
	address := staffAddress(t, boss, who.Email)
	boss.submit(boss.get(address), address+"/second-factor", nil)
	if v.signedInAs() != "" {
		t.Error("the second factor was reset, and the session goes on")
	}
	if got := consoleVisitor(t, file, "store_manager").signedInAs(); !strings.Contains(got, "Not set up") {
		t.Errorf("after the reset: %s", got)
	}
	toldOf(
		t,
		file,
		who.Email,
		"An authenticator app was set up",
		"used to sign in from a device",
		"The second factor of your account was reset",
	)
	record := boss.get("/admin/audit").text()
	for _, said := range []string{"Set up an authenticator app.", "A second factor was refused.", "Reset the second factor of"} {
		if !strings.Contains(record, said) {
			t.Errorf("the audit does not say %q", said)
		}
	}
}

// toldOf waits until mails to somebody say all of this.
func toldOf(t *testing.T, file demoFile, to string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		eventually(t, to+" is told: "+text, func() bool {
			for _, mail := range mailsTo(t, file, to) {
				if said, _ := mail["text"].(string); strings.Contains(said, text) {
					return true
				}
			}
			return false
		})
	}
}

func TestConsoleDrawnPassword(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	boss := consoleVisitor(t, file, "system_admin")
	p := boss.submit(
		boss.get("/admin/staff"),
		"/admin/staff",
		url.Values{"name": {"Kato Sora"}, "email": {"kato@example.com"}, "role": {"ec_admin"}},
	)
	drawn := ""
	for _, n := range p.all("code") {
		if attribute(n, "id") == "secret" {
			drawn = textOf(n)
		}
	}
	v := newVisitor(t, file.API)
	p = v.submit(
		v.get("/admin/sign-in"),
		"/admin/sign-in",
		url.Values{"email": {"kato@example.com"}, "password": {drawn}},
	)
	if p.url.Path != "/admin/sign-in/password" {
		t.Fatalf("led to %s", p.url)
	}
	if got := v.get("/admin/coupons"); got.url.Path != "/admin/sign-in/password" {
		t.Errorf("the coupons are at %s", got.url)
	}
	for chosen, status := range map[string]int{"password1234": 422, "katosorakatosora": 422, "short": 422, drawn: 422} {
		got := v.submit(
			p,
			"/admin/sign-in/password",
			url.Values{"current_password": {drawn}, "new_password": {chosen}, "again": {chosen}},
		)
		if got.status != status || got.form("/admin/sign-in/password") == nil ||
			strings.Contains(got.raw, "katosorakatosora") {
			t.Errorf("%q: %d %s", chosen, got.status, got.text())
		}
	}
	v.submit(
		p,
		"/admin/sign-in/password",
		url.Values{
			"current_password": {drawn},
			"new_password":     {"seven lanterns over water"},
			"again":            {"seven lanterns over water"},
		},
	)
	in := v.submit(
		v.get("/admin/sign-in"),
		"/admin/sign-in",
		url.Values{"email": {"kato@example.com"}, "password": {"seven lanterns over water"}},
	)
	if in.url.Path != "/admin/coupons" {
		t.Errorf("the chosen password leads to %s", in.url)
	}
	address := staffAddress(t, boss, "kato@example.com")
	fields := fieldsOf(boss.get(address).form(address))
	fields.Set("email", "sora@example.com")
	if got := boss.post(address, fields); got.status != http.StatusOK ||
		!strings.Contains(got.text(), "sora@example.com") {
		t.Errorf("another address: %d %s", got.status, got.text())
	}
	for _, to := range []string{"kato@example.com", "sora@example.com"} {
		toldOf(t, file, to, "sora@example.com")
	}
}
