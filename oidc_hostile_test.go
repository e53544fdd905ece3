package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
)

// comesBack goes the whole way but for the last step, and gives the address that leads back to us.
func (f federation) comesBack(v *visitor, id, back string) string {
	f.t.Helper()
	login := v.toProvider(back)
	follow := v.client.CheckRedirect
	defer func() { v.client.CheckRedirect = follow }()
	v.client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), public+"/admin/sign-in/return") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	last := v.giveWord(f.idp, login, id)
	path, ok := strings.CutPrefix(last.header.Get("Location"), public)
	if !ok {
		f.t.Fatalf("%d leads to %s: %s", last.status, last.header.Get("Location"), last.text())
	}
	return path
}

// changed gives the address with one of its parts in another form.
func changed(t *testing.T, path, name, value string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestASignInThatSomebodyElseMeddlesWith(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := newFederation(t, db)
		f.idp.employs("mori", "mori@example.com", "shop")
		f.idp.employs("mallory", "mallory@example.com", "shop")
		refused := func(what string, v *visitor, path string) {
			t.Helper()
			if p := v.get(path); p.status != http.StatusForbidden || !strings.Contains(p.text(), "Try again") ||
				p.form("/admin/sign-in") == nil {
				t.Errorf("%s: %d %s", what, p.status, p.text())
			}
			if who := v.signedInAs(); who != "" {
				t.Errorf("%s: signed in as %s", what, who)
			}
		}
		mallory := f.visitor()
		theirs := f.comesBack(mallory, "mallory", "/admin")
		v := f.visitor()
		refused("the address of somebody else, in a browser that began nothing", v, theirs)
		mine := f.comesBack(v, "mori", "/admin")
		refused("the address of somebody else, in a browser that began a sign-in", v, theirs)
		refused("its own address, after the sign-in is over", v, mine)

		mine = f.comesBack(v, "mori", "/admin")
		u, err := url.Parse(theirs)
		if err != nil {
			t.Fatal(err)
		}
		refused("somebody else's code under the own state", v, changed(t, mine, "code", u.Query().Get("code")))
		mine = f.comesBack(v, "mori", "/admin")
		refused("another state", v, changed(t, mine, "state", "made-up"))
		mine = f.comesBack(v, "mori", "/admin")
		refused("no state", v, changed(t, mine, "state", ""))
		mine = f.comesBack(v, "mori", "/admin")
		refused("two states", v, mine+"&state=made-up")
		mine = f.comesBack(v, "mori", "/admin")
		refused("the answer of another issuer", v, changed(t, mine, "iss", "https://evil.example"))
		mine = f.comesBack(v, "mori", "/admin")
		refused("a refusal at the provider", v, changed(t, mine, "error", "access_denied"))
		mine = f.comesBack(v, "mori", "/admin")
		refused("a made-up code", v, changed(t, mine, "code", "made-up"))
		if f.people() != 0 || !f.recorded("identity.refused", "not_valid") {
			t.Errorf("there are %d accounts", f.people())
		}
		f.meddledCookie()
		f.replayed()
		f.ledAway()
	})
}

// pendingCookie is the sign-in that the browser holds.
func (v *visitor) pendingCookie() string {
	for _, c := range v.client.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}) {
		if c.Name == "pointbridge_sign_in" {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) setPendingCookie(value string) {
	v.client.Jar.SetCookies(
		&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"},
		[]*http.Cookie{{Name: "pointbridge_sign_in", Value: value, Path: "/"}},
	)
}

// meddledCookie: a sign-in whose cookie was changed in any place is none.
func (f federation) meddledCookie() {
	t := f.t
	v := f.visitor()
	mine := f.comesBack(v, "mori", "/admin")
	cookie := v.pendingCookie()
	parts := strings.Split(cookie, ".")
	if len(parts) != 5 || strings.Contains(cookie, "evil") {
		t.Fatalf("the cookie is %q", cookie)
	}
	with := func(part int, value string) string {
		list := slices.Clone(parts)
		list[part] = value
		return strings.Join(list, ".")
	}
	for what, other := range map[string]string{"a later end": with(1, "99999999999"), "proved anew": with(2, "true"),
		"another way back": with(3, "L2FkbWluL3N0YWZm"), "no signature": strings.Join(parts[:4], "."), "another id": "A" + cookie[1:], "empty": "", "another signature": cookie[:len(cookie)-2] + "xx"} {
		v.setPendingCookie(other)
		if p := v.get(mine); p.status != http.StatusForbidden || v.signedInAs() != "" {
			t.Errorf("%s: %d %s", what, p.status, p.text())
		}
	}
	v.setPendingCookie(cookie)
	if p := v.get(mine); p.status != http.StatusOK || v.signedInAs() == "" {
		t.Errorf("as it was: %d %s", p.status, p.text())
	}
}

// replayed: even with the cookie put back a code is good once.
func (f federation) replayed() {
	t := f.t
	v := f.visitor()
	mine := f.comesBack(v, "mori", "/admin")
	cookie := v.pendingCookie()
	if p := v.get(mine); p.status != http.StatusOK || v.signedInAs() == "" {
		t.Fatalf("%d %s", p.status, p.text())
	}
	thief := f.visitor()
	thief.setPendingCookie(cookie)
	if p := thief.get(mine); p.status != http.StatusForbidden || thief.signedInAs() != "" {
		t.Errorf("the same code again: %d %s", p.status, p.text())
	}
}

// ledAway: whatever address somebody wants to come back to, it is one of ours.
func (f federation) ledAway() {
	t := f.t
	for _, back := range []string{"https://evil.example/admin", "//evil.example", "/admin/../..//evil.example", "/admin\\evil.example", "/v1/session", "javascript:alert(1)"} {
		if p := f.visitor().signInAt(f.idp, "mori", back); p.status != http.StatusOK ||
			!strings.HasPrefix(p.url.String(), public+"/admin/coupons") {
			t.Errorf("%s led to %s: %d", back, p.url, p.status)
		}
	}
}

// TestAProviderThatDoesNotAnswer: nothing is known of anybody then, nothing changes, and the page says to try again.
func TestAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := newFederation(t, db, "SIGN_IN_FAILURES=2", "SIGN_IN_FAILURES_ADDRESS=2")
		f.idp.employs("mori", "mori@example.com", "shop")
		v := f.visitor()
		page := v.signInAt(f.idp, "mori", "/admin/account")
		if page.status != http.StatusOK {
			t.Fatalf("%d %s", page.status, page.text())
		}
		other := f.visitor()
		mine := f.comesBack(other, "mori", "/admin")
		cookie := other.pendingCookie()
		f.idp.Close()
		for range 5 { // no answer is no failure of whoever asks
			other.setPendingCookie(cookie)
			if p := other.get(mine); p.status != http.StatusServiceUnavailable ||
				!strings.Contains(p.text(), "Nothing has changed") {
				t.Fatalf("%d %s", p.status, p.text())
			}
		}
		if f.people() != 1 || v.signedInAs() == "" || other.signedInAs() != "" {
			t.Errorf("%d accounts", f.people())
		}
	})
}
