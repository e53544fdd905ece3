package staff_test

import (
	"context"
	"fmt"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// crowd is attempts that are held while they are hashed, so that a test can look at the line before the gate.
type crowd struct {
	o       *office
	begun   chan struct{}
	release chan struct{}
	codes   chan domain.Code
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{o: newOffice(t, staff.Limits{}), begun: make(chan struct{}, 1000), release: make(chan struct{}),
		codes: make(chan domain.Code, 1000)}
	c.o.hasher.Pause = func() { c.begun <- struct{}{}; <-c.release }
	return c
}

func (c *crowd) send(n int, email func(i int) string, from func(i int) staff.From) {
	for i := range n {
		go func() {
			_, err := c.o.Enter(c.o.t.Context(), staff.Entry{Email: email(i), Password: goodPassword, From: from(i)})
			c.codes <- domain.CodeOf(err)
		}()
	}
}

// turnedAway waits until so many have been refused for want of a place.
func (c *crowd) turnedAway(n int) {
	c.o.t.Helper()
	for range n {
		if code := <-c.codes; code != domain.CodeRateLimited {
			c.o.t.Fatalf("somebody without a place was answered with %q", code)
		}
	}
}

func (c *crowd) ended(n int, want domain.Code) {
	c.o.t.Helper()
	for range n {
		if code := <-c.codes; code != want {
			c.o.t.Fatalf("answered with %q, want %q", code, want)
		}
	}
}

func numbered(i int) string { return fmt.Sprintf("p%d@example.com", i) }

func TestTheLineBeforeTheGateIsBounded(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	const people = 100
	c.send(people, numbered, func(i int) staff.From { return staff.From{Address: fmt.Sprint(i)} })
	for range staff.AtOnce {
		<-c.begun
	}
	c.turnedAway(people - staff.Places) // those for whom the line is too long do not wait
	if len(c.begun) != 0 || c.o.hasher.AtOnce() != staff.AtOnce {
		t.Errorf("%d at once", c.o.hasher.AtOnce())
	}
	// A device that is known has a place even now.
	c.send(1, numbered, func(int) staff.From { return staff.From{Address: "x", Device: "desk"} })
	close(c.release)
	c.ended(staff.Places+1, domain.CodeUnauthenticated)
	if c.o.hasher.AtOnce() != staff.AtOnce {
		t.Errorf("%d at once", c.o.hasher.AtOnce())
	}
}

func TestOneAddressTakesFewPlacesAndOthersGetTheirs(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	const crowded, others = 200, 50
	c.send(crowded, numbered, func(int) staff.From { return staff.From{Address: "192.0.2.1"} })
	c.turnedAway(crowded - staff.PlacesEach)
	c.send(others, func(i int) string { return numbered(1000 + i) },
		func(i int) staff.From { return staff.From{Address: fmt.Sprint("other ", i)} })
	// One of the crowded address has a place on a device of their own.
	c.send(1, func(int) string { return "desk@example.com" },
		func(int) staff.From { return staff.From{Address: "192.0.2.1", Device: "desk"} })
	close(c.release)
	c.ended(staff.PlacesEach+others+1, domain.CodeUnauthenticated)
}

// TestAnAddressOverItsLimitWaitsForNoPassword: the limits are asked before the wait for memory, so whoever is refused
// by them is refused while the gate is shut, and leaves their place.
func TestAnAddressOverItsLimitWaitsForNoPassword(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	close(c.release)
	here := staff.From{Address: "192.0.2.1"}
	for i := range staff.DefaultPerAddress {
		c.o.fail(1, numbered(i), here)
	}
	c.release = make(chan struct{})
	c.o.hasher.Pause = func() { c.begun <- struct{}{}; <-c.release }
	for len(c.begun) > 0 {
		<-c.begun
	}
	c.send(staff.AtOnce, func(i int) string { return numbered(2000 + i) },
		func(i int) staff.From { return staff.From{Address: fmt.Sprint("other ", i)} })
	for range staff.AtOnce {
		<-c.begun // the gate is shut now
	}
	const crowded = 200
	c.send(crowded, func(i int) string { return numbered(3000 + i) }, func(int) staff.From { return here })
	c.turnedAway(crowded)
	close(c.release)
	c.ended(staff.AtOnce, domain.CodeUnauthenticated)
}

// TestWhoeverHangsUpKeepsTheirPlace: failures cannot be counted faster than passwords are hashed.
func TestWhoeverHangsUpKeepsTheirPlace(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	ctx, hangUp := context.WithCancel(t.Context())
	here := staff.From{Address: "192.0.2.1"}
	for i := range staff.PlacesEach {
		go func() {
			_, err := c.o.Enter(ctx, staff.Entry{Email: numbered(i), Password: goodPassword, From: here})
			c.codes <- domain.CodeOf(err)
		}()
	}
	for range staff.AtOnce {
		<-c.begun
	}
	// One more finds no place once all have theirs; until then it would be one of them, so it is another mail each
	// time.
	for i := 0; ; i++ {
		c.send(1, func(int) string { return numbered(100 + i) }, func(int) staff.From { return here })
		if code := <-c.codes; code == domain.CodeRateLimited {
			break
		}
	}
	hangUp()
	c.send(20, func(i int) string { return numbered(200 + i) }, func(int) staff.From { return here })
	c.turnedAway(20)
	close(c.release)
	c.ended(staff.PlacesEach, domain.CodeUnauthenticated)
}
