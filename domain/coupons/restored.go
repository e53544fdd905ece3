package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
)

// madeBefore finds what may be this very movement, made before our book was lost: an entry of its points and direction
// from when the coupon was made until the book was made again, which is neither somebody else's for certain nor claimed by
// another movement. It was not in the book that came back, and to send it once more would move the points twice. Nobody but
// a person can tell it from what a clerk booked by hand; nil where there is none.
func (f flow) madeBefore(ctx context.Context, m domain.Movement, seen domain.Sight, lost time.Time) (*domain.Sight, error) {
	others, err := f.s.Catalogue.MovementsOf(ctx, m.CustomerID)
	if err != nil {
		return nil, err
	}
	done, err := f.s.looking(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	list, err := act(ctx, f.s, "pos.history", func(ctx context.Context) ([]Entry, error) {
		return f.s.History.Entries(ctx, m.CustomerID, f.st.Coupon.CreatedAt.Add(-ClockSlack), lost.Add(ClockSlack))
	})
	if err != nil {
		return nil, err
	}
	past := seen
	past.Entries = nil
	for _, e := range list {
		past.Entries = append(past.Entries, domain.SightEntry{ID: e.ID, At: e.At, Points: e.Points, Foreign: e.Foreign})
	}
	found := newSince(domain.Sight{}, past, m, others)
	past.Entries = nil
	for _, e := range found.Entries {
		if !e.Foreign && !e.Claimed && e.Points == signed(m) {
			past.Entries = append(past.Entries, e)
		}
	}
	if len(past.Entries) == 0 {
		return nil, nil
	}
	return &past, nil
}
