package sales

import (
	"cmp"
	"context"
	"slices"
	"time"

	"pointbridge/domain"
)

// By says what the lines of a report are.
type By string

// The lines that a report can have.
const (
	ByCode     By = "code"
	ByCampaign By = "campaign"
	ByDay      By = "day"
)

// Bys lists them.
func Bys() []By { return []By{ByCode, ByCampaign, ByDay} }

// Sums are in minor units. An order counts once in a line, however many of the line's codes it used: Gross is what its
// goods cost, Discount what the codes of the line took off. Orders that came to nothing stand in Void alone.
type Sums struct {
	Orders, Gross, Discount int64
	Void                    Void
}

// Void is what orders would have come to that were cancelled, refunded in full or voided.
type Void struct{ Orders, Gross, Discount int64 }

// Net is what is left of the orders that stand.
func (s Sums) Net() int64 { return s.Gross - s.Discount }

func (s Sums) plus(o Sums) Sums {
	return Sums{s.Orders + o.Orders, s.Gross + o.Gross, s.Discount + o.Discount, Void{s.Void.Orders + o.Void.Orders,
		s.Void.Gross + o.Void.Gross, s.Void.Discount + o.Void.Discount}}
}

// Line is a line of a report: a code, a campaign, or a day, in one currency. Campaign is the campaign of a code.
type Line struct {
	Key, Campaign, Currency string
	Sums
}

// Report has the lines, and one total for each currency. In the total too an order counts once: where orders used codes
// of several lines, it is less than the lines together, and equals the sum of the orders.
type Report struct {
	By       By
	From, To time.Time // dates, the last one included
	Zone     *time.Location
	Lines    []Line
	Totals   []Line
	// Cut tells that there were more lines than are given; the total is of all.
	Cut bool
}

// MostLines bounds a report: the lines with the most discount are given.
const MostLines = 5_000

// Question says which orders are added up: those of codes of a campaign, or of all where it is empty, that were placed
// from a moment to another, To excluded.
type Question struct {
	Campaign string
	From, To time.Time
}

// Slot is a quarter of an hour of orders, numbered from 1970 in UTC: a day of any zone begins with one.
type Slot struct {
	Number   int64
	Currency string
	Sums
}

// Store adds orders up.
type Store interface {
	// Lines gives at most limit lines by code or campaign, those with the most discount first.
	Lines(ctx context.Context, by By, q Question, limit int) ([]Line, error)
	// Slots gives the same orders by the quarter of an hour in which they were placed.
	Slots(ctx context.Context, q Question) ([]Slot, error)
}

// Desk reports.
type Desk struct {
	Store Store
	Zone  *time.Location
}

// slotSeconds is the length of a slot.
const slotSeconds = 15 * 60

// Report adds up the days from one to another, both included. Days are those of the shop's zone.
func (d Desk) Report(ctx context.Context, by By, campaign string, from, to time.Time) (Report, error) {
	r := Report{By: by, From: from, To: to, Zone: d.Zone}
	q := Question{Campaign: campaign, From: domain.StartOfDay(from, d.Zone),
		To: domain.StartOfDay(to.AddDate(0, 0, 1), d.Zone)}
	slots, err := d.Store.Slots(ctx, q)
	if err != nil {
		return Report{}, err
	}
	r.Totals = d.days(slots, func(time.Time) string { return "" })
	if by == ByDay {
		r.Lines = d.days(slots, func(at time.Time) string { return at.Format(time.DateOnly) })
		return r, nil
	}
	if r.Lines, err = d.Store.Lines(ctx, by, q, MostLines+1); err != nil {
		return Report{}, err
	}
	if r.Cut = len(r.Lines) > MostLines; r.Cut {
		r.Lines = r.Lines[:MostLines]
	}
	return r, nil
}

// days adds slots up under the name that their day has; the days stand in order.
func (d Desk) days(slots []Slot, name func(time.Time) string) []Line {
	type key struct{ name, currency string }
	sums := map[key]Sums{}
	for _, s := range slots {
		k := key{name(time.Unix(s.Number*slotSeconds, 0).In(d.Zone)), s.Currency}
		sums[k] = sums[k].plus(s.Sums)
	}
	lines := make([]Line, 0, len(sums))
	for k, s := range sums {
		lines = append(lines, Line{Key: k.name, Currency: k.currency, Sums: s})
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Currency, b.Currency))
	})
	return lines
}
