// Package reports adds up what the audit tells: how many coupons stand where now, and what happened on each day.
package reports

import (
	"slices"

	"pointbridge/domain"
)

// Count is a number of coupons, or of attempts, and the points of these coupons.
type Count struct{ Coupons, Points int64 }

// Plus adds.
func (c Count) Plus(o Count) Count { return Count{c.Coupons + o.Coupons, c.Points + o.Points} }

// Minus takes away.
func (c Count) Minus(o Count) Count { return Count{c.Coupons - o.Coupons, c.Points - o.Points} }

// Kind is what a line of a report counts.
type Kind string

// The kinds. Cancelled is told by reason, Refused by action.
const (
	Issued    Kind = "issued"
	Used      Kind = "used"
	Expired   Kind = "expired"
	Cancelled Kind = "cancelled"
	Suspended Kind = "suspended"
	Forfeited Kind = "forfeited"
	Failed    Kind = "failed"
	// GivenBack is every credit for a code that ended: of cancelled coupons, and of conversions that failed after the
	// points were taken.
	GivenBack Kind = "given_back"
	Granted   Kind = "granted"
	// TakenBack is points taken again for a code that was used after its points were back.
	TakenBack Kind = "taken_back"
	// Refused is attempts that were not let through, or came to nothing; some of them are about no coupon.
	Refused Kind = "refused"
)

// Slot is a quarter of an hour, numbered from 1970 in UTC: a day of any zone begins with one.
type Slot int64

// Lines of the audit that are alike, added up. Reason is the coupon's, of lines by which it became cancelled.
type Lines struct {
	Slot     Slot
	Action   string
	From, To domain.Status
	Outcome  string
	Reason   string
	Count    Count
}

// moves reports whether the lines are those that count for a move. Each move has one; a credit or a decision beside it
// used to repeat it.
func (l Lines) moves() bool {
	switch {
	case l.From == l.To:
		return false
	case l.Action == domain.ActionPointsGivenBack:
		return l.To != domain.Failed
	case l.Action == domain.ActionReviewDecided:
		return !slices.Contains([]domain.Status{domain.Failed, domain.Used, domain.Cancelled}, l.To)
	default:
		return true
	}
}

// repeats reports whether the lines tell of a refusal that others tell: of a reissue that failed both coupons do.
func (l Lines) repeats() bool { return l.Action == domain.ActionReissueFailed && l.From == l.To }

// Key names a line of a report.
type Key struct {
	Kind   Kind
	Detail string
}

// keys returns what the lines count for; one entry of the audit can tell of a move and of its points.
func (l Lines) keys() []Key {
	var list []Key
	if kind := becoming[l.To]; kind != "" && l.moves() {
		list = append(list, Key{kind, l.Reason})
	}
	if kind := moving[l.Action]; kind != "" {
		list = append(list, Key{kind, ""})
	}
	if l.Outcome == domain.OutcomeRefused && !l.repeats() {
		list = append(list, Key{Refused, l.Action})
	}
	return list
}

var becoming = map[domain.Status]Kind{domain.Active: Issued, domain.Used: Used, domain.Expired: Expired,
	domain.Cancelled: Cancelled, domain.Suspended: Suspended, domain.Forfeited: Forfeited, domain.Failed: Failed}

var moving = map[string]Kind{domain.ActionPointsGivenBack: GivenBack, domain.ActionPointsGranted: Granted,
	domain.ActionPointsTakenBack: TakenBack}

// Rollup is what lines add up to.
type Rollup struct {
	// Status is what the moves added to each status; it can be negative.
	Status map[domain.Status]Count
	Slots  map[Slot]map[Key]Count
}

// Add adds lines up.
func Add(list []Lines) Rollup {
	t := Rollup{Status: map[domain.Status]Count{}, Slots: map[Slot]map[Key]Count{}}
	for _, l := range list {
		if l.moves() {
			t.Status[l.To] = t.Status[l.To].Plus(l.Count)
			t.Status[l.From] = t.Status[l.From].Minus(l.Count)
		}
		for _, k := range l.keys() {
			if t.Slots[l.Slot] == nil {
				t.Slots[l.Slot] = map[Key]Count{}
			}
			t.Slots[l.Slot][k] = t.Slots[l.Slot][k].Plus(l.Count)
		}
	}
	delete(t.Status, "")
	return t
}
