package staff_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// waitOf tries the right password and gives how long it is told to wait; zero when it is let in.
func (o *office) waitOf(email string, from staff.From) time.Duration {
	o.t.Helper()
	_, err := o.Enter(o.t.Context(), staff.Entry{Email: email, Password: goodPassword, From: from})
	var refused *domain.Error
	if errors.As(err, &refused) && refused.Code == domain.CodeRateLimited {
		return refused.RetryAfter
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return 0
}

// fail tries wrong passwords, each of which is looked at.
func (o *office) fail(times int, email string, from staff.From) {
	o.t.Helper()
	for range times {
		if _, code := o.enterFrom(email, "wrong", from); code != domain.CodeUnauthenticated {
			o.t.Fatalf("a wrong password is answered with %s", code)
		}
	}
}

func TestAWrongPasswordSlowsDownWhereItWasTried(t *testing.T) {
	t.Parallel()
	const mori = "mori@example.com"
	here, elsewhere := staff.From{Address: "192.0.2.1"}, staff.From{Address: "192.0.2.2"}
	t.Run("after five failures each one doubles the wait, which is told, and costs no hashing", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		o.fail(5, mori, here)
		for _, want := range []time.Duration{30 * time.Second, minute, 2 * minute, 4 * minute} {
			runs := o.hasher.Runs()
			if wait := o.waitOf(" MORI@example.com", here); wait != want || o.hasher.Runs() != runs {
				t.Fatalf("waits %s, %d hashings; want %s", wait, o.hasher.Runs()-runs, want)
			}
			o.clock.Advance(want - 1)
			if wait := o.waitOf(mori, here); wait != 1 {
				t.Fatalf("a moment before it waits %s", wait)
			}
			o.clock.Advance(1)
			o.fail(1, mori, here)
		}
		o.clock.Advance(8 * minute)
		if wait := o.waitOf(mori, here); wait != 0 {
			t.Fatalf("whoever waited as told waits %s more", wait)
		}
	})
	t.Run("somebody else's failures at another address keep nobody out", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		for range 8 { // two hours of an attacker who never rests
			for range 20 {
				_, _ = o.enterFrom(mori, "wrong", elsewhere)
				if wait := o.waitOf(mori, here); wait != 0 {
					t.Fatalf("the person waits %s at their own address", wait)
				}
			}
			o.clock.Advance(15 * minute)
		}
	})
	t.Run("a right password forgives what failed there with this e-mail, not what strangers did elsewhere, nor the address", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{PerAddress: 9})
		o.hire(mori, domain.RoleStaff)
		o.fail(5, mori, elsewhere)
		o.fail(4, mori, here)
		o.in(mori)
		if wait := o.waitOf(mori, elsewhere); wait == 0 {
			t.Error("the stranger may go on at once")
		}
		o.fail(4, mori, here)
		o.in(mori)
		o.fail(1, mori, here)
		if wait := o.waitOf(mori, here); wait != 30*time.Second {
			t.Errorf("after nine failures at one address it waits %s", wait)
		}
	})
	t.Run("twenty failures from one address, each with another e-mail, slow that address down", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		for i := range 20 {
			o.fail(1, fmt.Sprintf("p%d@example.com", i), here)
		}
		if wait := o.waitOf(mori, here); wait != 30*time.Second {
			t.Errorf("it waits %s", wait)
		}
		if wait := o.waitOf(mori, elsewhere); wait != 0 {
			t.Errorf("another address waits %s", wait)
		}
	})
	t.Run("an e-mail that nobody has is slowed down in the same way", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		for step := range 8 {
			for range 5 {
				_, known := o.enterFrom(mori, "wrong", here)
				_, unknown := o.enterFrom("nobody@example.com", "wrong", staff.From{Address: "192.0.2.3"})
				if known != unknown {
					t.Fatalf("step %d: %s for a person, %s for nobody", step, known, unknown)
				}
			}
			o.clock.Advance(45 * time.Second)
		}
	})
}

func TestAKnownDeviceIsKeptOutByNobodyElse(t *testing.T) {
	t.Parallel()
	const mori = "mori@example.com"
	shared := "192.0.2.1"
	t.Run("neither failures from everywhere with the e-mail nor those at the same address count for it",
		func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, staff.Limits{})
			o.hire(mori, domain.RoleStaff)
			for i := range 50 {
				o.fail(1, mori, staff.From{Address: fmt.Sprint("far away ", i)})
			}
			for i := range 20 {
				o.fail(1, fmt.Sprintf("p%d@example.com", i), staff.From{Address: shared})
			}
			if wait := o.waitOf(mori, staff.From{Address: "a new place"}); wait != 10*time.Second {
				t.Errorf("an unknown device waits %s", wait)
			}
			if wait := o.waitOf(mori, staff.From{Address: shared, Device: "desk"}); wait != 0 {
				t.Errorf("the known one waits %s", wait)
			}
		})
	t.Run("the wait for unknown devices stays short however long it goes on", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		for i := range 300 {
			_, _ = o.enterFrom(mori, "wrong", staff.From{Address: fmt.Sprint(i)})
			o.clock.Advance(10 * time.Second)
		}
		if wait := o.waitOf(mori, staff.From{Address: "a new place"}); wait > minute {
			t.Errorf("it waits %s", wait)
		}
	})
	t.Run("it is slowed down by its own failures, and these slow nobody else down", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, staff.Limits{})
		o.hire(mori, domain.RoleStaff)
		desk, phone := staff.From{Address: shared, Device: "desk"}, staff.From{Address: shared, Device: "phone"}
		o.fail(5, mori, desk)
		if wait := o.waitOf(mori, desk); wait != 30*time.Second {
			t.Errorf("it waits %s", wait)
		}
		for _, other := range []staff.From{phone, {Address: shared}} {
			if wait := o.waitOf(mori, other); wait != 0 {
				t.Errorf("%+v waits %s", other, wait)
			}
		}
	})
	t.Run("whoever is signed in can change their password while strangers guess it, and cannot guess without end",
		func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, staff.Limits{})
			p := o.hire(mori, domain.RoleStaff)
			for i := range 50 {
				o.fail(1, mori, staff.From{Address: fmt.Sprint("far away ", i)})
			}
			for range 5 {
				if err := o.ChangePassword(t.Context(), p.ID, "wrong",
					"another good password"); domain.CodeOf(err) != domain.CodeValidation {
					t.Fatal(err)
				}
			}
			if err := o.ChangePassword(t.Context(), p.ID, goodPassword,
				"another good password"); domain.CodeOf(err) != domain.CodeRateLimited {
				t.Fatal(err)
			}
			o.clock.Advance(30 * time.Second)
			if err := o.ChangePassword(t.Context(), p.ID, goodPassword, "another good password"); err != nil {
				t.Fatal(err)
			}
		})
}

func TestOfManyAtOnceNoMoreAreLookedAtThanMayFail(t *testing.T) {
	t.Parallel()
	o := newOffice(t, staff.Limits{Everywhere: 5})
	o.hire("mori@example.com", domain.RoleStaff)
	before := o.hasher.Runs()
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, code := o.enter("mori@example.com", "wrong", fmt.Sprint(i)); code != domain.CodeUnauthenticated &&
				code != domain.CodeRateLimited {
				t.Error(code)
			}
		})
	}
	wg.Wait()
	if n := o.hasher.Runs() - before; n > 5 || n == 0 || o.hasher.AtOnce() > staff.AtOnce {
		t.Errorf("%d were looked at, %d at once", n, o.hasher.AtOnce())
	}
}
