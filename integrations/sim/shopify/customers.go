package shopify

import (
	"slices"
	"strings"
)

// AddCustomer puts a customer into the store, or changes the one with that id. The id is a gid or a number; it returns
// the gid.
func (s *Server) AddCustomer(id, email, name, locale string) (string, error) {
	number, err := customerNumber(id)
	if err != nil {
		return "", err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	now := wholeSecond(s.cfg.Clock())
	c := Customer{ID: number, Email: email, Name: name, Locale: locale, CreatedAt: now, UpdatedAt: now}
	if c.Locale == "" {
		c.Locale = "en"
	}
	if old := s.state.customers[number]; old != nil {
		c.CreatedAt = old.CreatedAt
	}
	return c.GID(), s.commit("", record{Customer: &c})
}

// Customers are all customers, by email.
func (s *Server) Customers() []Customer {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	all := make([]Customer, 0, len(s.state.customers))
	for _, c := range s.state.customers {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Customer) int { return strings.Compare(a.Email, b.Email) })
	return all
}

// customer is nil when there is none. The caller holds the lock.
func (s *Server) customer(gid string) *Customer {
	n, _ := parseGID("Customer", gid)
	return s.state.customers[n]
}
