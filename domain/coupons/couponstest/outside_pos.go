package couponstest

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

type PosEntry struct {
	Customer, Reference, Related, Key, Reason string
	Points, Balance                           int64
	At                                        time.Time
	// Foreign says that it shows as something that nobody but the till does, such as points that expired.
	Foreign bool
}

func (o *Outside) Balance(_ context.Context, id string) (coupons.Balance, error) {
	err := o.enter("balance")
	defer o.Mu.Unlock()
	return coupons.Balance{Points: o.Balances[id]}, err
}

func (o *Outside) Deduct(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("deduct")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	return o.book(m, -m.Points)
}

// covers: 004-25
func (o *Outside) Add(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("add")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for code, d := range o.Codes { // an order that is known keeps its points
		if m.Reference == domain.GiveBackReference(code) && o.Told[code] && !o.booked(m.Reference) {
			o.t.Errorf("points of %s return although its order had come to light", code)
		}
		if m.Reference == domain.GiveBackReference(code) && d.Status == "ACTIVE" {
			o.t.Errorf("points of %s return while its code is usable", code)
		}
	}
	return o.book(m, m.Points)
}

func (o *Outside) book(m domain.Movement, points int64) (coupons.Entry, error) {
	if o.Keys {
		for i, e := range o.Entries {
			if e.Key == m.Key {
				return o.entry(i), nil
			}
		}
	}
	if balance := o.Balances[m.CustomerID]; balance+points < 0 {
		return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
			Reason: domain.ReasonInsufficientPoints, Balance: &balance}
	}
	o.Balances[m.CustomerID] += points
	o.Entries = append(o.Entries, PosEntry{Customer: m.CustomerID, Reference: m.Reference,
		Related: m.RelatedReference, Key: m.Key, Reason: m.Reason, Points: points, Balance: o.Balances[m.CustomerID],
		At: o.posTime()})
	return o.entry(len(o.Entries) - 1), nil
}

func (o *Outside) entry(i int) coupons.Entry {
	e := o.Entries[i]
	previous := e.Balance - e.Points
	return coupons.Entry{ID: fmt.Sprintf("e%d", i), Points: e.Points, PreviousBalance: &previous, Balance: &e.Balance,
		At: e.At, Foreign: e.Foreign}
}

func (o *Outside) Find(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("find")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for i, e := range o.Entries {
		if e.Reference == m.Reference {
			return o.entry(i), nil
		}
	}
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "pos", Act: "find"}
}

func (o *Outside) booked(reference string) bool {
	for _, e := range o.Entries {
		if e.Reference == reference {
			return true
		}
	}
	return false
}

func (o *Outside) Times(reference string) (n int) {
	for _, e := range o.Entries {
		if e.Reference == reference {
			n++
		}
	}
	return n
}
