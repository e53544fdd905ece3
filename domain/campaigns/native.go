package campaigns

import (
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// NativeTerms are what of a campaign's rules stands on a discount in the shop, where nothing of ours has to be asked for it to
// hold. Zero values are "nothing said".
type NativeTerms struct {
	// UsageLimit is how often one code is good in all; OncePerCustomer that it is good once for each customer.
	UsageLimit      int
	OncePerCustomer bool
	// OneCustomer says that each code is bound to the customer whom it is for; the coupon knows who that is.
	OneCustomer bool
	// Segment is the gid of the segment whose members may use the codes.
	Segment string
	// StartsAt and EndsAt are those of codes that live as long as their campaign; a personal code has its own.
	StartsAt, EndsAt time.Time
	// Minimum is the subtotal from which on the codes are good.
	Minimum domain.Money
	// Products and Collections, of which at most one is not empty, are the gids of what the codes take their value
	// off: without one of it in the cart a code is good for nothing. Both are empty for everything.
	Products, Collections []string
	Combines              Combines
	// Ours are the conditions that are left over: they hold because we ask, and nowhere else.
	Ours []decisions.Condition
}

// Native says which of a campaign's rules the shop enforces by itself, on the discounts of its codes, and which are
// left to us. currency is the shop's: a minimum in another one cannot stand on a discount. It is a pure function, and
// what the documentation says of it is made from the same table.
//
//	rule                  personal            batch                shared
//	uses of one code      once                once                 uses_per_code, or uses_in_all where that is less
//	uses of one customer  once                once, where uses_per_person is 1, of one code or batch
//	who                   the one customer    the segment, if one  the segment, if one
//	account               the one customer    ours                 ours
//	dates                 the coupon's own    the campaign's       the campaign's
//	minimum               one, in the shop's currency
//	products, collections one condition of either kind; with more of them all are ours
//	the rest              ours
//
// A customer's segment cannot stand beside a customer: a discount has one context. It is asked before a personal code
// is given out.
func Native(o Offer, p decisions.Policy, currency string) NativeTerms {
	n := NativeTerms{Combines: o.Combines, OncePerCustomer: true, UsageLimit: 1}
	switch o.Codes {
	case Personal:
		n.OneCustomer = true
	case Shared:
		n.UsageLimit = tightest(p.UsesPerCode, p.UsesInAll)
		fallthrough
	case Batch:
		n.OncePerCustomer = p.UsesPerPerson == 1
		n.StartsAt, n.EndsAt = o.StartsAt, o.EndsAt
	case Found:
	}
	onItems := countOf(p.Conditions, decisions.NeedProducts) + countOf(p.Conditions, decisions.NeedCollections)
	for _, c := range p.Conditions {
		switch {
		case c.Need == decisions.NeedMinimum && c.Key == currency && n.Minimum.Minor == 0:
			n.Minimum = domain.Money{Minor: c.Number, Currency: c.Key}
		case c.Need == decisions.NeedProducts && onItems == 1:
			n.Products = slices.Clone(c.Values)
		case c.Need == decisions.NeedCollections && onItems == 1:
			n.Collections = slices.Clone(c.Values)
		case c.Need == decisions.NeedSegment && !n.OneCustomer && n.Segment == "":
			n.Segment = c.Values[0]
		case c.Need == decisions.NeedAccount && n.OneCustomer:
		default:
			n.Ours = append(n.Ours, c)
		}
	}
	return n
}

// tightest is the smaller of two limits of which zero is none.
func tightest(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func countOf(list []decisions.Condition, need decisions.Need) (n int) {
	for _, c := range list {
		if c.Need == need {
			n++
		}
	}
	return n
}
