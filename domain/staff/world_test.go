package staff_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/staff"
	"pointbridge/domain/staff/stafftest"
)

const goodPassword = "correct horse battery"

// office is people in memory, on a clock that stands still.
type office struct {
	*staff.Service
	t      *testing.T
	clock  *couponstest.Clock
	memory *stafftest.Memory
	hasher *stafftest.Hasher
}

// reader draws the same each time; requests draw at the same time.
type reader struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}

func newOffice(t *testing.T, limits staff.Limits) *office {
	t.Helper()
	o := &office{t: t, clock: couponstest.NewClock(), memory: &stafftest.Memory{}, hasher: &stafftest.Hasher{}}
	o.Service = staff.New(o.memory.Store(), o.hasher, o.clock.Now, &reader{source: rand.NewChaCha8([32]byte{1})},
		limits)
	return o
}

// hire adds somebody who has goodPassword.
func (o *office) hire(email string, role domain.Role) domain.Staff {
	o.t.Helper()
	p, _, err := o.Add(o.t.Context(), staff.Operator(), staff.Person{Email: email, Name: "Person " + email, Role: role,
		Password: goodPassword})
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// enter signs in and gives the code it was refused with.
func (o *office) enter(email, password, address string) (staff.SignedIn, domain.Code) {
	o.t.Helper()
	return o.enterFrom(email, password, staff.From{Address: address})
}

func (o *office) enterFrom(email, password string, from staff.From) (staff.SignedIn, domain.Code) {
	o.t.Helper()
	in, err := o.Enter(o.t.Context(), staff.Entry{Email: email, Password: password, From: from})
	if err != nil {
		return in, domain.CodeOf(err)
	}
	return in, ""
}

func (o *office) in(email string) string {
	o.t.Helper()
	in, code := o.enter(email, goodPassword, "192.0.2.1")
	if code != "" {
		o.t.Fatalf("%s cannot sign in: %s", email, code)
	}
	return in.Token
}

func (o *office) alive(token string) bool {
	o.t.Helper()
	_, _, err := o.Session(o.t.Context(), token)
	if err != nil && domain.CodeOf(err) != domain.CodeUnauthenticated {
		o.t.Fatal(err)
	}
	return err == nil
}

func (o *office) last() domain.AuditEntry {
	o.t.Helper()
	list := o.memory.Entries()
	if len(list) == 0 {
		o.t.Fatal("nothing is recorded")
	}
	return list[len(list)-1]
}

func set[T any](value T) *T { return &value }

var minute = time.Minute
