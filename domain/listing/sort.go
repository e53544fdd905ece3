package listing

import "pointbridge/domain"

// Sort is the order of a list. Coupons that are equal in it are in the order of their issue.
type Sort string

// The orders.
const (
	SortNewest     Sort = "" // the latest issued first
	SortOldest     Sort = "oldest"
	SortEnd        Sort = "end"      // the earliest end first
	SortEnds       Sort = "end_last" // the latest end first
	SortLeast      Sort = "amount"   // the smallest amount first
	SortMost       Sort = "amount_largest"
	SortFewest     Sort = "points"
	SortMostPoints Sort = "points_most"
	// The orders by a moment are those of a list within some time: see Filter.Within.
	SortIssued        Sort = "issued"
	SortIssuedLast    Sort = "issued_last"
	SortCancelled     Sort = "cancelled" // refunds alone have a place in it
	SortCancelledLast Sort = "cancelled_last"
)

// opposite is each order from its other end.
var opposite = map[Sort]Sort{SortNewest: SortOldest, SortOldest: SortNewest, SortEnd: SortEnds, SortEnds: SortEnd,
	SortLeast: SortMost, SortMost: SortLeast, SortIssued: SortIssuedLast, SortIssuedLast: SortIssued,
	SortCancelled: SortCancelledLast, SortCancelledLast: SortCancelled, SortFewest: SortMostPoints,
	SortMostPoints: SortFewest}

// Sorts lists every order.
func Sorts() []Sort {
	return []Sort{SortNewest, SortOldest, SortEnd, SortEnds, SortLeast, SortMost, SortIssued, SortIssuedLast,
		SortCancelled, SortCancelledLast, SortFewest, SortMostPoints}
}

// Place is where a coupon stands in an order, as whoever asks for the next page has to say it.
type Place struct {
	// Number is what the order goes by: a time in microseconds since 1970, the amount in minor units, or the points. It
	// is 0 where the order is that of the ids.
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
	case SortIssued, SortIssuedLast:
		return Place{c.CreatedAt.UnixMicro(), c.ID}
	case SortCancelled, SortCancelledLast:
		if c.CancelledAt != nil {
			return Place{c.CancelledAt.UnixMicro(), c.ID}
		}
	case SortFewest, SortMostPoints:
		return Place{c.Points, c.ID}
	case SortNewest, SortOldest:
	}
	return Place{ID: c.ID}
}

// Descending reports whether the order goes downwards.
func (s Sort) Descending() bool {
	switch s {
	case SortNewest, SortEnds, SortMost, SortIssuedLast, SortCancelledLast, SortMostPoints:
		return true
	case SortOldest, SortEnd, SortLeast, SortIssued, SortCancelled, SortFewest:
	}
	return false
}

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
func (s Sort) Reversed() Sort { return opposite[s] }
