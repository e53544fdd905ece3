package staff_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	t.Run("004-53 a right password opens a session of that person", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		p := o.hire("mori@example.com", domain.RoleStaff)
		in, code := o.enter(" MORI@example.com ", goodPassword, "192.0.2.1")
		if code != "" || in.Staff.ID != p.ID || !in.ExpiresAt.Equal(o.clock.Now().Add(12*time.Hour)) || !o.alive(in.Token) {
			t.Fatalf("%+v, %s", in, code)
		}
		if e := o.last(); e.Action != "session.opened" || e.Actor != "staff:1" || e.ActorName != p.Name || e.Outcome != domain.OutcomeDone {
			t.Errorf("recorded %+v", e)
		}
		if err := o.SignOut(t.Context(), p.Caller(), domain.Session{Hash: domain.HashAPIKey(in.Token)}); err != nil || o.alive(in.Token) {
			t.Errorf("signed out: %v", err)
		}
		if e := o.last(); e.Action != "session.ended" || e.Actor != "staff:1" {
			t.Errorf("recorded %+v", e)
		}
	})
	t.Run("H-01 whatever is wrong costs one hashing and is told alike, and the record does not hold the address", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire("mori@example.com", domain.RoleStaff)
		gone := o.hire("gone@example.com", domain.RoleStaff)
		if _, err := o.Change(t.Context(), staff.Operator(), gone.ID, staff.Edit{Disabled: set(true)}); err != nil {
			t.Fatal(err)
		}
		for email, password := range map[string]string{"mori@example.com": "wrong", "nobody@example.com": goodPassword, "gone@example.com": goodPassword,
			"no address": "x", "": ""} {
			before, entries := o.hasher.Runs(), len(o.memory.Entries())
			if _, code := o.enter(email, password, "192.0.2.1"); code != domain.CodeUnauthenticated {
				t.Errorf("%q: %s", email, code)
			}
			if n := o.hasher.Runs() - before; n != 1 {
				t.Errorf("%q: %d hashings", email, n)
			}
			e := o.last()
			if digest, _ := e.Detail["email_sha256"].(string); e.Action != "session.refused" || e.Outcome != domain.OutcomeRefused || e.Actor != "unknown" ||
				len(o.memory.Entries()) != entries+1 || len(digest) != 12 || (email != "" && strings.Contains(fmt.Sprint(e), email)) {
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

func TestSignInLimits(t *testing.T) {
	t.Parallel()
	t.Run("after five failures an e-mail waits, wherever it is tried and with whatever password", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire("mori@example.com", domain.RoleStaff)
		for i := range 5 {
			o.clock.Advance(minute)
			if _, code := o.enter("mori@example.com", "wrong", fmt.Sprint(i)); code != domain.CodeUnauthenticated {
				t.Fatal(code)
			}
		}
		runs := o.hasher.Runs()
		_, err := o.SignIn(t.Context(), "Mori@example.com", goodPassword, "elsewhere")
		var refused *domain.Error
		if !errors.As(err, &refused) || refused.Code != domain.CodeRateLimited || refused.RetryAfter != 11*minute || o.hasher.Runs() != runs {
			t.Fatalf("%v, %d hashings", err, o.hasher.Runs()-runs)
		}
		o.clock.Advance(11 * minute)
		if _, code := o.enter("mori@example.com", goodPassword, "elsewhere"); code != "" {
			t.Fatal(code)
		}
	})
	t.Run("a right password within the limit resets the e-mail's count, and not the address's", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{PerAddress: 9})
		o.hire("mori@example.com", domain.RoleStaff)
		for range 2 {
			for range 4 {
				if _, code := o.enter("mori@example.com", "wrong", "192.0.2.1"); code != domain.CodeUnauthenticated {
					t.Fatal(code)
				}
			}
			o.in("mori@example.com")
		}
		if _, code := o.enter("mori@example.com", "wrong", "192.0.2.1"); code != domain.CodeUnauthenticated {
			t.Fatal(code)
		}
		if _, code := o.enter("mori@example.com", goodPassword, "192.0.2.1"); code != domain.CodeRateLimited {
			t.Fatalf("the tenth failure from one address is %q", code)
		}
		if _, code := o.enter("mori@example.com", goodPassword, "192.0.2.2"); code != "" {
			t.Fatal(code)
		}
	})
	t.Run("twenty failures from one address, each with another e-mail", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		for i := range 21 {
			want := domain.CodeUnauthenticated
			if i == 20 {
				want = domain.CodeRateLimited
			}
			if _, code := o.enter(fmt.Sprintf("p%d@example.com", i), "wrong", "192.0.2.1"); code != want {
				t.Fatalf("%d: %s", i, code)
			}
		}
	})
	t.Run("of a hundred wrong passwords at once five are looked at, two at the same time", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire("mori@example.com", domain.RoleStaff)
		before := o.hasher.Runs()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if _, code := o.enter("mori@example.com", "wrong", fmt.Sprint(i)); code != domain.CodeUnauthenticated && code != domain.CodeRateLimited {
					t.Error(code)
				}
			})
		}
		wg.Wait()
		if n := o.hasher.Runs() - before; n > 5 || n == 0 || o.hasher.AtOnce() > staff.AtOnce {
			t.Errorf("%d were looked at, %d at once", n, o.hasher.AtOnce())
		}
	})
}

// TestGate holds every hashing and looks at the line before it.
func TestGate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{})
	const people = 100
	begun, release := make(chan struct{}, people), make(chan struct{})
	o.hasher.Pause = func() { begun <- struct{}{}; <-release }
	codes := make(chan domain.Code, people)
	for i := range people {
		go func() {
			_, err := o.SignIn(t.Context(), fmt.Sprintf("p%d@example.com", i), "wrong", fmt.Sprint(i))
			codes <- domain.CodeOf(err)
		}()
	}
	for range staff.AtOnce {
		<-begun
	}
	turned := 0
	for ; turned < people-64-staff.AtOnce; turned++ { // those for whom the line is too long do not wait
		if code := <-codes; code != domain.CodeRateLimited {
			t.Fatal(code)
		}
	}
	if len(begun) != 0 || o.hasher.AtOnce() != staff.AtOnce {
		t.Errorf("%d at once", o.hasher.AtOnce())
	}
	close(release)
	for ; turned < people; turned++ {
		if code := <-codes; code != domain.CodeUnauthenticated {
			t.Fatal(code)
		}
	}
	if o.hasher.AtOnce() != staff.AtOnce {
		t.Errorf("%d at once", o.hasher.AtOnce())
	}
}
