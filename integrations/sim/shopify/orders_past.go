package shopify

import (
	"errors"
	"time"
)

// ErrBadNumber refuses a number of a past order that is taken, or that a later order could get.
var ErrBadNumber = errors.New("the number of a past order is taken, or not below those of new orders")

// Past is an order of before this store was looked at: a guest's, with a code that the store no longer has.
type Past struct {
	Number        int64
	At            time.Time
	Code          string
	Subtotal, Off string
	Buyer         Buyer
}

// PlacePast puts an order into the past. It has a number below those that orders get, so that these stay as they are.
// Errors: ErrBadNumber, ErrBadSubtotal, ErrBadBuyer.
func (s *Server) PlacePast(p Past) (string, error) {
	total, ok := parseDecimal(p.Subtotal)
	reduced, good := parseDecimal(p.Off)
	if !ok || !good || total.negative() || reduced.negative() || reduced.compare(total) > 0 {
		return "", ErrBadSubtotal
	}
	if err := p.Buyer.check(); err != nil {
		return "", err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if p.Number < 1 || p.Number > firstOrder {
		return "", ErrBadNumber
	}
	for _, o := range s.state.orders {
		if o.Number == p.Number {
			return "", ErrBadNumber
		}
	}
	at := wholeSecond(p.At)
	order := Order{ID: s.state.nextID(), Number: p.Number, DiscountCodes: []string{p.Code},
		Applications: []Application{{Code: p.Code, Amount: string(reduced)}}, Subtotal: string(total),
		TotalDiscount: string(reduced), FinancialStatus: statusPaid, Buyer: p.Buyer, CreatedAt: at, UpdatedAt: at}
	return order.GID(), s.commit("", record{Order: &order})
}
