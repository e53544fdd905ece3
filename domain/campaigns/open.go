package campaigns

import (
	"cmp"
	"slices"
	"time"
)

// ToAskFor are the campaigns of which customers may ask for a code themselves at a moment, the one that ends first in
// front.
func ToAskFor(list []Campaign, now time.Time) []Campaign {
	open := slices.DeleteFunc(slices.Clone(list), func(c Campaign) bool {
		return c.Offer.Codes != Personal || !c.Offer.SelfService || c.StatusAt(now) != Live
	})
	slices.SortStableFunc(open, func(a, b Campaign) int {
		return cmp.Or(a.Offer.EndsAt.Compare(b.Offer.EndsAt), cmp.Compare(a.Key, b.Key))
	})
	return open
}
