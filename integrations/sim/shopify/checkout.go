package shopify

import (
	"errors"
	"slices"
)

// Why a checkout refuses a code. The buyer of the real store reads a sentence; these stand for it.
var (
	ErrUnknownCode     = errors.New("no such discount code")
	ErrNotActive       = errors.New("the discount code is not active")
	ErrUsedUp          = errors.New("the discount code has been used")
	ErrOtherCustomer   = errors.New("the discount code is not available to this customer")
	ErrBelowMinimum    = errors.New("the cart is below the code's minimum")
	ErrNotCombinable   = errors.New("the discount codes cannot be combined")
	ErrTooManyCodes    = errors.New("a checkout takes five discount codes at most")
	ErrUnknownCustomer = errors.New("no such customer")
	ErrUnknownCheckout = errors.New("no such checkout")
	ErrUnknownOrder    = errors.New("no such order")
	ErrBadSubtotal     = errors.New("the subtotal is no amount")
	ErrCancelled       = errors.New("the order is cancelled already")
	ErrBadReason       = errors.New("there is no such reason to cancel an order")
	ErrBadRefund       = errors.New("the refund is no amount, or more than is left of the order")
	ErrNoSuchCode      = errors.New("the order has no such code")
)

const mostCodes = 5

// openCheckout is a cart whose codes were accepted and that is not an order yet.
type openCheckout struct {
	customer string
	codes    []string
	subtotal decimal
	lines    []Line
	buyer    Buyer
}

// Checkout places an order: OpenCheckout and CompleteCheckout in one. customerID is a gid or a number; empty is a
// guest. It returns the order's gid, or one of the errors above, also wrapped.
func (s *Server) Checkout(customerID string, codes []string, subtotal string) (string, error) {
	return s.checkout(customerID, codes, subtotal, nil, Buyer{})
}

// checkout places an order of lines; none stand for goods of that subtotal.
func (s *Server) checkout(customerID string, codes []string, subtotal string, lines []Line,
	buyer Buyer) (string, error) {
	if err := buyer.check(); err != nil {
		return "", err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	cart, err := s.admit(customerID, codes, subtotal)
	if err != nil {
		return "", err
	}
	cart.lines, cart.buyer = lines, buyer
	if err := s.rejection(cart, enteredCodes{fresh: codes}); err != nil {
		return "", err
	}
	return s.placeOrder(cart, cart.codes)
}

// OpenCheckout enters the codes in a cart and checks them, as a buyer does who then hesitates. It returns a handle for
// CompleteCheckout.
func (s *Server) OpenCheckout(customerID string, codes []string, subtotal string) (int64, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	cart, err := s.admit(customerID, codes, subtotal)
	if err != nil {
		return 0, err
	}
	if err := s.rejection(cart, enteredCodes{fresh: codes}); err != nil {
		return 0, err
	}
	handle := s.state.nextID()
	s.checkouts[handle] = cart
	return handle, nil
}

// CompleteCheckout turns an open checkout into an order. Its codes are checked again, unless HeldCodesStayGood(true)
// was called: then one that was ended meanwhile still counts. A code that was used up or deleted meanwhile never does.
// Codes that were applied cannot be rejected by a Function any more.
func (s *Server) CompleteCheckout(handle int64) (string, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	cart, ok := s.checkouts[handle]
	if !ok {
		return "", ErrUnknownCheckout
	}
	for _, code := range cart.codes {
		err := s.admitCode(code, cart)
		if err != nil && !(s.heldStaysGood && errors.Is(err, ErrNotActive)) {
			return "", err
		}
	}
	delete(s.checkouts, handle)
	return s.placeOrder(cart, cart.codes)
}

// HeldCodesStayGood switches what no source says: whether a checkout that already holds a code completes after the
// code was deactivated. The default is no.
func (s *Server) HeldCodesStayGood(yes bool) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.heldStaysGood = yes
}

func (s *Server) admit(customerID string, codes []string, subtotal string) (openCheckout, error) {
	amount, ok := parseDecimal(subtotal)
	if !ok || amount.negative() {
		return openCheckout{}, ErrBadSubtotal
	}
	cart := openCheckout{subtotal: amount}
	if customerID != "" {
		number, err := customerNumber(customerID)
		if err != nil || s.state.customers[number] == nil {
			return openCheckout{}, ErrUnknownCustomer
		}
		cart.customer = gid("Customer", number)
	}
	if len(codes) > mostCodes {
		return openCheckout{}, ErrTooManyCodes
	}
	for _, code := range codes {
		if err := s.admitCode(code, cart); err != nil {
			return openCheckout{}, err
		}
		d := s.discountByCode(code)
		if slices.Contains(cart.codes, d.Code) || (len(codes) > 1 && !d.Combines.Order) {
			return openCheckout{}, ErrNotCombinable
		}
		cart.codes = append(cart.codes, d.Code)
	}
	return cart, nil
}

// admitCode says why a cart cannot have a code; nil when it can.
func (s *Server) admitCode(code string, cart openCheckout) error {
	d := s.discountByCode(code)
	switch {
	case d == nil:
		return ErrUnknownCode
	case usedUp(d), d.AppliesOncePerCustomer && usedBy(d, cart.customer):
		return ErrUsedUp
	case len(d.CustomerIDs) > 0 && !slices.Contains(d.CustomerIDs, cart.customer):
		return ErrOtherCustomer
	case d.MinimumSubtotal != "" && cart.subtotal.compare(decimal(d.MinimumSubtotal)) < 0:
		return ErrBelowMinimum
	case statusAt(d, s.cfg.Clock()) != statusActive:
		return ErrNotActive
	}
	return nil
}

func usedBy(d *Discount, customer string) bool {
	return slices.ContainsFunc(d.Uses, func(u Use) bool { return u.CustomerID == customer })
}

// discountByCode is nil when there is none. The caller holds the lock.
func (s *Server) discountByCode(code string) *Discount {
	return s.state.discounts[s.state.byCode[foldCode(code)]]
}

// placeOrder writes the order and the use of each code in one commit.
func (s *Server) placeOrder(cart openCheckout, codes []string) (string, error) {
	now := s.cfg.Clock()
	at := wholeSecond(now)
	order := Order{
		ID: s.state.nextID(), Number: s.state.lastOrder + 1, CustomerID: cart.customer,
		DiscountCodes: slices.Clone(codes), Subtotal: string(cart.subtotal), FinancialStatus: statusPaid, CreatedAt: at,
		UpdatedAt: at, Lines: cart.lines, Buyer: cart.buyer, Test: cart.buyer.Test,
	}
	records := []record{{Order: &order}}
	left := cart.subtotal
	for _, code := range codes {
		d := *s.discountByCode(code)
		off := reduction(d, left)
		left = left.minus(off)
		order.Applications = append(order.Applications, Application{Code: d.Code, Amount: string(off)})
		d.Uses = append(slices.Clone(d.Uses), Use{OrderID: order.GID(), CustomerID: cart.customer, At: now})
		records = append(records, record{Discount: &d})
	}
	order.TotalDiscount = string(cart.subtotal.minus(left))
	return order.GID(), s.commit(changeUsed, records...)
}

// reduction is what a code takes off: never more than is left; what exceeds it is lost.
func reduction(d Discount, left decimal) decimal {
	off := decimal(d.Amount)
	if d.Amount == "" {
		off = left.times(d.Percentage)
	}
	if off.compare(left) > 0 {
		return left
	}
	return off
}
