package reports

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Dated is a line of a report and the number of its day.
type Dated struct {
	Day int64
	Key Key
	Count
}

// Figures is what the book says at one instant.
type Figures struct {
	Standing Standing
	Days     []Dated
}

// Store has the figures.
type Store interface {
	// Figures reads both parts in one snapshot: where coupons stand at a moment, and what happened within the
	// stretches, added up by day. Several lines can be about the same day and key.
	Figures(ctx context.Context, now time.Time, within []Stretch) (Figures, error)
}

// Totals is what happened in some time.
type Totals map[Key]Count

// Of counts everything of a kind, whatever its detail.
func (t Totals) Of(kind Kind) Count {
	var sum Count
	for k, c := range t {
		if k.Kind == kind {
			sum = sum.Plus(c)
		}
	}
	return sum
}

// Kinds counts every kind at once, whatever the details.
func (t Totals) Kinds() map[Kind]Count {
	sums := make(map[Kind]Count, len(t))
	for k, c := range t {
		sums[k.Kind] = sums[k.Kind].Plus(c)
	}
	return sums
}

// By counts a kind by its detail: Cancelled by reason, Refused by action.
func (t Totals) By(kind Kind) map[string]Count {
	list := map[string]Count{}
	for k, c := range t {
		if k.Kind == kind {
			list[k.Detail] = c
		}
	}
	return list
}

// Day is what happened on one day of the shop. Date is midnight UTC of that date.
type Day struct {
	Date   time.Time
	Totals Totals
}

// Summary is the report of a period: every day of it, their sums, and where coupons stand now.
type Summary struct {
	From, To time.Time // dates, both included
	Zone     *time.Location
	Standing Standing
	Total    Totals
	Days     []Day
}

// Desk answers questions about the figures, on the shop's calendar.
type Desk struct {
	Store   Store
	Refunds RefundStore
	Clock   domain.Clock
	Zone    *time.Location
}

// Standing tells where coupons stand now.
func (d *Desk) Standing(ctx context.Context) (Standing, error) {
	f, err := d.Store.Figures(ctx, d.Clock.Now(), nil)
	return f.Standing, err
}

// Today is the shop's date now, as midnight UTC.
func (d *Desk) Today() time.Time { return dateOf(d.Clock.Now().In(d.Zone)) }

// Summary reports the days of the shop from one date to another, both included. Errors: ErrPeriod.
func (d *Desk) Summary(ctx context.Context, from, to time.Time) (Summary, error) {
	p, err := NewPeriod(from, to, d.Zone)
	if err != nil {
		return Summary{}, err
	}
	s, _, err := d.summary(ctx, p, p.first)
	return s, err
}

// Compared is Summary and what happened in as many days before (see Before), as of the same instant. Errors: ErrPeriod.
func (d *Desk) Compared(ctx context.Context, from, to time.Time) (s Summary, before Totals, err error) {
	p, err := NewPeriod(from, to, d.Zone)
	if err != nil {
		return Summary{}, nil, err
	}
	first, last := Before(from, to)
	if _, err := NewPeriod(first, last, d.Zone); err != nil {
		return Summary{}, nil, err
	}
	return d.summary(ctx, p, first)
}

// summary reports a period, and adds up what happened before it since a date.
func (d *Desk) summary(ctx context.Context, p Period, since time.Time) (Summary, Totals, error) {
	f, err := d.Store.Figures(ctx, d.Clock.Now(), Period{since, p.last, p.zone}.stretches())
	if err != nil {
		return Summary{}, nil, err
	}
	s := Summary{From: p.first, To: p.last, Zone: d.Zone, Standing: f.Standing, Total: Totals{},
		Days: make([]Day, p.days())}
	for i := range s.Days {
		s.Days[i] = Day{Date: p.first.AddDate(0, 0, i), Totals: Totals{}}
	}
	before := Totals{}
	for _, line := range f.Days {
		switch i := line.Day - dayNumber(p.first); {
		case i >= 0 && i < p.days():
			s.Days[i].Totals[line.Key] = s.Days[i].Totals[line.Key].Plus(line.Count)
			s.Total[line.Key] = s.Total[line.Key].Plus(line.Count)
		case i < 0 && line.Day >= dayNumber(since):
			before[line.Key] = before[line.Key].Plus(line.Count)
		}
	}
	return s, before, nil
}
