package world

import (
	"net/http"
	"net/url"
)

// SignedInAs tells who the visitor is to the console; nobody is "".
func (v *Visitor) SignedInAs() string {
	v.T.Helper()
	p := v.Get("/admin/account")
	if p.URL.Path != "/admin/account" {
		return ""
	}
	return p.Text()
}

// Cookie is the visitor's session.
func (v *Visitor) Cookie() string {
	v.T.Helper()
	here, err := url.Parse(v.base)
	if err != nil {
		v.T.Fatal(err)
	}
	for _, c := range v.Client.Jar.Cookies(here) {
		if c.Name == "pointbridge" {
			return c.Value
		}
	}
	return ""
}

// Bearing sets the session cookie, as somebody could who had the browser in their hands.
func (v *Visitor) Bearing(value string) *Visitor {
	v.T.Helper()
	here, err := url.Parse(v.base)
	if err != nil {
		v.T.Fatal(err)
	}
	v.Client.Jar.SetCookies(here, []*http.Cookie{{Name: "pointbridge", Value: value, Path: "/"}})
	return v
}

// ReplaceDrawn signs in with a password that was drawn, chooses another one as the page asks for, and signs in with
// that.
func (v *Visitor) ReplaceDrawn(email, drawn, chosen string) {
	v.T.Helper()
	p := v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email}, "password": {drawn}})
	if p.URL.Path != "/admin/sign-in/password" {
		v.T.Fatalf("%s is led to %s", email, p.URL)
	}
	v.Submit(p, "/admin/sign-in/password", url.Values{"current_password": {drawn}, "new_password": {chosen},
		"again": {chosen}})
	v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {email}, "password": {chosen}})
}
