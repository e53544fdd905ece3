package shopify

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// What people and programs do to orders beside the checkout. Sources: the schema of the Admin API 2026-10
// (DraftOrderInput.appliedDiscount, OrderCreateOrderInput.discountCode, ManualDiscountApplication, orderCustomerSet,
// orderCustomerRemove, orderCancel.refund, OrderDisplayFinancialStatus); "apps that stack discounts through draft
// orders bypass Shopify's validation and usage counting" (https://shopdoctors.crisp.help, article 1vewjdf).

// Why an order cannot be changed so.
var (
	ErrBadPayment = errors.New("there is no such state of an order's money")
	ErrBadKind    = errors.New("there is no such way to write a code into an order")
)

// How a code is written into an order by hand.
const (
	// ByCode is an order made by an app with a discount code: it is applied as one, and nobody counts the use.
	ByCode = "code"
	// ByText is a discount made by hand under the code's text, which the order lists among its codes.
	ByText = "text"
	// ByTitle is a discount made by hand that is called by the code.
	ByTitle = "title"
)

// applicationManual marks an application that was made by hand.
const applicationManual = "manual"

// PlaceByHand makes an order that takes an amount off under the text of a code. No code is validated or used up.
// customerID is a gid or a number; empty is a guest. Errors: ErrUnknownCustomer, ErrBadSubtotal, ErrBadKind.
func (s *Server) PlaceByHand(customerID, how, code, off, subtotal string) (string, error) {
	total, ok := parseDecimal(subtotal)
	reduced, good := parseDecimal(off)
	if !ok || !good || total.negative() || reduced.negative() || reduced.compare(total) > 0 {
		return "", ErrBadSubtotal
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if customerID != "" {
		number, err := customerNumber(customerID)
		if err != nil || s.state.customers[number] == nil {
			return "", ErrUnknownCustomer
		}
		customerID = gid("Customer", number)
	}
	at := wholeSecond(s.cfg.Clock())
	order := Order{ID: s.state.nextID(), Number: s.state.lastOrder + 1, CustomerID: customerID, Subtotal: string(total),
		TotalDiscount: string(reduced), FinancialStatus: statusPaid, CreatedAt: at, UpdatedAt: at,
		Buyer: Buyer{Source: SourceDraft}}
	applied := Application{Code: code, Amount: string(reduced)}
	switch how {
	case ByCode:
		order.DiscountCodes = []string{code}
	case ByText:
		applied.Kind, order.DiscountCodes = applicationManual, []string{code}
	case ByTitle:
		applied.Kind = applicationManual
	default:
		return "", ErrBadKind
	}
	order.Applications = []Application{applied}
	return order.GID(), s.commit("", record{Order: &order})
}

// payments are the vendor's OrderDisplayFinancialStatus.
var payments = []string{"AUTHORIZED", "EXPIRED", statusPaid, "PARTIALLY_PAID", statusPartiallyRefunded, "PENDING",
	statusRefunded, statusVoided}

// SetPayment says how an order's money stands, in whatever case. Errors: ErrUnknownOrder, ErrBadPayment.
func (s *Server) SetPayment(orderID, status string) error {
	status = strings.ToUpper(status)
	if !slices.Contains(payments, status) {
		return ErrBadPayment
	}
	return s.changeOrder(orderID, func(o *Order, _ time.Time) error {
		o.FinancialStatus = status
		return nil
	})
}

// CancelOrderOnly cancels an order and leaves its money where it is, as orderCancel without a refund does. Errors as
// CancelOrder.
func (s *Server) CancelOrderOnly(orderID, reason string) error {
	reason = strings.ToUpper(reason)
	if !slices.Contains(cancelReasons, reason) {
		return ErrBadReason
	}
	return s.changeOrder(orderID, func(o *Order, at time.Time) error {
		if o.CancelledAt != nil {
			return ErrCancelled
		}
		o.CancelledAt, o.CancelReason = &at, reason
		return nil
	})
}

// SetOrderCustomer gives an order to a customer, or takes the customer off it where there is none, as orderCustomerSet
// and orderCustomerRemove do. Errors: ErrUnknownOrder, ErrUnknownCustomer.
func (s *Server) SetOrderCustomer(orderID, customerID string) error {
	return s.changeOrder(orderID, func(o *Order, _ time.Time) error {
		if customerID != "" {
			number, err := customerNumber(customerID)
			if err != nil || s.state.customers[number] == nil {
				return ErrUnknownCustomer
			}
			customerID = gid("Customer", number)
		}
		o.CustomerID = customerID
		return nil
	})
}
