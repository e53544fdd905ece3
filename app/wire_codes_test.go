package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// issuing is a saga that counts, and what a caller of before is now.
type issuing struct {
	domain.Clock
	role  domain.Role
	fault error
	by    []domain.Role
	// stands is what became of a request of before; nil where there was none.
	stands *coupons.Result
}

func (i *issuing) Issued(context.Context, string, string) (coupons.Result, error) {
	if i.stands == nil {
		return coupons.Result{}, domain.Refuse(domain.CodeNotFound)
	}
	return *i.stands, nil
}

func (i *issuing) Issue(_ context.Context, a coupons.Issue) (coupons.Result, error) {
	i.by = append(i.by, a.Caller.Role)
	return coupons.Result{Done: true}, nil
}

type asNow struct{ *issuing }

func (n asNow) Now(_ context.Context, who domain.Caller, _ time.Time) (domain.Caller, error) {
	who.Role = n.role
	return who, n.fault
}

// TestABatchGivesCodesAsItsMakerIsNow: whoever has gone since, or may not give codes any more, gives none; while that
// cannot be found out the row waits.
func TestABatchGivesCodesAsItsMakerIsNow(t *testing.T) {
	t.Parallel()
	rules, err := policies.New()
	expect.MustEqual(t, "err", err, nil)
	maker := domain.Caller{ID: "staff:1", PersonID: 1, Role: domain.RoleSystemAdmin}
	denied, fault := domain.Refuse(domain.CodePermissionDenied), errors.New("no database")
	for _, c := range []struct {
		role  domain.Role
		fault error
		want  error
		asked int
	}{
		{domain.RoleECAdmin, nil, nil, 1},
		{domain.RoleStoreManager, nil, denied, 0},
		{"", nil, denied, 0},
		{domain.RoleECAdmin, fault, fault, 0},
	} {
		saga := &issuing{Clock: domain.SystemClock{}, role: c.role, fault: c.fault}
		_, err := issuer{saga, asNow{saga}, rules, saga}.IssueCode(t.Context(), codes.Issue{Caller: maker})
		expect.That(t, "what comes of it", errors.Is(err, c.want), c.role, err)
		expect.MustEqual(t, "codes that were asked for", len(saga.by), c.asked, c.role)
		if c.asked > 0 {
			expect.Equal(t, "with the role of now", saga.by[0], c.role)
		}
	}
}

// TestARowIsToldHowItsCodeStands: a request of before that was told "on its way" would be told so for ever; it is asked
// how it stands, also when whoever asked has gone since, and nothing is asked for twice.
func TestARowIsToldHowItsCodeStands(t *testing.T) {
	t.Parallel()
	rules, err := policies.New()
	expect.MustEqual(t, "err", err, nil)
	saga := &issuing{Clock: domain.SystemClock{}, stands: &coupons.Result{Coupon: domain.Coupon{Code: "VIP-1"}}}
	give := func() (codes.Issued, error) {
		return issuer{saga, asNow{saga}, rules, saga}.IssueCode(t.Context(), codes.Issue{})
	}
	got, err := give()
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got", got, codes.Issued{Code: "VIP-1"})
	saga.stands.Done = true
	got, err = give()
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got", got, codes.Issued{Code: "VIP-1", Done: true})
	expect.Equal(t, "codes asked for", len(saga.by), 0)
}
