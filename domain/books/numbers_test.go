package books_test

import (
	"context"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/test/expect"
)

// renumberedPOS knows a member's history under the numbers that it is told to.
type renumberedPOS struct {
	w     *world
	under map[string]bool
}

func (p renumberedPOS) History(_ context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	if !p.under[q.CustomerID] {
		return books.HistoryPage{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos",
			Reason: domain.ReasonCustomerNotFound}
	}
	list := append([]books.Entry{}, p.w.entries["1"]...)
	for i := range list {
		list[i].ID = list[i].Reference
	}
	return books.HistoryPage{Entries: list}, nil
}

// TestAHistoryIsFoundUnderEveryNumber that a member has and had, wherever the POS keeps it after a change of number.
func TestAHistoryIsFoundUnderEveryNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		under map[string]bool
		wrong int
	}{
		"it was moved":              {map[string]bool{"1": true}, 0},
		"it stays where it was":     {map[string]bool{"OLD": true}, 0},
		"it is shown under both":    {map[string]bool{"1": true, "OLD": true}, 0},
		"the POS has forgotten it":  {map[string]bool{}, 0},
		"it is under nobody's name": {map[string]bool{"1": true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sound(t)
			w.members["1"].FormerNumbers = []string{"OLD"}
			for i := range w.states["1"] {
				for j := range w.states["1"][i].Movements {
					w.states["1"][i].Movements[j].CustomerID = "OLD"
				}
			}
			if c.wrong > 0 { // one that happened under the number of today is missing all the same
				st := w.of(domain.Active)
				st.Movements[0].CustomerID = "1"
				w.unbook(st.Movements[0].Reference)
			}
			checker := w.checker()
			checker.POS = renumberedPOS{w, c.under}
			var found []books.Difference
			_, err := checker.Run(t.Context(), all, books.Sink{Difference: func(d books.Difference) {
				found = append(found, d)
			}})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "differences", len(found), c.wrong, found)
		})
	}
}
