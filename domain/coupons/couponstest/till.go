package couponstest

import (
	"context"
	"time"

	"pointbridge/domain/coupons"
)

// Till is the POS as somebody sees it who asks for no references: every change of a member's points, by whomever.
type Till struct{ *Outside }

// Entries implements coupons.History.
func (o Till) Entries(_ context.Context, id string, from, to time.Time) (list []coupons.Entry, _ error) {
	err := o.enter("entries")
	defer o.Mu.Unlock()
	for i, e := range o.Outside.Entries {
		if err == nil && e.Customer == id && !e.At.Before(from) && !e.At.After(to) {
			list = append(list, o.entry(i))
		}
	}
	return list, err
}

// AtTheTill books points of the one member by a hand that is not ours. foreign says that it shows as something that
// nobody but the till does.
func (o *Outside) AtTheTill(points int64, foreign bool) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	o.atTheTill(points, foreign)
}

func (o *Outside) atTheTill(points int64, foreign bool) {
	const member = "8812370934"
	o.Balances[member] += points
	o.Entries = append(o.Entries, PosEntry{Customer: member, Points: points, Balance: o.Balances[member],
		At: o.posTime(), Foreign: foreign})
}

// tillSum is what hands that are not ours have booked.
func (o *Outside) tillSum() (sum int64) {
	for _, e := range o.Entries {
		if e.Reference == "" {
			sum += e.Points
		}
	}
	return sum
}

// posTime is the POS's own clock, which tells the same time as ours unless a test says otherwise.
func (o *Outside) posTime() time.Time { return o.clock.Now().Add(-o.TillBehind) }
