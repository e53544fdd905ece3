package campaigns

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// Codes says what kind of codes a campaign has. The strings are stored and never change, as are those of ValueKind.
type Codes string

// The kinds of codes. A campaign without an offer has found ones only: codes that somebody made by hand, told by their
// prefix.
const (
	Found    Codes = "found"
	Personal Codes = "personal" // one code for each recipient, bound to a customer of the shop, good once
	Batch    Codes = "batch"    // many codes for nobody in particular, good once each
	Shared   Codes = "shared"   // texts that anybody may type, each with an owner who is to be credited
)

// CodeKinds lists them.
func CodeKinds() []Codes { return []Codes{Found, Personal, Batch, Shared} }

// ValueKind says what a code takes off.
type ValueKind string

// The kinds of value: an amount of the campaign's currency off the order, or a part of it.
const (
	Amount     ValueKind = "amount"
	Percentage ValueKind = "percentage"
)

// BasisPoints is what a percentage is counted in: 10,000 is all of it.
const BasisPoints = 10_000

// Range is from Min to Max, both included. Where nothing is to be chosen both are the same.
type Range struct {
	Min int64 `json:"min"`
	Max int64 `json:"max"`
}

// One is the range of a single number.
func One(n int64) Range { return Range{n, n} }

// Holds tells whether a number is in the range.
func (r Range) Holds(n int64) bool { return r.Min <= n && n <= r.Max }

// Value is what codes take off: minor units of Currency, or basis points.
type Value struct {
	Kind     ValueKind `json:"kind"`
	Range    Range     `json:"range"`
	Currency string    `json:"currency,omitempty"`
}

// Combines says with which classes of discounts the codes combine in one order.
type Combines struct {
	Order    bool `json:"order"`
	Product  bool `json:"product"`
	Shipping bool `json:"shipping"`
}

// Offer is what the codes of a campaign give and how they are given out, in one version. What a buyer and a cart must
// be like stands in decisions.Policy.
type Offer struct {
	Codes Codes `json:"codes"`
	Value Value `json:"value"`
	// StartsAt and EndsAt bound when codes are given out; shared and batch codes end with the campaign.
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	// Validity is how many seconds a personal code lives, never beyond EndsAt plus Validity.Max.
	Validity Range `json:"validity"`
	// LivePerPerson is how many codes one person may hold at once; personal codes only.
	LivePerPerson int `json:"live_per_person"`
	// Points is what a personal code costs; 0 for nothing.
	Points int64 `json:"points,omitempty"`
	// SelfService lets customers ask for a personal code themselves.
	SelfService bool     `json:"self_service"`
	Combines    Combines `json:"combines"`
	// SweepAfter is how many days after their end codes leave the shop; their figures stay.
	SweepAfter int `json:"sweep_after"`
}

// Bounds of an offer. Nothing is without an end.
const (
	MaxLivePerPerson = 50
	MaxSweepAfter    = 400
	MaxRuns          = 2 * 366 * 24 * time.Hour
	MinValidity      = 60
	MaxValidity      = 366 * 24 * 60 * 60
	MaxPoints        = 100_000_000
	MaxAmount        = 1_000_000_000_000
)

// Found tells that the campaign gives no codes out: it knows those that others made, by their prefix.
func (o Offer) Found() bool { return o.Codes == Found || o.Codes == "" }

// Settled has whole seconds and UTC, so that equal offers are equal bytes.
func (o Offer) Settled() Offer {
	if o.Found() {
		return Offer{Codes: Found, SweepAfter: o.SweepAfter}
	}
	o.StartsAt, o.EndsAt = o.StartsAt.UTC().Truncate(time.Second), o.EndsAt.UTC().Truncate(time.Second)
	if o.Codes != Personal {
		o.Validity, o.LivePerPerson, o.Points, o.SelfService = Range{}, 0, 0, false
	}
	return o
}

// OpenAt tells whether codes are given out, or good where they end with the campaign, at a moment.
func (o Offer) OpenAt(now time.Time) bool { return !now.Before(o.StartsAt) && now.Before(o.EndsAt) }

// Faults names everything that is wrong with an offer by itself.
func (o Offer) Faults() []decisions.Fault {
	var faults []decisions.Fault
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, decisions.Fault{Field: field, Rule: rule})
		}
	}
	add(o.SweepAfter < 0 || o.SweepAfter > MaxSweepAfter, "offer.sweep_after", decisions.RuleRange)
	switch o.Codes {
	case Found, "":
		return faults
	case Personal:
		o.personalFaults(add)
	case Batch, Shared:
		add(o.Value.Range.Min != o.Value.Range.Max, "offer.value.range", decisions.RuleRange)
	default:
		add(true, "offer.codes", decisions.RuleUnknown)
	}
	o.valueFaults(add)
	add(o.StartsAt.IsZero(), "offer.starts_at", decisions.RuleNeeded)
	add(o.EndsAt.IsZero(), "offer.ends_at", decisions.RuleNeeded)
	add(!decisions.Tellable(o.StartsAt), "offer.starts_at", decisions.RuleForm)
	add(!decisions.Tellable(o.EndsAt), "offer.ends_at", decisions.RuleForm)
	add(!o.EndsAt.IsZero() && !o.EndsAt.After(o.StartsAt), "offer.ends_at", decisions.RuleRange)
	add(!o.StartsAt.IsZero() && o.EndsAt.Sub(o.StartsAt) > MaxRuns, "offer.ends_at", decisions.RuleRange)
	return faults
}

func (o Offer) personalFaults(add func(wrong bool, field, rule string)) {
	v := o.Validity
	add(v.Min < MinValidity || v.Max > MaxValidity || v.Min > v.Max, "offer.validity", decisions.RuleRange)
	add(o.LivePerPerson < 1 || o.LivePerPerson > MaxLivePerPerson, "offer.live_per_person", decisions.RuleRange)
	add(o.Points < 0 || o.Points > MaxPoints, "offer.points", decisions.RuleRange)
}

func (o Offer) valueFaults(add func(wrong bool, field, rule string)) {
	v := o.Value
	add(v.Range.Min < 1 || v.Range.Min > v.Range.Max, "offer.value.range", decisions.RuleRange)
	switch v.Kind {
	case Amount:
		add(v.Range.Max > MaxAmount, "offer.value.range", decisions.RuleRange)
		add(!decisions.IsCurrency(v.Currency), "offer.value.currency", decisions.RuleForm)
	case Percentage:
		add(v.Range.Max > BasisPoints, "offer.value.range", decisions.RuleRange)
		add(v.Currency != "", "offer.value.currency", decisions.RuleForm)
	default:
		add(true, "offer.value.kind", decisions.RuleUnknown)
	}
}

// Money is the amount that a code takes off, of a value in the range; it is nothing for a percentage.
func (v Value) Money(of int64) domain.Money {
	if v.Kind != Amount {
		return domain.Money{}
	}
	return domain.Money{Minor: of, Currency: v.Currency}
}

// Chosen is what a code takes off when so much was asked for: nothing was, where there is nothing to choose. What was
// not chosen and should have been is in no range.
func (v Value) Chosen(asked int64) int64 {
	if asked == 0 && v.Range.Min == v.Range.Max {
		return v.Range.Min
	}
	return asked
}

// CodeEnd is the end of a personal code that is given out now, exclusive and in whole seconds. A code lives for
// Validity.Max, and ends with its campaign where that comes first; but it always lives for Validity.Min, so that nobody
// is given a code on the campaign's last evening that is over before they can use it.
func (o Offer) CodeEnd(now time.Time) time.Time {
	from := now.UTC().Truncate(time.Second)
	end := from.Add(time.Duration(o.Validity.Max) * time.Second)
	if end.After(o.EndsAt) {
		end = o.EndsAt.UTC().Truncate(time.Second)
	}
	if least := from.Add(time.Duration(o.Validity.Min) * time.Second); end.Before(least) {
		return least
	}
	return end
}
