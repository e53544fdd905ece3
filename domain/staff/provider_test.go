package staff_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// teller is an identity provider that says what a test wants.
type teller struct {
	identity staff.Identity
	err      error
	foreign  bool
	asked    int
}

func (t *teller) Address(context.Context, staff.Binding) (string, error) {
	return "https://id.example/authorize", t.err
}
func (t *teller) LeaveAddress(context.Context) string             { return "https://id.example/end" }
func (t *teller) SpeaksFor(context.Context, string) (bool, error) { return !t.foreign, nil }
func (t *teller) Prove(context.Context, string, staff.Binding) (staff.Identity, error) {
	t.asked++
	return t.identity, t.err
}

func akiko() staff.Identity {
	return staff.Identity{
		Issuer:        "https://id.example",
		Subject:       "1",
		Email:         "Mori@example.com",
		EmailVerified: true,
		Name:          " Mori Akiko ",
		Groups:        []string{"everybody", "shop"},
		Methods:       []string{"pwd", "otp"},
		Context:       "aal2",
	}
}

func federated(t *testing.T, limits staff.Limits) (*office, *teller) {
	t.Helper()
	by := &teller{identity: akiko()}
	o := newOffice(t, limits)
	o.Service = o.WithProvider(
		staff.Provider{
			By: by,
			Roles: []staff.RoleRule{{Value: "admins", Role: domain.RoleSystemAdmin},
				{Value: "shop", Role: domain.RoleStaff}},
		},
	)
	return o, by
}

func (o *office) comeBack() (staff.SignedIn, error) {
	return o.SignInByProvider(o.t.Context(), staff.Returned{Code: "code", From: staff.From{Address: "192.0.2.1"}},
		staff.Binding{})
}

func (o *office) actions() (list []string) {
	for _, e := range o.memory.Entries() {
		list = append(list, e.Action)
	}
	return list
}

func TestAnIdentityBecomesAPerson(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{Life: time.Hour})
	in, err := o.comeBack()
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "in.Staff.Email", in.Staff.Email, "mori@example.com")
	expect.MustEqual(t, "in.Staff.Name", in.Staff.Name, "Mori Akiko")
	expect.MustEqual(t, "in.Staff.Role", in.Staff.Role, domain.RoleStaff)
	expect.MustEqual(t, "in.Staff.HasPassword()", in.Staff.HasPassword(), false)
	session, _, err := o.Session(t.Context(), in.Token)
	if err != nil || session.Provider != "oidc amr=pwd,otp acr=aal2" {
		t.Errorf("the session is by %q, %v", session.Provider, err)
	}
	if got := o.actions(); !slices.Equal(got, []string{"staff.added", "session.by_provider"}) {
		t.Errorf("recorded %q", got)
	}
	by.identity.Groups = []string{"shop", "admins"}
	again, err := o.comeBack()
	if err != nil || again.Staff.ID != in.Staff.ID || again.Staff.Role != domain.RoleSystemAdmin {
		t.Errorf("the first rule that fits counts: %s, %v", again.Staff.Role, err)
	}
	if o.alive(in.Token) || !o.alive(again.Token) {
		t.Error("a session of the role before goes on")
	}
	o.clock.Advance(time.Hour)
	if o.alive(again.Token) {
		t.Error("the provider's word outlives the session")
	}
}

func TestWhatRefusesAnIdentity(t *testing.T) {
	t.Parallel()
	for reason, change := range map[string]func(*staff.Identity, *teller){
		staff.ReasonNoRole:  func(i *staff.Identity, _ *teller) { i.Groups = []string{"Shop", "shop ", ""} },
		staff.ReasonEmail:   func(i *staff.Identity, _ *teller) { i.EmailVerified = false },
		staff.ReasonInvalid: func(_ *staff.Identity, by *teller) { by.foreign = true },
	} {
		o, by := federated(t, staff.Limits{})
		change(&by.identity, by)
		_, err := o.comeBack()
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeIdentityRefused, err)
		expect.Equal(t, "staff.ReasonOf(err)", staff.ReasonOf(err), reason, err)
		if list, err := o.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("%s: %d accounts, %v", reason, len(list), err)
		}
		last := o.last()
		if last.Action != "identity.refused" || last.Outcome != domain.OutcomeRefused ||
			last.Detail["reason"] != reason {
			t.Errorf("%s: recorded %s %s %v", reason, last.Action, last.Outcome, last.Detail["reason"])
		}
		if reason == staff.ReasonInvalid && by.asked != 0 {
			t.Error("the code of another provider was shown to ours")
		}
	}
}

func TestFailuresAtTheProviderCount(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{PerAddress: 3})
	by.err = domain.Refuse(domain.CodeUpstreamUnavailable)
	for range 10 { // whoever gets no answer has not failed
		if _, err := o.comeBack(); domain.CodeOf(err) != domain.CodeUpstreamUnavailable {
			t.Fatal(err)
		}
	}
	by.err = domain.Refuse(domain.CodeIdentityRefused, "reason", staff.ReasonInvalid)
	for range 3 {
		if _, err := o.comeBack(); domain.CodeOf(err) != domain.CodeIdentityRefused {
			t.Fatal(err)
		}
	}
	asked := by.asked
	if _, err := o.comeBack(); domain.CodeOf(err) != domain.CodeRateLimited || by.asked != asked {
		t.Errorf("the provider is asked for whoever failed too often: %v", err)
	}
}

func TestAnAddressThatMovesBetweenIdentities(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	first, err := o.comeBack()
	if err != nil {
		t.Fatal(err)
	}
	by.identity.Subject = "2"
	if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonLink {
		t.Fatalf("the address alone lets somebody in: %v", err)
	}
	by.identity.Subject, by.identity.Issuer = "1", "https://other.example"
	if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonLink {
		t.Fatalf("the same subject of another issuer: %v", err)
	}
	if err := o.AllowLink(t.Context(), staff.Operator(), first.Staff.ID); err != nil {
		t.Fatal(err)
	}
	o.clock.Advance(25 * time.Hour)
	if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonLink {
		t.Fatalf("an admin's word of yesterday: %v", err)
	}
	if err := o.AllowLink(t.Context(), staff.Operator(), first.Staff.ID); err != nil {
		t.Fatal(err)
	}
	if in, err := o.comeBack(); err != nil || in.Staff.ID != first.Staff.ID ||
		in.Staff.Issuer != "https://other.example" ||
		in.Staff.LinkUntil != nil {
		t.Fatalf("an admin's word: %v", err)
	}
}

func TestAnAddressThatSomebodyElseHasHere(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	boss := o.hire("boss@example.com", domain.RoleSystemAdmin)
	first, err := o.comeBack()
	if err != nil {
		t.Fatal(err)
	}
	by.identity.Email, by.identity.Name = boss.Email, strings.Repeat("x", 300)
	in, err := o.comeBack()
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "in.Staff.ID", in.Staff.ID, first.Staff.ID)
	expect.Equal(t, "in.Staff.Email", in.Staff.Email, "mori@example.com")
	expect.Equal(t, "in.Staff.Name", in.Staff.Name, "Mori Akiko")
}

func TestASuspendedPersonCanBeDisabled(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	in, err := o.comeBack()
	if err != nil {
		t.Fatal(err)
	}
	by.identity.Groups = nil
	for range 2 {
		if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonNoRole || o.alive(in.Token) {
			t.Fatal(err)
		}
	}
	if n := strings.Count(strings.Join(o.actions(), " "), "identity.suspended"); n != 1 {
		t.Errorf("suspended %d times", n)
	}
	if p, err := o.Change(t.Context(), staff.Operator(), in.Staff.ID, staff.Edit{Disabled: set(true)}); err != nil ||
		p.DisabledAt == nil {
		t.Fatalf("not disabled, %v", err)
	}
	by.identity.Groups = []string{"shop"}
	if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonDisabled {
		t.Errorf("the provider overrules us: %v", err)
	}
}

func TestNoPasswordIsAskedForOrGiven(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	p := o.hire("boss@example.com", domain.RoleSystemAdmin)
	o.Service = o.WithProvider(staff.Provider{By: by, Only: true})
	before := o.hasher.Runs()
	if _, code := o.enter(p.Email, goodPassword, "192.0.2.1"); code != domain.CodePasswordsOff {
		t.Errorf("signing in: %s", code)
	}
	if err := o.ChangePassword(t.Context(), p.ID, goodPassword, "another good password"); domain.CodeOf(
		err,
	) != domain.CodePasswordsOff {
		t.Errorf("changing: %v", err)
	}
	if _, err := o.SetPassword(t.Context(), staff.Operator(), p.ID, ""); domain.CodeOf(err) != domain.CodePasswordsOff {
		t.Errorf("drawing: %v", err)
	}
	if _, _, err := o.Add(t.Context(), staff.Operator(), staff.Person{Email: "a@example.com", Name: "A",
		Role: domain.RoleStaff, Password: goodPassword}); domain.CodeOf(
		err,
	) != domain.CodePasswordsOff {
		t.Errorf("choosing one for somebody: %v", err)
	}
	if n := o.hasher.Runs() - before; n != 0 {
		t.Errorf("%d passwords were looked at", n)
	}
}

func TestWhoeverSignsInAtTheProviderConfirmsThere(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	o.Equip(staff.Tools{Required: map[domain.Role]bool{domain.RoleStaff: true}})
	by.identity.At = o.clock.Now().Add(-staff.FreshFor)
	in, err := o.comeBack()
	if err != nil || in.Stage != staff.StageIn {
		t.Fatalf("a second factor is asked for here: %q, %v", in.Stage, err)
	}
	session, person, err := o.Session(t.Context(), in.Token)
	if err != nil || o.Fresh(session) || !session.By(staff.ByProvider) || !session.SecondFactor {
		t.Fatalf("fresh by a sign-in of before: %q, %v", session.Methods, err)
	}
	expect.Equal(t, "o.ConfirmWays(person, session)", o.ConfirmWays(person, session), staff.ConfirmWays{Provider: true})
	before := o.hasher.Runs()
	err = o.Confirm(t.Context(), person, session, staff.Confirmation{Password: "none"})
	if domain.CodeOf(err) != domain.CodeReauthentication || o.hasher.Runs() != before {
		t.Errorf("a password nobody has: %v", err)
	}
	by.identity.At = o.clock.Now()
	if in, err = o.comeBack(); err != nil {
		t.Fatal(err)
	}
	if session, _, err = o.Session(t.Context(), in.Token); err != nil || !o.Fresh(session) {
		t.Errorf("not fresh after it: %v", err)
	}
	if e := o.last(); e.Credential != session.Credential() || !strings.HasPrefix(e.Credential, "oidc:") {
		t.Errorf("the audit names %q", e.Credential)
	}
}

func TestAProviderThatDoesNotSaySinceWhenIsBelievedWhenItWasAskedToAsk(t *testing.T) {
	t.Parallel()
	o, _ := federated(t, staff.Limits{})
	for _, again := range []bool{false, true} {
		in, err := o.SignInByProvider(t.Context(), staff.Returned{Code: "code", From: staff.From{Address: "192.0.2.1"}},
			staff.Binding{Again: again})
		if err != nil {
			t.Fatal(err)
		}
		if session, _, err := o.Session(t.Context(), in.Token); err != nil || o.Fresh(session) != again {
			t.Errorf("asked to ask %v, fresh %v: %v", again, o.Fresh(session), err)
		}
	}
}

func TestChangedAddressesAreNotLinked(t *testing.T) {
	t.Parallel()
	o, by := federated(t, staff.Limits{})
	p := o.hire("sato@example.com", domain.RoleStaff)
	if err := o.AllowLink(t.Context(), staff.Operator(), p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Change(t.Context(), staff.Operator(), p.ID, staff.Edit{Email: set("mori@example.com")}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.comeBack(); staff.ReasonOf(err) != staff.ReasonLink || by.asked != 1 {
		t.Errorf("what was said of another address counts: %v", err)
	}
}
