package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
)

// public is where the service of these tests is reached, as newProcBed says.
const public = "http://127.0.0.1:8080"

// federation is a service, and a provider by which its people sign in.
type federation struct {
	*procBed
	idp *idp
	p   *proc
}

func newFederation(t *testing.T, db storetest.Database, more ...string) federation {
	t.Helper()
	at := provider(t, public)
	b := newProcBed(t, db, at.settings(more...)...)
	return federation{b, at, b.start()}
}

func (f federation) visitor() *visitor { return visitorOf(f.t, f.p, public) }

// person is who has this mail address.
func (f federation) person(email string) domain.Staff {
	f.t.Helper()
	p, err := f.store.StaffByEmail(f.t.Context(), email)
	if err != nil {
		f.t.Fatalf("%s: %v", email, err)
	}
	return p
}

// people is how many accounts there are.
func (f federation) people() int {
	f.t.Helper()
	list, err := f.store.ListStaff(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return len(list)
}

// recorded tells whether the record has a line of this action whose detail has the text.
func (f federation) recorded(action, text string) bool {
	f.t.Helper()
	var n int
	row := f.store.DB().QueryRowContext(f.t.Context(), `SELECT count(*) FROM audit WHERE action = $1 AND detail LIKE $2`,
		action, "%"+text+"%")
	if err := row.Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n > 0
}

func TestStaffSignInAtTheirProvider(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := newFederation(t, db)
		f.idp.employs("mori", "Mori@Example.com", "everybody", "shop")
		v := f.visitor()
		p := v.signInAt(f.idp, "mori", "/admin/account")
		if p.status != http.StatusOK || p.url.String() != public+"/admin/account" ||
			!strings.Contains(p.text(), "Akiko Mori") ||
			!strings.Contains(p.text(), "mori@example.com") {
			t.Fatalf("%d %s\n%s", p.status, p.url, p.text())
		}
		if p.form("/admin/account/password") != nil {
			t.Error("whoever has no password is asked for another one")
		}
		who := f.person("mori@example.com")
		if who.Role != domain.RoleStaff || who.HasPassword() || who.Issuer != f.idp.URL || who.Subject != "mori" {
			t.Errorf(
				"the account is %s of %s at %s, with a password: %v",
				who.Role,
				who.Subject,
				who.Issuer,
				who.HasPassword(),
			)
		}
		if !f.recorded("session.by_provider", "amr=pwd") || !f.recorded("staff.added", "identity provider") {
			t.Error("the record has no line of it")
		}
		session, _, err := f.store.FindSession(t.Context(), domain.HashAPIKey(v.cookie()))
		if err != nil || session.Provider != "oidc amr=pwd" {
			t.Errorf("the session was made by %q, %v", session.Provider, err)
		}
		for _, c := range v.client.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}) {
			if c.Name == "pointbridge_sign_in" {
				t.Error("the sign-in is not over")
			}
		}
		f.follows(v)
		f.leaves()
	})
}

// follows shows that the account follows the provider: another role, none, and one again.
func (f federation) follows(v *visitor) {
	t := f.t
	people := newStaff(f.store, staff.Limits{})
	token, _, err := people.AddToken(t.Context(), f.person("mori@example.com").Caller(), f.person("mori@example.com").ID, "a script")
	if err != nil {
		t.Fatal(err)
	}
	script := caller{t, f.p.base, token}
	if got := script.do("GET", "/v1/session", "", ""); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	f.idp.employs("mori", "mori@example.com", "managers")
	other := f.visitor()
	if p := other.signInAt(f.idp, "mori", "/admin/account"); !strings.Contains(p.text(), "Store manager") {
		t.Errorf("another role: %s", p.text())
	}
	if v.signedInAs() != "" || !f.recorded("identity.role_changed", `"role_before":"staff"`) {
		t.Error("a session of the role before is alive, or no line tells of the change")
	}
	f.idp.employs("mori", "mori@example.com", "everybody")
	p := f.visitor().signInAt(f.idp, "mori", "/admin/account")
	if p.status != http.StatusForbidden || !strings.Contains(p.text(), "no role here") {
		t.Errorf("without a role: %d %s", p.status, p.text())
	}
	if got := script.do("GET", "/v1/session", "", ""); got.status != http.StatusUnauthorized || other.signedInAs() != "" {
		t.Errorf("whoever lost their role is still in: %d", got.status)
	}
	f.idp.employs("mori", "new@example.com", "shop")
	if p := other.signInAt(f.idp, "mori", "/admin/account"); !strings.Contains(p.text(), "new@example.com") ||
		f.people() != 1 {
		t.Errorf("with a role again: %d accounts, %s", f.people(), p.text())
	}
	if got := script.do("GET", "/v1/session", "", ""); got.status != http.StatusOK {
		t.Errorf("the token rests: %d", got.status)
	}
	yes := true
	if _, err := newStaff(f.store, staff.Limits{}).Change(t.Context(), domain.System(), f.person("new@example.com").ID, staff.Edit{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if p := f.visitor().signInAt(f.idp, "mori", "/admin"); p.status != http.StatusForbidden ||
		!strings.Contains(p.text(), "disabled here") {
		t.Errorf("disabled here: %d %s", p.status, p.text())
	}
}

// leaves shows a sign-out here that goes on at the provider.
func (f federation) leaves() {
	t := f.t
	f.idp.employs("ueda", "ueda@example.com", "admins")
	v := f.visitor()
	page := v.signInAt(f.idp, "ueda", "/admin/account")
	left := v.submit(page, "/admin/sign-out", nil)
	if left.status != http.StatusOK || !strings.Contains(left.text(), "Signed out") || v.signedInAs() != "" {
		t.Fatalf("%d %s", left.status, left.text())
	}
	on := ""
	for _, a := range left.all("a") {
		if strings.HasPrefix(attribute(a, "href"), f.idp.URL) {
			on = attribute(a, "href")
		}
	}
	if !strings.Contains(left.raw, `http-equiv="refresh"`) || on == "" {
		t.Fatalf("the page leads nowhere:\n%s", left.raw)
	}
	v.base = ""
	if back := v.get(on); back.url.String() != public+"/admin/sign-in" {
		t.Errorf("the provider leads to %s: %d %s", back.url, back.status, back.text())
	}
}

func TestNoAccountIsTakenOverByItsMailAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := newFederation(t, db)
		people := newStaff(f.store, staff.Limits{})
		boss, password, err := people.Add(
			t.Context(),
			domain.System(),
			staff.Person{Email: "boss@example.com", Name: "Boss", Role: domain.RoleSystemAdmin, Password: staffPassword},
		)
		if err != nil {
			t.Fatal(err)
		}
		f.idp.employs("mallory", "boss@example.com", "admins")
		p := f.visitor().signInAt(f.idp, "mallory", "/admin/account")
		if p.status != http.StatusForbidden || !strings.Contains(p.text(), "has to allow") ||
			f.person(boss.Email).Federated() {
			t.Fatalf("%d %s", p.status, p.text())
		}
		if !f.recorded("identity.refused", "link") {
			t.Error("the record has no line of it")
		}
		v := f.visitor()
		in := v.submit(v.get("/admin/sign-in"), "/admin/sign-in", url.Values{"email": {boss.Email}, "password": {password}})
		if in.status != http.StatusOK {
			t.Fatalf("the password: %d %s", in.status, in.text())
		}
		person := v.get("/admin/staff/1")
		if got := v.submit(person, "/admin/staff/1/link", nil); !strings.Contains(got.text(), "Will be connected") {
			t.Fatalf("%d %s", got.status, got.text())
		}
		f.idp.change("mallory", func(u *storage.User) { u.EmailVerified = false })
		if p := f.visitor().signInAt(f.idp, "mallory", "/admin"); p.status != http.StatusForbidden ||
			!strings.Contains(p.text(), "provider has checked") {
			t.Errorf("an address that nobody checked: %d %s", p.status, p.text())
		}
		f.idp.employs("boss", "boss@example.com", "admins")
		if p := f.visitor().signInAt(f.idp, "boss", "/admin/account"); p.status != http.StatusOK ||
			f.person(boss.Email).Subject != "boss" {
			t.Fatalf("allowed: %d %s", p.status, p.text())
		}
		if v.signedInAs() != "" || !f.recorded("identity.linked", "staff:1") {
			t.Error("the sessions before go on, or no line tells of it")
		}
		// The address is free at the provider now and somebody else's next: the account stays whose it is.
		f.idp.change("mallory", func(u *storage.User) { u.EmailVerified = true })
		if p := f.visitor().signInAt(f.idp, "mallory", "/admin"); p.status != http.StatusForbidden ||
			f.person(boss.Email).Subject != "boss" {
			t.Errorf("the next one with the address: %d %s", p.status, p.text())
		}
		if f.people() != 1 {
			t.Errorf("there are %d accounts", f.people())
		}
	})
}

func TestWithTheProviderAloneNoPasswordLetsAnybodyIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := newFederation(t, db, "OIDC_ONLY=true")
		person := staff.Person{Email: "boss@example.com", Name: "Boss", Role: domain.RoleSystemAdmin}
		boss, password, err := newStaff(f.store, staff.Limits{}).Add(t.Context(), domain.System(), person)
		if err != nil {
			t.Fatal(err)
		}
		v := f.visitor()
		if page := v.get("/admin/sign-in"); page.form("/admin/sign-in") != nil {
			t.Errorf("a password is asked for: %s", page.text())
		}
		in := v.post("/admin/sign-in", url.Values{"email": {boss.Email}, "password": {password}})
		if in.status != http.StatusForbidden || v.signedInAs() != "" {
			t.Errorf("the console: %d %s", in.status, in.text())
		}
		api := caller{t, f.p.base, ""}
		got := api.do("POST", "/v1/session", "", `{"email":"boss@example.com","password":"`+password+`"}`)
		if got.status != http.StatusForbidden || got.body["code"] != "password_sign_in_off" {
			t.Errorf("the API: %d %s", got.status, got.raw)
		}
		var line string
		if err := oneShot(t.Context(), f.env, &line, "staff", "password", "--email", boss.Email); err == nil {
			t.Errorf("the command gives a password: %s", line)
		}
		f.idp.employs("ueda", "ueda@example.com", "admins")
		page := v.signInAt(f.idp, "ueda", "/admin/staff")
		added := v.submit(
			page,
			"/admin/staff",
			url.Values{"email": {"new@example.com"}, "name": {"New"}, "role": {"staff"}},
		)
		if added.status != http.StatusOK || f.person("new@example.com").HasPassword() ||
			strings.Contains(added.raw, "class=\"secret\"") {
			t.Errorf("%d %s", added.status, added.text())
		}
		f.idp.employs("new", "new@example.com", "shop")
		if p := f.visitor().signInAt(f.idp, "new", "/admin/account"); p.status != http.StatusOK ||
			f.person("new@example.com").Subject != "new" {
			t.Errorf("whoever waits for their first sign-in: %d %s", p.status, p.text())
		}
	})
}
