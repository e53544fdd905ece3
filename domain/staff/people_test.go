package staff_test

import (
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

var boss = domain.Caller{ID: "staff:99", Name: "The boss", Role: domain.RoleSystemAdmin}

func TestAdd(t *testing.T) {
	t.Parallel()
	t.Run("a drawn password lets the person in, and the audit holds neither it nor the address", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		p, password, err := o.Add(t.Context(), boss, staff.Person{Email: "New@Example.com", Name: " Mori ",
			Role: domain.RoleECAdmin, CustomerID: "12345"})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "p.Email", p.Email, "new@example.com")
		expect.MustEqual(t, "p.Name", p.Name, "Mori")
		expect.MustEqual(t, "p.CustomerID", p.CustomerID, "12345")
		expect.MustThat(t, "domain.GoodPassword(password)", domain.GoodPassword(password), password)
		e := o.last()
		if e.Action != "staff.added" || e.Actor != boss.ID || e.ActorName != boss.Name ||
			e.Detail["role"] != "ec_admin" ||
			strings.Contains(fmt.Sprint(e), password) || strings.Contains(fmt.Sprint(e), p.Email) {
			t.Errorf("recorded %+v", e)
		}
		if _, code := o.enter("new@example.com", password, "1"); code != "" {
			t.Error(code)
		}
		if _, _, err := o.Add(t.Context(), boss, staff.Person{Email: "NEW@example.com", Name: "Again",
			Role: domain.RoleStaff}); domain.CodeOf(err) != domain.CodeStaffExists {
			t.Errorf("the same address again: %v", err)
		}
	})
	for field, p := range map[string]staff.Person{
		"body.email":       {Email: "nobody", Name: "A", Role: domain.RoleStaff},
		"body.name":        {Email: "a@b.example", Name: " ", Role: domain.RoleStaff},
		"body.role":        {Email: "a@b.example", Name: "A", Role: domain.RolePOS},
		"body.customer_id": {Email: "a@b.example", Name: "A", Role: domain.RoleStaff, CustomerID: "a b"},
		"body.password":    {Email: "a@b.example", Name: "A", Role: domain.RoleStaff, Password: "too short"},
	} {
		t.Run("a wrong "+field, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, staff.Limits{})
			_, _, err := o.Add(t.Context(), boss, p)
			refused, ok := err.(*domain.Error)
			expect.MustEqual(t, "ok", ok, true, err)
			expect.MustEqual(t, "refused.Code", refused.Code, domain.CodeValidation, err)
			expect.MustEqual[any](t, `refused.Params["field"]`, refused.Params["field"], field, err)
			expect.MustEqual(t, "o.hasher.Runs()", o.hasher.Runs(), 0, err)
		})
	}
}

func TestWhatEndsSessions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		act  func(o *office, id int64) error
		ends bool
	}{
		"another role": {func(o *office, id int64) error {
			_, err := o.Change(o.t.Context(), boss, id, staff.Edit{Role: set(domain.RoleStoreManager)})
			return err
		}, true},
		"being disabled": {func(o *office, id int64) error {
			_, err := o.Change(o.t.Context(), boss, id, staff.Edit{Disabled: set(true)})
			return err
		}, true},
		"another password": {func(o *office, id int64) error {
			_, err := o.SetPassword(o.t.Context(), boss, id, "another good password")
			return err
		}, true},
		"signing out everywhere": {func(o *office, id int64) error { return o.SignOutEverywhere(o.t.Context(), boss, id) }, true},
		"another name": {func(o *office, id int64) error {
			_, err := o.Change(o.t.Context(), boss, id, staff.Edit{Name: set("Mori Akiko"), CustomerID: set("12345")})
			return err
		}, false},
		"the same role": {func(o *office, id int64) error {
			_, err := o.Change(o.t.Context(), boss, id, staff.Edit{Role: set(domain.RoleStaff), Disabled: set(false)})
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, staff.Limits{})
			p, other := o.hire("mori@example.com", domain.RoleStaff), o.hire("other@example.com", domain.RoleStaff)
			tokens, others := []string{o.in(p.Email), o.in(p.Email)}, o.in(other.Email)
			if err := tc.act(o, p.ID); err != nil {
				t.Fatal(err)
			}
			for _, token := range tokens {
				if o.alive(token) == tc.ends {
					t.Errorf("alive: %v", o.alive(token))
				}
			}
			if !o.alive(others) {
				t.Error("somebody else's session ended")
			}
			if e := o.last(); name != "the same role" && (e.Actor != boss.ID || e.Detail["staff"] != "staff:1") {
				t.Errorf("recorded %+v", e)
			}
		})
	}
	t.Run("a session that was being opened meanwhile is dead", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		p := o.hire("mori@example.com", domain.RoleStaff)
		o.hasher.Pause = func() {
			o.hasher.Pause = nil
			if err := o.SignOutEverywhere(t.Context(), boss, p.ID); err != nil {
				t.Error(err)
			}
		}
		if token := o.in(p.Email); o.alive(token) {
			t.Error("it is alive")
		}
	})
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{})
	p := o.hire("mori@example.com", domain.RoleStaff)
	drawn, err := o.SetPassword(t.Context(), boss, p.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if e := o.last(); e.Action != "staff.password_set" || strings.Contains(fmt.Sprint(e), drawn) {
		t.Errorf("recorded %+v", e)
	}
	if _, code := o.enter(p.Email, goodPassword, "1"); code != domain.CodeUnauthenticated {
		t.Errorf("the old password: %q", code)
	}
	if _, code := o.enter(p.Email, drawn, "1"); code != "" {
		t.Error(code)
	}
	runs := o.hasher.Runs()
	if _, err := o.SetPassword(t.Context(), boss, 77, ""); domain.CodeOf(err) != domain.CodeNotFound ||
		o.hasher.Runs() != runs {
		t.Errorf("nobody's password: %v", err)
	}
	if _, err := o.SetPassword(t.Context(), boss, p.ID, "short"); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("a short password: %v", err)
	}
}

func TestTheLastSystemAdmin(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{})
	one := o.hire("one@example.com", domain.RoleSystemAdmin)
	two := o.hire("two@example.com", domain.RoleSystemAdmin)
	change := func(id int64, e staff.Edit) domain.Code {
		if _, err := o.Change(t.Context(), one.Caller(), id, e); err != nil {
			return domain.CodeOf(err)
		}
		return ""
	}
	if code := change(two.ID, staff.Edit{Disabled: set(true)}); code != "" {
		t.Fatal(code)
	}
	for name, e := range map[string]staff.Edit{"disabled": {Disabled: set(true)},
		"demoted": {Role: set(domain.RoleStaff)}} {
		if code := change(one.ID, e); code != domain.CodeLastSystemAdmin {
			t.Errorf("the last one is %s: %q", name, code)
		}
	}
	if code := change(one.ID, staff.Edit{Name: set("Another")}); code != "" {
		t.Error(code)
	}
	if code := change(two.ID, staff.Edit{Role: set(domain.RoleStaff)}); code != "" {
		t.Errorf("a disabled one cannot be demoted: %s", code)
	}
	if code := change(two.ID, staff.Edit{Disabled: set(false), Role: set(domain.RoleSystemAdmin)}); code != "" {
		t.Error(code)
	}
	if code := change(one.ID, staff.Edit{Role: set(domain.RoleStaff)}); code != "" {
		t.Errorf("one of two cannot be demoted: %s", code)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{})
	p := o.hire("mori@example.com", domain.RoleStaff)
	mori := p.Caller()
	token, key, err := o.AddToken(t.Context(), mori, p.ID, "a script")
	prefix, formed := domain.APIKeyPrefix(token)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "formed", formed, true)
	expect.MustEqual(t, "key.Prefix", key.Prefix, prefix)
	expect.MustEqual(t, "string(key.Hash)", string(key.Hash), string(domain.HashAPIKey(token)))
	expect.MustEqual(t, "key.StaffID", key.StaffID, p.ID)
	if e := o.last(); e.Action != "token.added" || e.Actor != mori.ID || key.MadeBy != mori.ID ||
		e.Detail["staff"] != "staff:1" || strings.Contains(fmt.Sprint(e), token) {
		t.Errorf("recorded %+v", e)
	}
	list, err := o.Tokens(t.Context(), p.ID)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "len(list)", len(list), 1, list)
	expect.Equal(t, "list[0].Caller.Name", list[0].Caller.Name, "a script")
	if err := o.RevokeToken(t.Context(), boss, p.ID+1, key.ID); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("through somebody else: %v", err)
	}
	err = o.RevokeToken(t.Context(), boss, p.ID, key.ID)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "o.last().Action", o.last().Action, "token.revoked")
	machine := mori
	machine.Machine = true
	for name, refusal := range map[string]struct {
		by   domain.Caller
		id   int64
		name string
		code domain.Code
	}{
		"of nobody":                    {mori, 77, "x", domain.CodeNotFound},
		"without a name":               {mori, p.ID, "", domain.CodeValidation},
		"for somebody else":            {boss, p.ID, "x", domain.CodePermissionDenied},
		"by the machine of the person": {machine, p.ID, "x", domain.CodePermissionDenied},
		"by who works on the machine":  {staff.Operator(), p.ID, "x", domain.CodePermissionDenied},
	} {
		if token, _, err := o.AddToken(t.Context(), refusal.by, refusal.id,
			refusal.name); domain.CodeOf(err) != refusal.code || token != "" {
			t.Errorf("a token %s: %v", name, err)
		} else if e := o.last(); (refusal.code == domain.CodePermissionDenied) != (e.Action == "token.refused" &&
			e.Actor == refusal.by.ID) {
			t.Errorf("a token %s: the last line is %s by %s", name, e.Action, e.Actor)
		}
		if _, err := o.Change(t.Context(), boss, p.ID,
			staff.Edit{Name: set("Mori " + name)}); err != nil { // another last line
			t.Fatal(err)
		}
	}
	if _, err := o.Change(t.Context(), boss, p.ID, staff.Edit{Disabled: set(true)}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.AddToken(t.Context(), mori, p.ID, "x"); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("somebody disabled got a token: %v", err)
	}
	if _, err := o.Tokens(t.Context(), 77); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("nobody's tokens: %v", err)
	}
}

func TestOwnPassword(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{})
	p := o.hire("mori@example.com", domain.RoleStaff)
	token := o.in(p.Email)
	if _, code := o.enter(p.Email, "wrong", "1"); code != domain.CodeUnauthenticated {
		t.Fatal(code)
	}
	if err := o.ChangePassword(t.Context(), p.ID, "wrong",
		"another good password"); domain.CodeOf(err) != domain.CodeValidation || !o.alive(token) {
		t.Fatalf("a wrong password: %v", err)
	}
	if e := o.last(); e.Action != "staff.password_changed" || e.Outcome != domain.OutcomeRefused ||
		e.Actor != "staff:1" {
		t.Errorf("recorded %+v", e)
	}
	if err := o.ChangePassword(t.Context(), p.ID, goodPassword, "another good password"); err != nil || o.alive(token) {
		t.Fatal(err)
	}
	if e := o.last(); e.Action != "staff.password_changed" || e.Outcome != domain.OutcomeDone || e.Actor != "staff:1" {
		t.Errorf("recorded %+v", e)
	}
	for range 3 { // one more has failed there before
		if _, code := o.enter(p.Email, goodPassword, "1"); code != domain.CodeUnauthenticated {
			t.Fatal(code)
		}
	}
	if _, code := o.enter(p.Email, "another good password", "1"); code != "" {
		t.Fatal(code)
	}
	o.hasher.Pause = func() { // while this one is being compared, somebody else sets another
		o.hasher.Pause = nil
		if _, err := o.SetPassword(t.Context(), boss, p.ID, "the boss's password"); err != nil {
			t.Error(err)
		}
	}
	if err := o.ChangePassword(t.Context(), p.ID, "another good password",
		goodPassword); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("two at once: %v", err)
	}
	if _, code := o.enter(p.Email, "the boss's password", "1"); code != "" {
		t.Error(code)
	}
	for id, chosen := range map[int64]string{77: "another good password", p.ID: "short"} {
		if err := o.ChangePassword(t.Context(), id, "the boss's password", chosen); err == nil {
			t.Errorf("%d %q was accepted", id, chosen)
		}
	}
}
