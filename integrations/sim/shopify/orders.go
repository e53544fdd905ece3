package shopify

import (
	"slices"
	"strings"
	"time"
)

// What the vendor says of the money of an order.
const (
	statusPaid              = "PAID"
	statusVoided            = "VOIDED"
	statusRefunded          = "REFUNDED"
	statusPartiallyRefunded = "PARTIALLY_REFUNDED"
)

// reasonDeclined is the reason of an order whose payment failed afterwards: there is no money to give back.
const reasonDeclined = "DECLINED"

// cancelReasons are the vendor's.
var cancelReasons = []string{"CUSTOMER", reasonDeclined, "FRAUD", "INVENTORY", "STAFF", "OTHER"}

// CancelOrder cancels an order for one of the vendor's reasons, in whatever case, and gives back what was paid, except
// when the payment was declined. The codes it used stay used. Errors: ErrUnknownOrder, ErrCancelled, ErrBadReason.
func (s *Server) CancelOrder(orderID, reason string) error {
	reason = strings.ToUpper(reason)
	if !slices.Contains(cancelReasons, reason) {
		return ErrBadReason
	}
	return s.changeOrder(orderID, func(o *Order, at time.Time) error {
		if o.CancelledAt != nil {
			return ErrCancelled
		}
		o.CancelledAt, o.CancelReason = &at, reason
		if reason == reasonDeclined {
			o.FinancialStatus = statusVoided
			return nil
		}
		if o.FinancialStatus != statusRefunded {
			s.refund(o, o.left(), "", at)
		}
		return nil
	})
}

// RefundOrder gives an amount back; an empty one means everything that is left. Errors: ErrUnknownOrder, ErrBadRefund.
func (s *Server) RefundOrder(orderID, amount, note string) error {
	return s.changeOrder(orderID, func(o *Order, at time.Time) error {
		left := o.left()
		give, ok := left, true
		if amount != "" {
			give, ok = parseDecimal(amount)
			ok = ok && give.compare("0.0") > 0
		}
		if !ok || give.compare(left) > 0 || o.FinancialStatus == statusRefunded || o.FinancialStatus == statusVoided {
			return ErrBadRefund
		}
		s.refund(o, give, note, at)
		return nil
	})
}

// refund writes a refund into an order that is a copy.
func (s *Server) refund(o *Order, amount decimal, note string, at time.Time) {
	o.Refunds = append(slices.Clone(o.Refunds), Refund{ID: s.state.nextID(), Amount: string(amount), Note: note,
		At: at})
	o.FinancialStatus = statusPartiallyRefunded
	if o.left().compare("0.0") == 0 {
		o.FinancialStatus = statusRefunded
	}
}

// left is what was paid and not given back.
func (o *Order) left() decimal {
	left := decimal(o.Subtotal).minus(decimal(o.TotalDiscount))
	for _, r := range o.Refunds {
		left = left.minus(decimal(r.Amount))
	}
	return left
}

// RemoveCode edits an order: the code no longer reduces it, and the buyer pays the difference. The use of the code
// stays. Errors: ErrUnknownOrder, ErrCancelled, ErrNoSuchCode.
func (s *Server) RemoveCode(orderID, code string) error {
	return s.changeOrder(orderID, func(o *Order, _ time.Time) error {
		is := func(c string) bool { return foldCode(c) == foldCode(code) }
		switch {
		case o.CancelledAt != nil:
			return ErrCancelled
		case !slices.ContainsFunc(o.DiscountCodes, is):
			return ErrNoSuchCode
		}
		o.DiscountCodes = slices.DeleteFunc(slices.Clone(o.DiscountCodes), is)
		var kept []Application
		for _, a := range o.Applications {
			if is(a.Code) {
				o.TotalDiscount = string(decimal(o.TotalDiscount).minus(decimal(a.Amount)))
				continue
			}
			kept = append(kept, a)
		}
		o.Applications, o.Edited = kept, true
		return nil
	})
}

// MarkTest makes an order a test order, as the vendor's test payments do. Error: ErrUnknownOrder.
func (s *Server) MarkTest(orderID string) error {
	return s.changeOrder(orderID, func(o *Order, _ time.Time) error {
		o.Test = true
		return nil
	})
}

// DeleteOrder removes an order; the uses of its codes stay. Error: ErrUnknownOrder.
func (s *Server) DeleteOrder(orderID string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n, _ := parseGID("Order", orderID)
	if s.state.orders[n] == nil {
		return ErrUnknownOrder
	}
	return s.commit("", record{DroppedOrder: n})
}

func (s *Server) changeOrder(orderID string, change func(*Order, time.Time) error) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n, _ := parseGID("Order", orderID)
	old := s.state.orders[n]
	if old == nil {
		return ErrUnknownOrder
	}
	o, at := *old, wholeSecond(s.cfg.Clock())
	if err := change(&o, at); err != nil {
		return err
	}
	o.UpdatedAt = at
	return s.commit("", record{Order: &o})
}

// Order reads an order by gid; false when there is none.
func (s *Server) Order(orderID string) (Order, bool) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	n, _ := parseGID("Order", orderID)
	if o := s.state.orders[n]; o != nil {
		return *o, true
	}
	return Order{}, false
}

// dropOrder forgets an order.
func (s *state) dropOrder(id int64) {
	o := s.orders[id]
	if o == nil {
		return
	}
	is := func(other int64) bool { return other == id }
	delete(s.orders, id)
	s.orderIDs = slices.DeleteFunc(slices.Clone(s.orderIDs), is)
	s.ordersOf[o.CustomerID] = slices.DeleteFunc(slices.Clone(s.ordersOf[o.CustomerID]), is)
}
