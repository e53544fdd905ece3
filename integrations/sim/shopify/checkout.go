package shopify

import (
	"errors"
	"slices"
	"strings"
)

// Why a checkout refuses a code. The buyer of the real store reads a sentence; these stand for it.
var (
	ErrUnknownCode     = errors.New("no such discount code")
	ErrNotActive       = errors.New("the discount code is not active")
	ErrUsedUp          = errors.New("the discount code has been used")
	ErrOtherCustomer   = errors.New("the discount code is not available to this customer")
	ErrBelowMinimum    = errors.New("the cart is below the code's minimum")
	ErrNotEntitled     = errors.New("nothing in the cart is what the code is for")
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
	s.runDue()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	cart, err := s.admit(customerID, codes, subtotal, lines, buyer)
	if err != nil {
		return "", err
	}
	if err := s.rejection(cart, enteredCodes{fresh: codes}); err != nil {
		return "", err
	}
	return s.placeOrder(cart, cart.codes)
}

// OpenCheckout enters the codes in a cart and checks them, as a buyer does who then hesitates. It returns a handle for
// CompleteCheckout.
func (s *Server) OpenCheckout(customerID string, codes []string, subtotal string) (int64, error) {
	s.runDue()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	cart, err := s.admit(customerID, codes, subtotal, nil, Buyer{})
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

func (s *Server) admit(customerID string, codes []string, subtotal string, lines []Line,
	buyer Buyer) (openCheckout, error) {
	amount, ok := parseDecimal(subtotal)
	if !ok || amount.negative() {
		return openCheckout{}, ErrBadSubtotal
	}
	cart := openCheckout{subtotal: amount, lines: lines, buyer: buyer}
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
		if slices.Contains(cart.codes, s.spelling(d, code)) || (len(codes) > 1 && !d.Combines.Order) {
			return openCheckout{}, ErrNotCombinable
		}
		cart.codes = append(cart.codes, s.spelling(d, code))
	}
	return cart, nil
}

// admitCode says why a cart cannot have a code; nil when it can.
func (s *Server) admitCode(code string, cart openCheckout) error {
	d := s.discountByCode(code)
	switch {
	case d == nil:
		return ErrUnknownCode
	case s.spent(d, code), d.AppliesOncePerCustomer && s.usedBy(d, code, cart):
		return ErrUsedUp
	case len(d.CustomerIDs) > 0 && !slices.Contains(d.CustomerIDs, cart.customer):
		return ErrOtherCustomer
	case len(d.Segments) > 0 && !slices.ContainsFunc(d.Segments, func(segment string) bool {
		return cart.customer != "" && slices.Contains(s.groups.segments[segment], cart.customer)
	}):
		return ErrOtherCustomer
	case d.MinimumSubtotal != "" && cart.subtotal.compare(decimal(d.MinimumSubtotal)) < 0:
		return ErrBelowMinimum
	case statusAt(d, s.cfg.Clock()) != statusActive:
		return ErrNotActive
	case restricted(d) && entitled(d, cart).compare("0") == 0:
		return ErrNotEntitled
	}
	return nil
}

// restricted reports whether a code is for some products or collections only.
func restricted(d *Discount) bool { return len(d.Products)+len(d.Collections) > 0 }

// entitled is what of a cart a code takes its value off: everything, or the lines of its products. Which product is of
// which collection this store does not know, so that nothing in a cart is.
func entitled(d *Discount, cart openCheckout) decimal {
	if !restricted(d) {
		return cart.subtotal
	}
	sum := decimal("0")
	for _, l := range cart.lines {
		if slices.Contains(d.Products, l.Product) {
			sum = sum.plus(decimal(l.Price).times(float64(l.Quantity)))
		}
	}
	return sum
}

// usedBy tells whether somebody used a code whom the store takes for the same customer: it goes by the account, the
// e-mail and the phone as they were typed. Two guests are not one.
func (s *Server) usedBy(d *Discount, code string, cart openCheckout) bool {
	return slices.ContainsFunc(s.usesOf(d, code), func(u Use) bool {
		if u.CustomerID == cart.customer && cart.customer != "" {
			return true
		}
		id, _ := parseGID("Order", u.OrderID)
		o := s.state.orders[id]
		return o != nil && (cart.buyer.Email != "" && strings.EqualFold(o.Buyer.Email, cart.buyer.Email) ||
			cart.buyer.Phone != "" && o.Buyer.Phone == cart.buyer.Phone)
	})
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
		off := reduction(d, entitled(&d, cart), left)
		left = left.minus(off)
		order.Applications = append(order.Applications, Application{Code: s.spelling(&d, code), Amount: string(off)})
		d.Uses = append(slices.Clone(d.Uses), Use{OrderID: order.GID(), Code: s.further(code), CustomerID: cart.customer, At: now})
		records = append(records, record{Discount: &d})
	}
	order.TotalDiscount = string(cart.subtotal.minus(left))
	return order.GID(), s.commit(changeUsed, records...)
}

// reduction is what a code takes off: never more than what it is for, or than is left; what exceeds that is lost.
func reduction(d Discount, of, left decimal) decimal {
	if of.compare(left) > 0 {
		of = left
	}
	off := decimal(d.Amount)
	if d.Amount == "" {
		off = of.times(d.Percentage).in(d.Currency)
	}
	if off.compare(of) > 0 {
		return of
	}
	return off
}
