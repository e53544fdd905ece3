package scan

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Report is what a look back found. Nothing in it names a person: orders stand for what they showed.
type Report struct {
	// Asked is how many days were asked for, Days how many were read in full, the newest first; From and To bound them.
	Asked, Days int
	From, To    time.Time
	// Uses is how many times an order used a code of a family, Orders how many orders those were.
	Uses, Orders int
	LeftOut      LeftOut
	// Withheld are the kinds that the shop does not show to this app: nobody is recognised by them.
	Withheld []identity.Kind
	// By has the clusters by one kind each: by e-mail, phone, address and name.
	By []ByKind
	// Clusters are the people whom the strictest preset finds more than once, those who cost most first.
	Clusters []Cluster
	// Presets is what each preset would have done.
	Presets []Preset
}

// LeftOut counts what was read and does not count as a use.
type LeftOut struct {
	Test, Void int
	// Points are codes of points: each was paid for, and a member may use as many as they like.
	Points int
}

// ByKind is what one kind alone shows.
type ByKind struct {
	Kind identity.Kind
	// Clusters is how many people appear more than once, Uses how often they do, Again how often beyond the first.
	Clusters, Uses, Again int
	Loss                  Loss
}

// Cluster is one person's uses of a family of codes, as far as their orders show it.
type Cluster struct {
	Family string
	Kinds  []identity.Kind
	Uses   []Use
	Loss   Loss
}

// Use is an order that used a code.
type Use struct {
	OrderID, Order, Code string
	At                   time.Time
	// Discount is that of the whole order; its currency is empty where the shop does not say.
	Discount domain.Money
	// RefusedBy are the presets that would have refused it.
	RefusedBy []decisions.Preset
}

// Preset is what one preset would have done with the uses.
type Preset struct {
	Preset                    decisions.Preset
	Allowed, Flagged, Refused int
	// Loss is what the refused ones cost.
	Loss Loss
}

// Loss is what uses beyond a person's first cost. Per month it is Sum x 30 / days.
type Loss struct {
	Uses int
	// Sum is the discounts of the orders of those uses, each order once.
	Sum domain.Money
	// Month is the same for thirty days.
	Month domain.Money
	// Unknown counts orders whose discount is not known, or is in another currency.
	Unknown int
}

// month is the days that a loss is told for.
const month = 30

// lossOf adds up orders, each once.
func lossOf(uses []*use, days int) Loss {
	l, seen := Loss{Uses: len(uses)}, map[string]bool{}
	for _, u := range uses {
		if seen[u.OrderID] {
			continue
		}
		seen[u.OrderID] = true
		if l.Sum.Currency == "" {
			l.Sum.Currency = u.Discount.Currency
		}
		if u.Discount.Currency == "" || u.Discount.Currency != l.Sum.Currency {
			l.Unknown++
			continue
		}
		l.Sum.Minor += u.Discount.Minor
	}
	l.Month = domain.Money{Minor: l.Sum.Minor * month / int64(max(1, days)), Currency: l.Sum.Currency}
	return l
}
