package rights

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/passwords/passwordstest"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/bench"
)

func TestStaffSignInAtTheirProvider(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db)
		f.Idp.Employs("mori", "Mori@Example.com", "everybody", "shop")
		v := f.Visitor()
		p := v.SignInAt(f.Idp, "mori", "/admin/account")
		expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.URL, p.Text)
		expect.MustEqual(t, "p.URL.String()", p.URL.String(), world.Public+"/admin/account", p.URL, p.Text)
		expect.MustThat(t, `p.Text() to contain "Akiko Mori"`, strings.Contains(p.Text(), "Akiko Mori"), p.Text, p.URL)
		expect.MustThat(t, `p.Text() to contain "mori@example.com"`, strings.Contains(p.Text(), "mori@example.com"),
			p.Text, p.URL)
		if p.Form("/admin/account/password") != nil {
			t.Error("whoever has no password is asked for another one")
		}
		who := f.Person("mori@example.com")
		if who.Role != domain.RoleStaff || who.HasPassword() || who.Issuer != f.Idp.URL || who.Subject != "mori" {
			t.Errorf(
				"the account is %s of %s at %s, with a password: %v",
				who.Role,
				who.Subject,
				who.Issuer,
				who.HasPassword(),
			)
		}
		if !f.Recorded("session.by_provider", "amr=pwd") || !f.Recorded("staff.added", "identity provider") {
			t.Error("the audit has no line of it")
		}
		session, _, err := f.Store.Sessions.FindSession(t.Context(), domain.HashAPIKey(v.Cookie()))
		if err != nil || session.Provider != "oidc amr=pwd" {
			t.Errorf("the session was made by %q, %v", session.Provider, err)
		}
		for _, c := range v.Client.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}) {
			if c.Name == "pointbridge_sign_in" {
				t.Error("the sign-in is not over")
			}
		}
		f.Follows(v)
		f.Leaves()
	})
}

func TestNoAccountIsTakenOverByItsMailAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db)
		people := app.NewStaff(f.Store, staff.Limits{}).WithHasher(passwordstest.Cheap{})
		boss, password, err := people.Add(
			t.Context(),
			domain.System(),
			staff.Person{Email: "boss@example.com", Name: "Boss", Role: domain.RoleSystemAdmin,
				Password: world.StaffPassword},
		)
		if err != nil {
			t.Fatal(err)
		}
		f.Idp.Employs("mallory", "boss@example.com", "admins")
		p := f.Visitor().SignInAt(f.Idp, "mallory", "/admin/account")
		expect.MustEqual(t, "p.Status", p.Status, http.StatusForbidden, p.Text)
		expect.MustThat(t, `p.Text() to contain "has to allow"`, strings.Contains(p.Text(), "has to allow"), p.Text)
		expect.MustEqual(t, "f.Person(boss.Email).Federated()", f.Person(boss.Email).Federated(), false, p.Text)
		if !f.Recorded("identity.refused", "link") {
			t.Error("the audit has no line of it")
		}
		v := f.Visitor()
		in := v.Submit(v.Get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {boss.Email},
			"password": {password}})
		if in.Status != http.StatusOK {
			t.Fatalf("the password: %d %s", in.Status, in.Text())
		}
		person := v.Get("/admin/staff/1")
		got := v.Submit(person, "/admin/staff/1/link", nil)
		expect.MustThat(t, `got.Text() to contain "Will be connected"`,
			strings.Contains(got.Text(), "Will be connected"), got.Text, got.Status)
		f.Idp.Change("mallory", func(u *storage.User) { u.EmailVerified = false })
		if p := f.Visitor().SignInAt(f.Idp, "mallory", "/admin"); p.Status != http.StatusForbidden ||
			!strings.Contains(p.Text(), "provider has checked") {
			t.Errorf("an address that nobody checked: %d %s", p.Status, p.Text())
		}
		f.Idp.Employs("boss", "boss@example.com", "admins")
		if p := f.Visitor().SignInAt(f.Idp, "boss", "/admin/account"); p.Status != http.StatusOK ||
			f.Person(boss.Email).Subject != "boss" {
			t.Fatalf("allowed: %d %s", p.Status, p.Text())
		}
		if v.SignedInAs() != "" || !f.Recorded("identity.linked", "staff:1") {
			t.Error("the sessions before go on, or no line tells of it")
		}
		// The address is free at the provider now and somebody else's next: the account stays whose it is.
		f.Idp.Change("mallory", func(u *storage.User) { u.EmailVerified = true })
		if p := f.Visitor().SignInAt(f.Idp, "mallory", "/admin"); p.Status != http.StatusForbidden ||
			f.Person(boss.Email).Subject != "boss" {
			t.Errorf("the next one with the address: %d %s", p.Status, p.Text())
		}
		if f.People() != 1 {
			t.Errorf("there are %d accounts", f.People())
		}
	})
}

func TestWithTheProviderAloneNoPasswordLetsAnybodyIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db, "OIDC_ONLY=true")
		person := staff.Person{Email: "boss@example.com", Name: "Boss", Role: domain.RoleSystemAdmin}
		boss, password, err := app.NewStaff(f.Store, staff.Limits{}).Add(t.Context(), domain.System(), person)
		if err != nil {
			t.Fatal(err)
		}
		v := f.Visitor()
		if page := v.Get("/admin/sign-in"); page.Form("/admin/sign-in") != nil {
			t.Errorf("a password is asked for: %s", page.Text())
		}
		in := v.Post("/admin/sign-in", url.Values{"email": {boss.Email}, "password": {password}})
		if in.Status != http.StatusForbidden || v.SignedInAs() != "" {
			t.Errorf("the console: %d %s", in.Status, in.Text())
		}
		api := world.Caller{T: t, Base: f.P.Base, Key: ""}
		got := api.Do("POST", "/v1/session", "", `{"email":"boss@example.com","password":"`+password+`"}`)
		if got.Status != http.StatusForbidden || got.Body["code"] != "password_sign_in_off" {
			t.Errorf("the API: %d %s", got.Status, got.Raw)
		}
		var line string
		if err := bench.RunOnce(t.Context(), f.Env, &line, "staff", "password", "--email", boss.Email); err == nil {
			t.Errorf("the command gives a password: %s", line)
		}
		f.Idp.Employs("ueda", "ueda@example.com", "admins")
		page := v.SignInAt(f.Idp, "ueda", "/admin/staff")
		added := v.Submit(
			page,
			"/admin/staff",
			url.Values{"email": {"new@example.com"}, "name": {"New"}, "role": {"staff"}},
		)
		expect.Equal(t, "added.Status", added.Status, http.StatusOK, added.Text)
		expect.Equal(t, `f.Person("new@example.com").HasPassword()`, f.Person("new@example.com").HasPassword(), false,
			added.Text)
		expect.That(t, `added.Raw not to contain "class=\"secret\""`, !strings.Contains(added.Raw, "class=\"secret\""),
			added.Raw, added.Text)
		f.Idp.Employs("new", "new@example.com", "shop")
		if p := f.Visitor().SignInAt(f.Idp, "new", "/admin/account"); p.Status != http.StatusOK ||
			f.Person("new@example.com").Subject != "new" {
			t.Errorf("whoever waits for their first sign-in: %d %s", p.Status, p.Text())
		}
	})
}
