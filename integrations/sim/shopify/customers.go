package shopify

import (
	"errors"
	"slices"
	"strings"
)

// ErrSameCustomer refuses a merge of a customer with themselves.
var ErrSameCustomer = errors.New("a customer cannot be merged with themselves")

// goneCustomer is a customer who is no more; Kept is the one who took their orders over, zero when they were deleted.
type goneCustomer struct {
	ID   int64 `json:"id"`
	Kept int64 `json:"kept,omitempty"`
}

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
		c.CreatedAt, c.Tags, c.Phone = old.CreatedAt, old.Tags, old.Phone
		if old.Email == c.Email && old.Name == c.Name && old.Locale == c.Locale {
			return c.GID(), nil
		}
	}
	return c.GID(), s.commit("", record{Customer: &c})
}

// SetPhone gives a customer a phone number, in the form that the vendor keeps: E.164. Error: ErrUnknownCustomer.
func (s *Server) SetPhone(id, phone string) error {
	number, err := customerNumber(id)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.state.customers[number]
	if old == nil {
		return ErrUnknownCustomer
	}
	c := *old
	c.Phone, c.UpdatedAt = phone, wholeSecond(s.cfg.Clock())
	return s.commit("", record{Customer: &c})
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

// MergeCustomers makes one customer of two. The orders go over to the one who is kept; codes that were bound to the
// other stay bound to nobody, for what the vendor does with them is not known. Errors: ErrUnknownCustomer,
// ErrSameCustomer.
func (s *Server) MergeCustomers(kept, gone string) error {
	return s.dropCustomer(gone, kept)
}

// DeleteCustomer removes a customer; their orders stay, without an owner. Error: ErrUnknownCustomer.
func (s *Server) DeleteCustomer(id string) error { return s.dropCustomer(id, "") }

func (s *Server) dropCustomer(gone, kept string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	number, err := customerNumber(gone)
	if err != nil || s.state.customers[number] == nil {
		return ErrUnknownCustomer
	}
	r := goneCustomer{ID: number}
	if kept != "" {
		if r.Kept, err = customerNumber(kept); err != nil || s.state.customers[r.Kept] == nil {
			return ErrUnknownCustomer
		}
	}
	if r.Kept == r.ID {
		return ErrSameCustomer
	}
	return s.commit("", record{Gone: &r})
}

// dropCustomer forgets a customer and hands the orders over.
func (s *state) dropCustomer(g goneCustomer) {
	old, owner := gid("Customer", g.ID), ""
	if g.Kept != 0 {
		owner = gid("Customer", g.Kept)
	}
	for _, id := range s.ordersOf[old] {
		o := *s.orders[id]
		o.CustomerID = owner
		s.orders[id] = &o
	}
	if owner != "" {
		moved := append(slices.Clone(s.ordersOf[owner]), s.ordersOf[old]...)
		slices.Sort(moved)
		s.ordersOf[owner] = moved
	}
	delete(s.ordersOf, old)
	delete(s.customers, g.ID)
	delete(s.metafields, old)
}
