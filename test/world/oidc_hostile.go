package world

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/test/expect"
)

// ComesBack goes the whole way but for the last step, and gives the address that leads back to us.
func (f federation) ComesBack(v *Visitor, id, back string) string {
	f.T.Helper()
	login := v.toProvider(back)
	follow := v.Client.CheckRedirect
	defer func() { v.Client.CheckRedirect = follow }()
	v.Client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), Public+"/admin/sign-in/return") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	last := v.giveWord(f.Idp, login, id)
	path, ok := strings.CutPrefix(last.Header.Get("Location"), Public)
	if !ok {
		f.T.Fatalf("%d leads to %s: %s", last.Status, last.Header.Get("Location"), last.Text())
	}
	return path
}

// PendingCookie is the sign-in that the browser holds.
func (v *Visitor) PendingCookie() string {
	for _, c := range v.Client.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}) {
		if c.Name == "pointbridge_sign_in" {
			return c.Value
		}
	}
	return ""
}

func (v *Visitor) SetPendingCookie(value string) {
	v.Client.Jar.SetCookies(
		&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"},
		[]*http.Cookie{{Name: "pointbridge_sign_in", Value: value, Path: "/"}},
	)
}

// MeddledCookie: a sign-in whose cookie was changed in any place is none.
func (f federation) MeddledCookie() {
	t := f.T
	v := f.Visitor()
	mine := f.ComesBack(v, "mori", "/admin")
	cookie := v.PendingCookie()
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
		"another way back": with(3, "L2FkbWluL3N0YWZm"), "no signature": strings.Join(parts[:4],
			"."), "another id": otherSign(cookie[:1]) + cookie[1:], "empty": "",
		"another signature": strings.TrimSuffix(cookie, parts[4]) + otherSign(parts[4][:1]) + parts[4][1:]} {
		v.SetPendingCookie(other)
		p := v.Get(mine)
		expect.Equal(t, "p.Status", p.Status, http.StatusForbidden, what, p.Text)
		expect.Equal(t, "v.SignedInAs()", v.SignedInAs(), "", what, p.Text)
	}
	v.SetPendingCookie(cookie)
	if p := v.Get(mine); p.Status != http.StatusOK || v.SignedInAs() == "" {
		t.Errorf("as it was: %d %s", p.Status, p.Text())
	}
}

// otherSign is a sign that stands in such a cookie as well, and is another one.
func otherSign(sign string) string {
	if sign == "A" {
		return "B"
	}
	return "A"
}

// Replayed: even with the cookie put back a code is good once.
func (f federation) Replayed() {
	t := f.T
	v := f.Visitor()
	mine := f.ComesBack(v, "mori", "/admin")
	cookie := v.PendingCookie()
	p := v.Get(mine)
	expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.Text)
	expect.MustThat(t, `v.SignedInAs() != ""`, v.SignedInAs() != "", p.Text)
	thief := f.Visitor()
	thief.SetPendingCookie(cookie)
	if p := thief.Get(mine); p.Status != http.StatusForbidden || thief.SignedInAs() != "" {
		t.Errorf("the same code again: %d %s", p.Status, p.Text())
	}
}

// LedAway: whatever address somebody wants to come back to, it is one of ours.
func (f federation) LedAway() {
	t := f.T
	for _, back := range []string{"https://evil.example/admin", "//evil.example", "/admin/../..//evil.example",
		"/admin\\evil.example", "/v1/session", "javascript:alert(1)"} {
		if p := f.Visitor().SignInAt(f.Idp, "mori", back); p.Status != http.StatusOK ||
			!strings.HasPrefix(p.URL.String(), Public+"/admin/coupons") {
			t.Errorf("%s led to %s: %d", back, p.URL, p.Status)
		}
	}
}
