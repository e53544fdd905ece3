package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/test/world"
)

func TestConsoleSignIn(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	person := file.Staff[0]

	t.Run("nobody sees anything before they have signed in, and comes back to where they wanted to be",
		func(t *testing.T) {
			v := world.NewVisitor(t, file.API)
			p := v.Get("/admin/account")
			if p.URL.Path != "/admin/sign-in" || p.URL.Query().Get("back") != "/admin/account" {
				t.Fatalf("%s", p.URL)
			}
		})
	t.Run("a wrong password keeps the page and the address, and says nothing about which of them was wrong",
		func(t *testing.T) {
			v := world.NewVisitor(t, file.API)
			p := v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {person.Email},
				"password": {"not the password"}})
			if p.Status != http.StatusUnauthorized || !strings.Contains(p.Raw, person.Email) || strings.Contains(p.Raw,
				"not the password") {
				t.Fatalf("%d\n%s", p.Status, p.Raw)
			}
			other := v.Submit(p, "/admin/sign-in", url.Values{"email": {"nobody@example.com"},
				"password": {"not the password"}})
			if strings.ReplaceAll(other.Text(), "nobody@example.com", "") != strings.ReplaceAll(p.Text(), person.Email,
				"") {
				t.Fatal("the answers tell who works here")
			}
		})
	t.Run("cookie, policy, language", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "store_manager")
		here, err := url.Parse(file.API)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range v.Client.Jar.Cookies(here) {
			names = append(names, c.Name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"pointbridge", "pointbridge-device"}) {
			t.Fatalf("the cookies are %v", names)
		}
		p := v.Get("/admin/nothing")
		if p.Status != http.StatusNotFound || !strings.Contains(p.Text(), "Sign out") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		policy := p.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s", policy)
		}
		p = v.Submit(p, "/admin/language", url.Values{"back": {"/admin/nothing"}})
		if !strings.Contains(p.Text(), "ログアウト") || p.Header.Get("Content-Language") != "ja" {
			t.Fatalf("%s", p.Text())
		}
	})
	t.Run("a form that another site made is refused", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "staff")
		p := v.Get("/admin/nothing")
		fields := world.FieldsOf(p.Form("/admin/sign-out"))
		foreign := v.Send(http.MethodPost, "/admin/sign-out", strings.NewReader(fields.Encode()), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"},
			"Sec-Fetch-Site": {"cross-site"}})
		if foreign.Status != http.StatusForbidden {
			t.Fatalf("%d", foreign.Status)
		}
		if got := v.Post("/admin/sign-out", url.Values{"form_token": {"made up"}}); got.Status != http.StatusForbidden {
			t.Fatalf("%d", got.Status)
		}
		if got := v.Post("/admin/sign-out", fields); got.URL.Path != "/admin/sign-in" {
			t.Fatalf("%s", got.URL)
		}
		if got := v.Get("/admin/nothing"); strings.Contains(got.Text(), "Sign out") {
			t.Fatal("still signed in")
		}
	})
}

func TestConsoleAccount(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v, other := world.ConsoleVisitor(t, file, "staff"), world.ConsoleVisitor(t, file, "staff")
	var old string
	for _, p := range file.Staff {
		if p.Role == "staff" {
			old = p.Password
		}
	}
	change := func(current, chosen, again string) world.SeenPage {
		return v.Submit(v.Get("/admin/account"), "/admin/account/password",
			url.Values{"current_password": {current}, "new_password": {chosen}, "again": {again}})
	}
	for name, typed := range map[string][3]string{
		"short":   {old, "short", "short"},
		"differs": {old, "a good long password", "another long password"},
		"wrong":   {"not the old password", "a good long password", "a good long password"},
	} {
		if p := change(typed[0], typed[1], typed[2]); p.Status != http.StatusUnprocessableEntity ||
			len(p.All("main")) != 1 {
			t.Errorf("%s: %d %s", name, p.Status, p.Text())
		}
	}
	if p := change(old, "a good long password", "a good long password"); p.URL.Path != "/admin/sign-in" {
		t.Fatalf("%d %s", p.Status, p.URL)
	}
	if p := other.Get("/admin/account"); p.URL.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
	manager, second := world.ConsoleVisitor(t, file, "store_manager"), world.ConsoleVisitor(t, file, "store_manager")
	if p := manager.Submit(manager.Get("/admin/account"), "/admin/account/sign-out-everywhere",
		nil); p.URL.Path != "/admin/sign-in" {
		t.Fatalf("%s", p.URL)
	}
	if p := second.Get("/admin/account"); p.URL.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
}
