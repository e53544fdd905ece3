package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pointbridge/test/expect"
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
			expect.MustEqual(t, "p.URL.Path", p.URL.Path, "/admin/sign-in", p.URL)
			expect.MustEqual(t, `p.URL.Query().Get("back")`, p.URL.Query().Get("back"), "/admin/account", p.URL)
		})
	t.Run("a wrong password keeps the page and the address, and says nothing about which of them was wrong",
		func(t *testing.T) {
			v := world.NewVisitor(t, file.API)
			p := v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {person.Email},
				"password": {"not the password"}})
			expect.MustEqual(t, "p.Status", p.Status, http.StatusUnauthorized)
			expect.MustThat(t, "p.Raw to contain person.Email", strings.Contains(p.Raw, person.Email), person.Email,
				p.Raw)
			expect.MustThat(t, `p.Raw not to contain "not the password"`, !strings.Contains(p.Raw, "not the password"),
				p.Raw)
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
		expect.MustEqual(t, "p.Status", p.Status, http.StatusNotFound, p.Text)
		expect.MustThat(t, `p.Text() to contain "Sign out"`, strings.Contains(p.Text(), "Sign out"), p.Text)
		policy := p.Header.Get("Content-Security-Policy")
		expect.That(t, `policy to contain "default-src 'none'"`, strings.Contains(policy, "default-src 'none'"), policy)
		expect.That(t, `policy not to contain "unsafe"`, !strings.Contains(policy, "unsafe"), policy)
		p = v.Submit(p, "/admin/language", url.Values{"back": {"/admin/nothing"}})
		expect.MustThat(t, `p.Text() to contain "ログアウト"`, strings.Contains(p.Text(), "ログアウト"), p.Text)
		expect.MustEqual(t, `p.Header.Get("Content-Language")`, p.Header.Get("Content-Language"), "ja", p.Text)
	})
	t.Run("a form that another site made is refused", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "staff")
		p := v.Get("/admin/nothing")
		fields := world.FieldsOf(p.Form("/admin/sign-out"))
		foreign := v.Send(http.MethodPost, "/admin/sign-out", strings.NewReader(fields.Encode()), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"https://evil.example"},
			"Sec-Fetch-Site": {"cross-site"}})
		expect.MustEqual(t, "foreign.Status", foreign.Status, http.StatusForbidden)
		got := v.Post("/admin/sign-out", url.Values{"form_token": {"made up"}})
		expect.MustEqual(t, "got.Status", got.Status, http.StatusForbidden)
		got = v.Post("/admin/sign-out", fields)
		expect.MustEqual(t, "got.URL.Path", got.URL.Path, "/admin/sign-in", got.URL)
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
		p := change(typed[0], typed[1], typed[2])
		expect.Equal(t, "p.Status", p.Status, http.StatusUnprocessableEntity, name, p.Text)
		expect.Equal(t, `len(p.All("main"))`, len(p.All("main")), 1, name, p.Text)
	}
	p := change(old, "a good long password", "a good long password")
	expect.MustEqual(t, "p.URL.Path", p.URL.Path, "/admin/sign-in", p.Status, p.URL)
	if p := other.Get("/admin/account"); p.URL.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
	manager, second := world.ConsoleVisitor(t, file, "store_manager"), world.ConsoleVisitor(t, file, "store_manager")
	p = manager.Submit(manager.Get("/admin/account"), "/admin/account/sign-out-everywhere", nil)
	expect.MustEqual(t, "p.URL.Path", p.URL.Path, "/admin/sign-in", p.URL)
	if p := second.Get("/admin/account"); p.URL.Path != "/admin/sign-in" {
		t.Fatal("the other device is still signed in")
	}
}
