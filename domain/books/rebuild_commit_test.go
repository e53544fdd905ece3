package books

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// keptTogether remembers what was committed together, and fails where a member of that id is among them.
type keptTogether struct {
	commits [][]string
	bad     string
	known   []string
	fault   error
}

// Restore implements Restorer.
func (k *keptTogether) Restore(_ context.Context, list []Restoration) error {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Customer.ID)
	}
	if slices.Contains(ids, k.bad) {
		return k.fault
	}
	k.commits = append(k.commits, ids)
	return nil
}

// RestoredBlind implements Restorer.
func (*keptTogether) RestoredBlind(context.Context, time.Time) error { return nil }

// NumberNow implements Restorer.
func (*keptTogether) NumberNow(_ context.Context, number string) (string, error) { return number, nil }

// Families implements Restorer.
func (*keptTogether) Families(context.Context) ([]Family, error) { return nil, nil }

// Holder implements Restorer.
func (*keptTogether) Holder(context.Context, string) (string, error) { return "", nil }

// KnownDiscounts implements Restorer.
func (k *keptTogether) KnownDiscounts(context.Context, []string) ([]string, error) {
	return k.known, nil
}

func codesOf(id string, n int) prepared {
	var p prepared
	for i := range n {
		p.list = append(p.list, Restoration{Customer: domain.Customer{ID: id}})
		p.found = append(p.found, Restored{CustomerID: id, Code: id + strconv.Itoa(i), To: domain.Active})
	}
	return p
}

// TestAPanicAboutOneMemberEndsTheRebuildInOrder: what was ready before it is committed.
func TestAPanicAboutOneMemberEndsTheRebuildInOrder(t *testing.T) {
	t.Parallel()
	k := &keptTogether{}
	r := &rebuild{Rebuilder: &Rebuilder{Restorer: k, Checker: &Checker{}}, write: true, // nothing of the outside is there
		sum: RebuildSummary{Restored: map[domain.Status]int{}}, seen: map[uint64]bool{}, codes: map[uint64]bool{}}
	expect.MustEqual(t, "put", r.put(t.Context(), codesOf("a", 1)), nil)
	err := r.members(t.Context(), map[string][]coupons.FoundDiscount{"b": nil, "c": nil})
	var fault *beside.Panic
	expect.That(t, "the panic is an error", errors.As(err, &fault), err)
	expect.Equal(t, "commits", k.commits, [][]string{{"a"}})
}

func TestMembersAreCommittedTogether(t *testing.T) {
	t.Parallel()
	restoring := func(k *keptTogether) *rebuild {
		return &rebuild{Rebuilder: &Rebuilder{Restorer: k}, write: true,
			sum: RebuildSummary{Restored: map[domain.Status]int{}}}
	}
	put := func(t *testing.T, r *rebuild, list ...prepared) {
		t.Helper()
		for _, p := range list {
			expect.MustEqual(t, "put", r.put(t.Context(), p), nil)
		}
	}
	t.Run("until there are enough of them nobody is, and nothing is counted as restored", func(t *testing.T) {
		t.Parallel()
		k := &keptTogether{}
		r := restoring(k)
		put(t, r, codesOf("a", 1), codesOf("b", commitAt-2), prepared{})
		expect.Equal(t, "commits", len(k.commits), 0)
		expect.Equal(t, "restored", r.sum.Restored[domain.Active], 0)
		put(t, r, codesOf("c", 1))
		expect.Equal(t, "commits", len(k.commits), 1)
		expect.Equal(t, "restored", r.sum.Restored[domain.Active], commitAt)
		expect.Equal(t, "flush", r.flush(t.Context()), nil)
		expect.Equal(t, "commits", len(k.commits), 1)
	})
	t.Run("somebody who was faster with one member leaves that member to the next run, and no other", func(t *testing.T) {
		t.Parallel()
		k := &keptTogether{bad: "b", fault: domain.ErrConflict}
		r := restoring(k)
		put(t, r, codesOf("a", 2), codesOf("b", 3), codesOf("c", 1))
		expect.Equal(t, "flush", r.flush(t.Context()), nil)
		expect.Equal(t, "commits", k.commits, [][]string{{"a", "a"}, {"c"}})
		expect.Equal(t, "restored", r.sum.Restored[domain.Active], 3)
		expect.Equal(t, "left", r.sum.Left, 3)
	})
	t.Run("another error ends the run once the members before are in", func(t *testing.T) {
		t.Parallel()
		k := &keptTogether{bad: "b", fault: errors.New("no room left")}
		r := restoring(k)
		put(t, r, codesOf("a", 1), codesOf("b", 1), codesOf("c", 1))
		expect.Equal(t, "flush", r.flush(t.Context()), k.fault)
		expect.Equal(t, "commits", k.commits, [][]string{{"a"}})
		expect.Equal(t, "restored", r.sum.Restored[domain.Active], 1)
	})
	t.Run("a rehearsal counts and commits nothing", func(t *testing.T) {
		t.Parallel()
		k := &keptTogether{}
		r := restoring(k)
		r.write = false
		put(t, r, codesOf("a", 2))
		expect.Equal(t, "flush", r.flush(t.Context()), nil)
		expect.Equal(t, "commits", len(k.commits), 0)
		expect.Equal(t, "restored", r.sum.Restored[domain.Active], 2)
	})
}
