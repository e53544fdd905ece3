package listing

import "pointbridge/domain"

// Sort is the order of a list. Coupons that are equal in it are in the order of their issue.
type Sort string

// The orders.
const (
	SortNewest Sort = "" // the latest issued first
	SortOldest Sort = "oldest"
	SortEnd    Sort = "end"      // the earliest end first
	SortEnds   Sort = "end_last" // the latest end first
	SortLeast  Sort = "amount"   // the smallest amount first
	SortMost   Sort = "amount_largest"
)

// Sorts lists every order.
func Sorts() []Sort { return []Sort{SortNewest, SortOldest, SortEnd, SortEnds, SortLeast, SortMost} }

// Place is where a coupon stands in an order, as whoever asks for the next page has to say it.
type Place struct {
	// Number is what the order goes by: the end in microseconds since 1970, or the amount in minor units. It is 0 where
	// the order is that of the issue.
	Number int64
	ID     int64
}

// Place returns a coupon's place in the order.
func (s Sort) Place(c domain.Coupon) Place {
	switch s {
	case SortEnd, SortEnds:
		return Place{c.ExpiresAt.UnixMicro(), c.ID}
	case SortLeast, SortMost:
		return Place{c.Amount.Minor, c.ID}
	case SortNewest, SortOldest:
	}
	return Place{ID: c.ID}
}

// Descending reports whether the order goes downwards.
func (s Sort) Descending() bool { return s == SortNewest || s == SortEnds || s == SortMost }

// Before reports whether one place comes before another.
func (s Sort) Before(a, b Place) bool {
	if s.Descending() {
		a, b = b, a
	}
	return a.Number < b.Number || (a.Number == b.Number && a.ID < b.ID)
}

// compare is Before for a sort; no two coupons are in the same place.
func (s Sort) compare(a, b domain.Coupon) int {
	if s.Before(s.Place(a), s.Place(b)) {
		return -1
	}
	return 1
}

// Reversed is the same order from its other end.
func (s Sort) Reversed() Sort {
	switch s {
	case SortNewest:
		return SortOldest
	case SortEnd:
		return SortEnds
	case SortEnds:
		return SortEnd
	case SortLeast:
		return SortMost
	case SortMost:
		return SortLeast
	case SortOldest:
	}
	return SortNewest
}
