package decisions

import (
	"slices"

	"pointbridge/domain"
)

// Worth is what a discount would have taken off. Amount has no currency where nobody can tell.
type Worth struct {
	Amount domain.Money
	// Estimated tells that it may have been less: the most that the campaign gives, or a part of goods of which perhaps
	// not all are discounted.
	Estimated bool
}

// Known tells whether there is an amount at all.
func (w Worth) Known() bool { return w.Amount.Currency != "" }

// basisPoints is what a percentage is counted in.
const basisPoints = 10_000

// worthOf is what the discount in question takes off: an amount, never more than the goods cost, or a part of what
// they cost where the question says that.
func (a asking) worthOf() Worth {
	value, exact := a.q.Worth, true
	if value == nil {
		value, exact = a.found.Worth, !a.found.WorthAtMost
	}
	if value == nil || a.q.Stage == StageOrder {
		return Worth{}
	}
	if currency := a.found.WorthIn; currency != "" {
		w := Worth{Amount: domain.Money{Minor: *value, Currency: currency}, Estimated: !exact}
		for _, m := range a.q.Cart.Subtotals {
			if m.Currency == currency {
				w.Amount.Minor = min(w.Amount.Minor, m.Minor)
			}
		}
		return w
	}
	if !a.found.WorthInParts || len(a.q.Cart.Subtotals) != 1 {
		return Worth{}
	}
	goods := a.q.Cart.Subtotals[0]
	onSome := slices.ContainsFunc(a.policy.Conditions, func(c Condition) bool {
		return c.Need == NeedProducts || c.Need == NeedCollections
	})
	return Worth{Amount: domain.Money{Minor: goods.Minor * *value / basisPoints, Currency: goods.Currency},
		Estimated: !exact || onSome}
}
