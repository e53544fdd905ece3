package members_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

const newNumber = "9900000001"

// counter is a POS that answers as it is told, and numbers that are kept in memory.
type counter struct {
	*world
	balances map[string]int64
	fault    error
	moves    int
	commit   []error // what the next commits say
	lost     bool    // a commit that failed was made all the same
}

func (c *counter) Balance(_ context.Context, id string) (coupons.Balance, error) {
	if c.fault != nil {
		return coupons.Balance{}, c.fault
	}
	points, known := c.balances[id]
	if !known {
		return coupons.Balance{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "balance",
			Reason: domain.ReasonCustomerNotFound}
	}
	return coupons.Balance{Points: points}, nil
}

func (c *counter) Renumber(_ context.Context, from, to string, _ time.Time,
	entry func(int) domain.AuditEntry) (domain.Customer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	member, known := c.customers[from]
	if !known {
		return member, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if len(c.commit) > 0 {
		err := c.commit[0]
		c.commit = c.commit[1:]
		if !c.lost {
			return domain.Customer{}, err
		}
		defer func() { c.lost = false }()
		c.move(member, to, entry)
		return domain.Customer{}, err
	}
	return c.move(member, to, entry), nil
}

func (c *counter) move(member domain.Customer, to string, entry func(int) domain.AuditEntry) domain.Customer {
	delete(c.customers, member.ID)
	member.ID = to
	c.customers[to] = member
	c.audit = append(c.audit, entry(2))
	c.moves++
	return member
}

func (c *counter) HolderOf(ctx context.Context, _ string) (domain.Customer, error) {
	if c.moves == 0 {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return c.Customer(ctx, newNumber)
}

func (c *counter) FormerNumbers(context.Context, string) ([]string, error) { return nil, nil }

func newCounter(t *testing.T) (*counter, *members.Service) {
	t.Helper()
	c := &counter{world: newWorld(t), balances: map[string]int64{newNumber: 700}}
	s := c.service()
	s.Numbers, s.POS = c, c
	return c, s
}

func renumbering() members.Renumbering {
	return members.Renumbering{Caller: domain.Caller{ID: "staff:3", Name: "Mori", Role: domain.RoleStoreManager,
		PersonID: 3}, From: yamada, To: newNumber}
}

func TestRenumber(t *testing.T) {
	t.Parallel()
	t.Run("both numbers and who did it are on record, and again it is done already", func(t *testing.T) {
		t.Parallel()
		c, s := newCounter(t)
		for range 2 {
			moved, err := s.Renumber(t.Context(), renumbering())
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the number", moved.ID, newNumber)
		}
		expect.MustEqual(t, "entries", len(c.audit), 1)
		e := c.audit[0]
		expect.Equal(t, "the action", e.Action, domain.ActionCustomerRenumbered)
		expect.Equal(t, "the actor", e.Actor, "staff:3")
		expect.Equal(t, "from", e.Detail["from"], any(yamada))
		expect.Equal(t, "to", e.Detail["to"], any(newNumber))
	})
	for name, c := range map[string]struct {
		arrange func(*counter, *members.Renumbering)
		want    domain.Code
	}{
		"a number that is none": {func(_ *counter, r *members.Renumbering) { r.To = "山田" }, domain.CodeValidation},
		"the same number":       {func(_ *counter, r *members.Renumbering) { r.To = r.From }, domain.CodeValidation},
		"nobody":                {func(_ *counter, r *members.Renumbering) { r.From = "4711" }, domain.CodeCustomerNotFound},
		"a number that the POS does not know": {func(c *counter, _ *members.Renumbering) { clear(c.balances) },
			domain.CodeNumberUnknown},
		"a POS that knows both": {func(c *counter, _ *members.Renumbering) { c.balances[yamada] = 0 },
			domain.CodeOldNumberInUse},
		"points that would stay behind": {func(c *counter, r *members.Renumbering) {
			c.balances[yamada], r.OldKept = 5, true
		}, domain.CodeOldNumberInUse},
		"a POS that does not answer": {func(c *counter, _ *members.Renumbering) {
			c.fault = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "balance"}
		}, domain.CodeUpstreamUnavailable},
		"the own membership": {func(c *counter, _ *members.Renumbering) { c.mine[3] = yamada },
			domain.CodeOwnMembership},
		"a number that is one's own": {func(c *counter, _ *members.Renumbering) { c.mine[3] = newNumber },
			domain.CodeOwnMembership},
		"rows that others write again and again": {func(c *counter, _ *members.Renumbering) {
			c.commit = []error{domain.ErrConflict, domain.ErrConflict, domain.ErrConflict}
		}, domain.CodeMovementInProgress},
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			t.Parallel()
			counter, s := newCounter(t)
			r := renumbering()
			c.arrange(counter, &r)
			_, err := s.Renumber(t.Context(), r)
			wantCode(t, err, c.want)
			expect.Equal(t, "moves", counter.moves, 0)
			_, err = counter.Customer(t.Context(), yamada)
			expect.Equal(t, "the member is as before", err, nil)
		})
	}
	t.Run("a POS that keeps old numbers without points is no obstacle to who vouches for it", func(t *testing.T) {
		t.Parallel()
		c, s := newCounter(t)
		c.balances[yamada] = 0
		r := renumbering()
		r.OldKept = true
		_, err := s.Renumber(t.Context(), r)
		expect.Equal(t, "err", err, nil)
	})
	t.Run("a commit in doubt is asked about, not made twice", func(t *testing.T) {
		t.Parallel()
		c, s := newCounter(t)
		c.commit, c.lost = []error{errors.Join(domain.ErrConflict, domain.ErrUnavailable)}, true
		moved, err := s.Renumber(t.Context(), renumbering())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the number", moved.ID, newNumber)
		expect.Equal(t, "moves", c.moves, 1)
	})
}
