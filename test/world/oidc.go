package world

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/passwords/passwordstest"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// Public is where services of tests are reached, unless a setting says otherwise.
const Public = "http://127.0.0.1:8080"

// federation is a service, and a provider by which its people sign in.
type federation struct {
	*Processes
	Idp *idp
	P   *Proc
}

func NewFederation(t *testing.T, db storetest.Database, more ...string) federation {
	t.Helper()
	at := provider(t, Public)
	b := NewProcesses(t, db, at.settings(more...)...)
	return federation{b, at, b.Start()}
}

func (f federation) Visitor() *Visitor { return visitorOf(f.T, f.P, Public) }

// Person is who has this mail address.
func (f federation) Person(email string) domain.Staff {
	f.T.Helper()
	p, err := f.Store.Staff.StaffByEmail(f.T.Context(), email)
	if err != nil {
		f.T.Fatalf("%s: %v", email, err)
	}
	return p
}

// People is how many accounts there are.
func (f federation) People() int {
	f.T.Helper()
	list, err := f.Store.Staff.ListStaff(f.T.Context())
	if err != nil {
		f.T.Fatal(err)
	}
	return len(list)
}

// Recorded reports whether the audit has an entry of this action whose detail has the text.
func (f federation) Recorded(action, text string) bool {
	f.T.Helper()
	var n int
	row := f.Store.DB().QueryRowContext(f.T.Context(),
		`SELECT count(*) FROM audit WHERE action = $1 AND detail LIKE $2`, action, "%"+text+"%")
	if err := row.Scan(&n); err != nil {
		f.T.Fatal(err)
	}
	return n > 0
}

// Follows shows that the account follows the provider: another role, none, and one again.
func (f federation) Follows(v *Visitor) {
	t := f.T
	people := app.NewStaff(f.Store, staff.Limits{}).WithHasher(passwordstest.Cheap{})
	token, _, err := people.AddToken(t.Context(), f.Person("mori@example.com").Caller(),
		f.Person("mori@example.com").ID, "a script")
	if err != nil {
		t.Fatal(err)
	}
	script := Caller{t, f.P.Base, token}
	got := script.Do("GET", "/v1/session", "", "")
	expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
	f.Idp.Employs("mori", "mori@example.com", "managers")
	other := f.Visitor()
	if p := other.SignInAt(f.Idp, "mori", "/admin/account"); !strings.Contains(p.Text(), "Store manager") {
		t.Errorf("another role: %s", p.Text())
	}
	if v.SignedInAs() != "" || !f.Recorded("identity.role_changed", `"role_before":"staff"`) {
		t.Error("a session of the role before is alive, or no line tells of the change")
	}
	f.Idp.Employs("mori", "mori@example.com", "everybody")
	p := f.Visitor().SignInAt(f.Idp, "mori", "/admin/account")
	if p.Status != http.StatusForbidden || !strings.Contains(p.Text(), "no role here") {
		t.Errorf("without a role: %d %s", p.Status, p.Text())
	}
	if got := script.Do("GET", "/v1/session", "", ""); got.Status != http.StatusUnauthorized ||
		other.SignedInAs() != "" {
		t.Errorf("whoever lost their role is still in: %d", got.Status)
	}
	f.Idp.Employs("mori", "new@example.com", "shop")
	if p := other.SignInAt(f.Idp, "mori", "/admin/account"); !strings.Contains(p.Text(), "new@example.com") ||
		f.People() != 1 {
		t.Errorf("with a role again: %d accounts, %s", f.People(), p.Text())
	}
	if got := script.Do("GET", "/v1/session", "", ""); got.Status != http.StatusOK {
		t.Errorf("the token rests: %d", got.Status)
	}
	yes := true
	if _, err := app.NewStaff(f.Store, staff.Limits{}).Change(t.Context(), domain.System(),
		f.Person("new@example.com").ID, staff.Edit{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if p := f.Visitor().SignInAt(f.Idp, "mori", "/admin"); p.Status != http.StatusForbidden ||
		!strings.Contains(p.Text(), "disabled here") {
		t.Errorf("disabled here: %d %s", p.Status, p.Text())
	}
}

// Leaves shows a sign-out here that goes on at the provider.
func (f federation) Leaves() {
	t := f.T
	f.Idp.Employs("ueda", "ueda@example.com", "admins")
	v := f.Visitor()
	page := v.SignInAt(f.Idp, "ueda", "/admin/account")
	left := v.Submit(page, "/admin/sign-out", nil)
	expect.MustEqual(t, "left.Status", left.Status, http.StatusOK, left.Text)
	expect.MustThat(t, `left.Text() to contain "Signed out"`, strings.Contains(left.Text(), "Signed out"), left.Text)
	expect.MustEqual(t, "v.SignedInAs()", v.SignedInAs(), "", left.Text)
	on := ""
	for _, a := range left.All("a") {
		if strings.HasPrefix(Attribute(a, "href"), f.Idp.URL) {
			on = Attribute(a, "href")
		}
	}
	if !strings.Contains(left.Raw, `http-equiv="refresh"`) || on == "" {
		t.Fatalf("the page leads nowhere:\n%s", left.Raw)
	}
	v.base = ""
	if back := v.Get(on); back.URL.String() != Public+"/admin/sign-in" {
		t.Errorf("the provider leads to %s: %d %s", back.URL, back.Status, back.Text())
	}
}
