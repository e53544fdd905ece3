package books_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// till is a POS without references.
type till struct {
	w    *world
	list []coupons.Entry
}

// Entries implements coupons.History.
func (h *till) Entries(_ context.Context, _ string, from, to time.Time) (list []coupons.Entry, _ error) {
	for _, e := range h.list {
		if !e.At.Before(from) && !e.At.After(to) {
			list = append(list, e)
		}
	}
	return list, h.w.enter("pos")
}

// withoutReferences is the sound world with a POS that keeps no references: each movement names its entry.
func withoutReferences(t *testing.T) (*world, *till) {
	t.Helper()
	w := sound(t)
	h := &till{w: w}
	w.entries = map[string][]books.Entry{}
	for i := range w.states["1"] {
		st := &w.states["1"][i]
		for n := range st.Movements {
			m := &st.Movements[n]
			at := st.Coupon.CreatedAt.Add(time.Duration(n) * 10 * time.Hour)
			m.CreatedAt, m.SettledAt, m.EntryID = at, &at, fmt.Sprintf("%d-%d", i, n)
			points := m.Points
			if m.Kind == domain.Take || m.Kind == domain.TakeBack {
				points = -points
			}
			h.list = append(h.list, coupons.Entry{ID: m.EntryID, Points: points, At: at})
		}
	}
	return w, h
}

// against compares with the till instead of the POS's pages.
func (w *world) against(h *till) ([]books.Difference, books.Summary) {
	w.t.Helper()
	c := w.checker()
	c.POS, c.Entries = nil, h
	var found []books.Difference
	sum, err := c.Run(w.t.Context(), all,
		books.Sink{Difference: func(d books.Difference) { found = append(found, d) }})
	expect.MustEqual(w.t, "err", err, nil)
	return found, sum
}

func TestAPOSWithoutReferences(t *testing.T) {
	t.Parallel()
	take := func(w *world) *domain.Movement { return &w.of(domain.Active).Movements[0] }
	entryOf := func(h *till, id string) *coupons.Entry {
		for i := range h.list {
			if h.list[i].ID == id {
				return &h.list[i]
			}
		}
		return nil
	}
	for _, tc := range []struct {
		name  string
		kinds []books.Kind
		plant func(*world, *till)
	}{
		{"all agrees", nil, func(*world, *till) {}},
		{"the entry is not there", []books.Kind{books.MovementMissing}, func(w *world, h *till) {
			entryOf(h, take(w).EntryID).ID = "another"
			entryOf(h, "another").Foreign = true
		}},
		{"other points were moved", []books.Kind{books.MovementAmount},
			func(w *world, h *till) { entryOf(h, take(w).EntryID).Points = -400 }},
		{"one entry is two movements'", []books.Kind{books.MovementMissing}, func(w *world, h *till) {
			first := w.of(domain.Used).Movements[0].EntryID
			entryOf(h, take(w).EntryID).Foreign = true
			take(w).EntryID = first
		}},
		{"it was booked twice", []books.Kind{books.MovementUnknown}, func(w *world, h *till) {
			h.list = append(h.list, coupons.Entry{ID: "late", Points: -500, At: take(w).CreatedAt.Add(40 * time.Minute)})
		}},
		{"a refused movement arrived after all", []books.Kind{books.MovementUnknown}, func(w *world, h *till) {
			st := w.coupon("1", domain.Failed)
			at := w.clock.Now().Add(-20 * time.Hour)
			st.Movements = st.Movements[:1]
			st.Movements[0].State, st.Movements[0].CreatedAt, st.Movements[0].SettledAt = domain.MovementRefused, at, &at
			w.written("1")
			h.list = append(h.list, coupons.Entry{ID: "late", Points: -500, At: at.Add(30 * time.Minute)})
		}},
		{"a sale, and points that expired", nil, func(w *world, h *till) {
			at := take(w).CreatedAt.Add(time.Minute)
			h.list = append(h.list, coupons.Entry{ID: "sale", Points: 70, At: at, Foreign: true},
				coupons.Entry{ID: "expired", Points: -500, At: at, Foreign: true})
		}},
		{"a clerk takes the same on another day", nil, func(w *world, h *till) {
			h.list = append(h.list, coupons.Entry{ID: "clerk", Points: -500, At: take(w).CreatedAt.Add(5 * time.Hour)})
		}},
		{"a movement that a person settled is the entry that nobody claims", nil,
			func(w *world, _ *till) { take(w).EntryID = coupons.ByHand }},
		{"one that is under way", nil, func(w *world, h *till) {
			st := w.onTheWay(time.Second)
			st.Movements[0].CreatedAt = w.clock.Now()
			h.list = append(h.list, coupons.Entry{ID: "new", Points: -500, At: w.clock.Now()})
		}},
		{"what is older than a year is not asked for", nil, func(w *world, h *till) {
			st := w.of(domain.Expired)
			st.Coupon.CreatedAt = w.clock.Now().Add(-500 * 24 * time.Hour)
			w.written("1")
			st.Movements[0].CreatedAt = st.Coupon.CreatedAt
			entryOf(h, st.Movements[0].EntryID).At = st.Coupon.CreatedAt
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, h := withoutReferences(t)
			tc.plant(w, h)
			found, sum := w.against(h)
			var kinds []books.Kind
			for _, d := range found {
				kinds = append(kinds, d.Kind)
			}
			expect.Equal(t, "kinds", kinds, tc.kinds, found)
			expect.Equal(t, "sum.Incomplete()", sum.Incomplete(), false)
		})
	}
	t.Run("a POS that does not answer is a gap", func(t *testing.T) {
		t.Parallel()
		w, h := withoutReferences(t)
		w.refuse["pos"] = upstream(domain.KindUnavailable, 0)
		found, sum := w.against(h)
		expect.Equal(t, "len(found)", len(found), 0, found)
		expect.Equal(t, "sum.Incomplete()", sum.Incomplete(), true)
	})
}
