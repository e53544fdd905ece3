package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestConsoleSignIn(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	person := file.Staff[0]

	t.Run("nobody sees anything before they have signed in, and comes back to where they wanted to be", func(t *testing.T) {
		v := newVisitor(t, file.API)
		p := v.get("/admin/account")
		if p.url.Path != "/admin/sign-in" || p.url.Query().Get("back") != "/admin/account" {
			t.Fatalf("%s", p.url)
		}
	})
	t.Run("a wrong password keeps the page and the address, and says nothing about which of them was wrong", func(t *testing.T) {
		v := newVisitor(t, file.API)
		p := v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {person.Email}, "password": {"not the password"}})
		if p.status != http.StatusUnauthorized || !strings.Contains(p.raw, person.Email) || strings.Contains(p.raw, "not the password") {
			t.Fatalf("%d\n%s", p.status, p.raw)
		}
		other := v.submit(p, "/admin/sign-in", url.Values{"email": {"nobody@example.com"}, "password": {"not the password"}})
		if strings.ReplaceAll(other.text(), "nobody@example.com", "") != strings.ReplaceAll(p.text(), person.Email, "") {
			t.Fatal("the answers tell who works here")
		}
	})
	t.Run("cookie, policy, language", func(t *testing.T) {
		v := consoleVisitor(t, file, "store_manager")
		here, err := url.Parse(file.API)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range v.client.Jar.Cookies(here) {
			names = append(names, c.Name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"pointbridge", "pointbridge-device"}) {
			t.Fatalf("the cookies are %v", names)
		}
		p := v.get("/admin/nothing")
		if p.status != http.StatusNotFound || !strings.Contains(p.text(), "Sign out") {
			t.Fatalf("%d %s", p.status, p.text())
		}
		policy := p.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s", policy)
		}
		p = v.submit(p, "/admin/language", url.Values{"back": {"/admin/nothing"}})
		if !strings.Contains(p.text(), "ログアウト") || p.header.Get("Content-Language") != "ja" {
			t.Fatalf("%s", p.text())
		}
	})
	t.Run("a form that another site made is refused", func(t *testing.T) {
		v := consoleVisitor(t, file, "staff")
		p := v.get("/admin/nothing")
		fields := fieldsOf(p.form("/admin/sign-out"))
		foreign := v.send(http.MethodPost, "/admin/sign-out", strings.NewReader(fields.Encode()), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}})
		if foreign.status != http.StatusForbidden {
			t.Fatalf("%d", foreign.status)
		}
		if got := v.post("/admin/sign-out", url.Values{"form_token": {"made up"}}); got.status != http.StatusForbidden {
			t.Fatalf("%d", got.status)
		}
		if got := v.post("/admin/sign-out", fields); got.url.Path != "/admin/sign-in" {
			t.Fatalf("%s", got.url)
		}
		if got := v.get("/admin/nothing"); strings.Contains(got.text(), "Sign out") {
			t.Fatal("still signed in")
		}
	})
}

func TestConsoleAccount(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v, other := consoleVisitor(t, file, "staff"), consoleVisitor(t, file, "staff")
	var old string
	for _, p := range file.Staff {
		if p.Role == "staff" {
			old = p.Password
		}
	}
	change := func(current, chosen, again string) seenPage {
		return v.submit(v.get("/admin/account"), "/admin/account/password",
			url.Values{"current_password": {current}, "new_password": {chosen}, "again": {again}})
	}
	for name, typed := range map[string][3]string{
		"short":   {old, "short", "short"},
		"differs": {old, "a good long password", "another long password"},
		"wrong":   {"not the old password", "a good long password", "a good long password"},
	} {
		if p := change(typed[0], typed[1], typed[2]); p.status != http.StatusUnprocessableEntity || len(p.all("main")) != 1 {
			t.Errorf("%s: %d %s", name, p.status, p.text())
		}
	}
	if p := change(old, "a good long password", "a good long password"); p.url.Path != "/admin/sign-in" {
		t.Fatalf("%d %s", p.status, p.url)
	}
	if p := other.get("/admin/account"); p.url.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
	manager, second := consoleVisitor(t, file, "store_manager"), consoleVisitor(t, file, "store_manager")
	if p := manager.submit(manager.get("/admin/account"), "/admin/account/sign-out-everywhere", nil); p.url.Path != "/admin/sign-in" {
		t.Fatalf("%s", p.url)
	}
	if p := second.get("/admin/account"); p.url.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
}
