package staff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// covers: 004-53, H-01
func TestSignIn(t *testing.T) {
	t.Parallel()
	t.Run("a right password opens a session of that person", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		p := o.hire("mori@example.com", domain.RoleStaff)
		in, code := o.enter(" MORI@example.com ", goodPassword, "192.0.2.1")
		expect.MustEqual(t, "code", code, "")
		expect.MustEqual(t, "in.Staff.ID", in.Staff.ID, p.ID)
		expect.MustThat(t, "in.ExpiresAt to equal o.clock.Now().Add(12*time.Hour)",
			in.ExpiresAt.Equal(o.clock.Now().Add(12*time.Hour)), in.ExpiresAt)
		expect.MustThat(t, "o.alive(in.Token)", o.alive(in.Token), in.Token)
		if e := o.last(); e.Action != "session.opened" || e.Actor != "staff:1" || e.ActorName != p.Name ||
			e.Outcome != domain.OutcomeDone {
			t.Errorf("recorded %+v", e)
		}
		if err := o.SignOut(t.Context(), p.Caller(), domain.Session{Hash: domain.HashAPIKey(in.Token)}); err != nil ||
			o.alive(in.Token) {
			t.Errorf("signed out: %v", err)
		}
		if e := o.last(); e.Action != "session.ended" || e.Actor != "staff:1" {
			t.Errorf("recorded %+v", e)
		}
	})
	t.Run("whatever is wrong costs one hashing and is told alike, and the audit does not hold the address",
		func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, staff.Limits{})
			o.hire("mori@example.com", domain.RoleStaff)
			gone := o.hire("gone@example.com", domain.RoleStaff)
			if _, err := o.Change(t.Context(), staff.Operator(), gone.ID, staff.Edit{Disabled: set(true)}); err != nil {
				t.Fatal(err)
			}
			for email, password := range map[string]string{"mori@example.com": "wrong",
				"nobody@example.com": goodPassword, "gone@example.com": goodPassword,
				"no address": "x", "": ""} {
				before, entries := o.hasher.Runs(), len(o.memory.Entries())
				_, code := o.enter(email, password, "192.0.2.1")
				expect.Equal(t, "code", code, domain.CodeUnauthenticated, email)
				if n := o.hasher.Runs() - before; n != 1 {
					t.Errorf("%q: %d hashings", email, n)
				}
				e := o.last()
				if digest, _ := e.Detail["email_sha256"].(string); e.Action != "session.refused" ||
					e.Outcome != domain.OutcomeRefused || e.Actor != "unknown" ||
					len(o.memory.Entries()) != entries+1 || len(digest) != 12 ||
					(email != "" && strings.Contains(fmt.Sprint(e), email)) {
					t.Errorf("%q: recorded %+v", email, e)
				}
			}
		})
	t.Run("a token is not found by anything but itself", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire("mori@example.com", domain.RoleStaff)
		token := o.in("mori@example.com")
		for _, other := range []string{"", token[:len(token)-1], token + "A", strings.ToUpper(token)} {
			if o.alive(other) {
				t.Errorf("%q is alive", other)
			}
		}
	})
}
