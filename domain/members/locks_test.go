package members_test

import (
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// attempt is a conversion of Yamada's.
func attempt() coupons.Attempt {
	return coupons.Attempt{Caller: domain.Caller{ID: "key:1", Role: domain.RolePOS}, CustomerID: yamada, Points: 150}
}

func TestRefusalsLockAndTheCallerIsToldOfTheLockInstead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.service()
	for range 3 {
		wantCode(t, s.Refused(t.Context(), attempt(), domain.Refuse(domain.CodePointsNotInUnits)),
			domain.CodePointsNotInUnits)
	}
	e := wantCode(t, s.Refused(t.Context(), attempt(), domain.Refuse(domain.CodePointsNotInUnits)),
		domain.CodeConversionsLocked)
	if e.RetryAfter != 15*time.Minute {
		t.Errorf("told to wait %s", e.RetryAfter)
	}
	wantCode(t, s.Refused(t.Context(), attempt(), domain.Refuse(domain.CodeInsufficientPoints)),
		domain.CodeInsufficientPoints)
	w.clock.Advance(15 * time.Minute)
	wantCode(t, s.Refused(t.Context(), attempt(), domain.Refuse(domain.CodePointsNotInUnits)),
		domain.CodePointsNotInUnits)
}

func TestWhatIsNoRefusalIsGivenBackAndNotRecorded(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errors.New("x"), domain.Refuse(domain.CodeUpstreamUnavailable),
		domain.Refuse(domain.CodeConversionFailed)} {
		w := newWorld(t)
		if got := w.service().Refused(t.Context(), attempt(), err); !errors.Is(got, err) || len(w.audit) != 0 ||
			w.refusalCounts[yamada].Refusals != 0 {
			t.Errorf("%v: told %v, %d entries", err, got, len(w.audit))
		}
	}
}

// full admits nothing, and hears what is withdrawn.
type full struct{ withdrawn int }

func (*full) Admit(domain.AuditEntry) bool { return false }

func (f *full) Withdraw(domain.AuditEntry) { f.withdrawn++ }

func TestARefusalThatIsOnlyCountedLocksAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bounds = &full{}
	s := w.service()
	for range 3 {
		_ = s.Refused(t.Context(), attempt(), domain.Refuse(domain.CodePointsNotInUnits))
	}
	if len(w.audit) != 1 || w.audit[0].Action != domain.ActionCustomerLocked ||
		!w.refusalCounts[yamada].LockedAt(w.clock.Now()) {
		t.Errorf("%d entries", len(w.audit))
	}
}

func TestNobodyChangesTheirOwnMembership(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mine[7] = yamada
	s := w.service()
	who := domain.Caller{ID: "staff:7", Role: domain.RoleSystemAdmin, PersonID: 7}
	name := "somebody else"
	_, _, err := s.Link(t.Context(), members.Link{Caller: who, CustomerID: yamada, Name: &name})
	wantCode(t, err, domain.CodeOwnMembership)
	wantCode(t, s.Unlock(t.Context(), who, yamada), domain.CodeOwnMembership)
	if len(w.audit) != 2 || w.audit[0].Action != domain.ActionCustomerRefused ||
		w.customers[yamada].Name != "Yamada Taro" {
		t.Errorf("%d entries, the member is called %q", len(w.audit), w.customers[yamada].Name)
	}
}
