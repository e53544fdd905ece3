package shopify

import (
	"maps"
	"time"
)

// Discounts are all discounts in the order in which they were made, with their status by the clock.
func (s *Server) Discounts() []Discount {
	s.runDue()
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	now := s.cfg.Clock()
	all := make([]Discount, 0, len(s.state.discountIDs))
	for _, id := range s.state.discountIDs {
		all = append(all, s.snapshot(s.state.discounts[id], now))
	}
	return all
}

// DiscountByCode finds a discount without regard to case; false when there is none.
func (s *Server) DiscountByCode(code string) (Discount, bool) {
	s.runDue()
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	d := s.discountByCode(code)
	if d == nil {
		return Discount{}, false
	}
	return s.snapshot(d, s.cfg.Clock()), true
}

// Usable reports whether a checkout of the right customer could redeem the code now.
func (s *Server) Usable(code string) bool {
	s.runDue()
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	d := s.discountByCode(code)
	return d != nil && statusAt(d, s.cfg.Clock()) == statusActive && !s.spent(d, code)
}

// Orders are all orders in the order in which they were placed.
func (s *Server) Orders() []Order {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	all := make([]Order, 0, len(s.state.orderIDs))
	for _, id := range s.state.orderIDs {
		all = append(all, *s.state.orders[id])
	}
	return all
}

// Calls counts the requests that reached a root field ("discountCodeBasicCreate") or asked for a token ("token"),
// whatever was answered; throttled and unauthorised ones are not among them.
func (s *Server) Calls() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.calls)
}

// RESTCalls counts requests to REST discount routes, which do not exist any more.
func (s *Server) RESTCalls() int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return s.restCalls
}

func (s *Server) count(act string) {
	s.counting.Lock()
	defer s.counting.Unlock()
	s.calls[act]++
}

// LagUsage makes asyncUsageCount report only uses older than the given time, as the vendor's may.
func (s *Server) LagUsage(behind time.Duration) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.usageLag = behind
}

// LagSearch hides discounts younger than the given time from discountNodes and discountCodesCount, as the vendor's
// search index does. Reads by code and by id are never late.
func (s *Server) LagSearch(behind time.Duration) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.searchLag = behind
}
