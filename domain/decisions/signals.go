package decisions

import (
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// signals lists what speaks for the same person, whatever the outcome is.
func (l likes) signals(r Request, p Policy, f Facts) []Signal {
	list := []Signal{}
	add := func(kind SignalKind, strength Strength, of func(PastUse) bool) {
		if matched := l.orders(of); len(matched) > 0 {
			list = append(list, Signal{Kind: kind, Strength: strength, Matched: matched})
		}
	}
	for _, kind := range reported() {
		strength, on := p.strength(kind)
		if on {
			add(SignalKind(kind), strength, func(u PastUse) bool { return slices.Contains(u.Same, kind) })
		}
	}
	if within := time.Duration(p.Weak.WithinMinutes) * time.Minute; within > 0 {
		add(SignalCloseBy, Weak, func(u PastUse) bool { return r.At.Sub(u.At).Abs() <= within })
	}
	if p.throwAway(r) {
		list = append(list, Signal{Kind: SignalDisposable, Strength: Weak, Matched: []MatchedOrder{}})
	}
	if p.manyEmails(f) {
		list = append(list, Signal{Kind: SignalManyEmails, Strength: Weak, Matched: []MatchedOrder{}})
	}
	return list
}

func (p Policy) throwAway(r Request) bool { return p.Weak.DisposableDomain && r.DisposableDomain }

func (p Policy) manyEmails(f Facts) bool {
	return p.Weak.EmailsPerIP > 0 && f.EmailsPerIP >= p.Weak.EmailsPerIP
}

// strength is what a kind can do under the policy, and whether it is looked at.
func (p Policy) strength(k identity.Kind) (Strength, bool) {
	switch {
	case k == identity.Customer, p.alone(k):
		return Decisive, true
	case k == identity.Name:
		return Weak, p.Weak.SimilarName
	default:
		return Counted, p.counts(k)
	}
}

// orders are the newest of the uses; an order stands among them once for each code.
func (l likes) orders(of func(PastUse) bool) []MatchedOrder {
	var list []MatchedOrder
	for _, u := range l.uses {
		if of(u) && len(list) < shownOrders {
			list = append(list, MatchedOrder{Order: u.Order, At: u.At.UTC(), Code: u.Code})
		}
	}
	return list
}
