package shopify

import (
	"errors"
	"slices"
)

// quote is what a cart comes to, before it is bought.
type quote struct {
	Subtotal, Total decimal
	Codes           []quotedCode
}

// quotedCode is a code somebody entered: what it takes off, or why it does not.
type quotedCode struct {
	Code string
	Off  decimal
	Err  error // nil when it holds
	// Minimum is the subtotal that ErrBelowMinimum asks for.
	Minimum decimal
	// Early says that ErrNotActive is about a code whose time has not come, not about one that ended.
	Early bool
}

// quote tries the codes one after the other, as somebody does who enters them: one that is refused changes nothing.
func (s *Server) quote(customer string, codes []string, subtotal decimal, language string) quote {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	q := quote{Subtotal: subtotal, Total: subtotal}
	var held []string
	for _, code := range codes {
		one := quotedCode{Code: code}
		// Alone first: what is wrong with the code itself tells more than that it stands beside another.
		if _, one.Err = s.admit(customer, []string{code}, string(subtotal), nil, Buyer{}); one.Err == nil {
			var cart openCheckout
			if cart, one.Err = s.admit(customer, append(slices.Clone(held), code), string(subtotal), nil, Buyer{}); one.Err == nil {
				one.Err = s.rejection(cart, enteredCodes{applied: held, fresh: []string{code}, language: language})
			}
		}
		if one.Err != nil {
			s.explain(&one)
			q.Codes = append(q.Codes, one)
			continue
		}
		d := s.discountByCode(code)
		held, one.Code = append(held, code), s.spelling(d, code)
		one.Off = reduction(*d, entitled(d, openCheckout{subtotal: q.Total}), q.Total)
		q.Total = q.Total.minus(one.Off)
		q.Codes = append(q.Codes, one)
	}
	return q
}

// explain adds what the buyer is told beside the reason.
func (s *Server) explain(c *quotedCode) {
	d := s.discountByCode(c.Code)
	if d == nil {
		return
	}
	c.Early = errors.Is(c.Err, ErrNotActive) && statusAt(d, s.cfg.Clock()) == statusScheduled
	if d.MinimumSubtotal != "" {
		c.Minimum = decimal(d.MinimumSubtotal)
	}
}
