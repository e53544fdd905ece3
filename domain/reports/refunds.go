package reports

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// By is what a line of the refund report is.
type By string

// The lines.
const (
	ByDay    By = "day"
	ByPerson By = "person"
	ByReason By = "reason"
)

// Refunded is refunds of one day, by one person or program, for one reason, added up.
type Refunded struct {
	Day int64
	// Actor is Caller.ID of whoever ended the coupons, Name what they were called then.
	Actor, Name, Reason string
	Count
}

// RefundStore adds refunds up out of the coupons themselves: each of them is one coupon that was cancelled, so none
// counts twice, and a list of the same time shows the very coupons that a line counts.
type RefundStore interface {
	Refunded(ctx context.Context, within []Stretch) ([]Refunded, error)
}

// RefundLine is a line of the report. Key is the day as 2006-01-02, the actor or the reason; Name is the person's.
type RefundLine struct {
	Key, Name string
	Count
}

// RefundReport is the refunds of a period.
type RefundReport struct {
	By       By
	From, To time.Time // dates, both included
	Zone     *time.Location
	// Lines are every day in order, or the largest sums of points first.
	Lines []RefundLine
	Total Count
}

// RefundsBy reports the refunds of the shop's days from one date to another, both included. Errors: ErrPeriod.
func (d *Desk) RefundsBy(ctx context.Context, by By, from, to time.Time) (RefundReport, error) {
	p, err := NewPeriod(from, to, d.Zone)
	if err != nil {
		return RefundReport{}, err
	}
	list, err := d.Refunds.Refunded(ctx, p.stretches())
	if err != nil {
		return RefundReport{}, err
	}
	r := RefundReport{By: by, From: p.first, To: p.last, Zone: d.Zone}
	sums := map[string]RefundLine{}
	if by == ByDay {
		for i := range p.days() {
			key := p.first.AddDate(0, 0, int(i)).Format(time.DateOnly)
			sums[key] = RefundLine{Key: key}
		}
	}
	for _, one := range list {
		key := one.key(by)
		line := sums[key]
		line.Key, line.Count = key, line.Plus(one.Count)
		if by == ByPerson && one.Name > line.Name {
			line.Name = one.Name
		}
		sums[key] = line
		r.Total = r.Total.Plus(one.Count)
	}
	for _, line := range sums {
		r.Lines = append(r.Lines, line)
	}
	slices.SortFunc(r.Lines, func(a, b RefundLine) int {
		if by == ByDay {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.Coupons, a.Coupons), cmp.Compare(a.Key, b.Key))
	})
	return r, nil
}

func (r Refunded) key(by By) string {
	switch by {
	case ByPerson:
		return r.Actor
	case ByReason:
		return r.Reason
	case ByDay:
	}
	return time.Unix(r.Day*24*60*60, 0).UTC().Format(time.DateOnly)
}
