package shopify

import (
	"cmp"
	"errors"

	"github.com/google/uuid"
)

// ErrNoComplianceURI is given when there is nowhere to send the compliance topics to.
var ErrNoComplianceURI = errors.New("no address for the compliance topics is configured")

// RequestData sends customers/data_request: the customer wants to know what is held about them. Errors:
// ErrUnknownCustomer, ErrNoComplianceURI.
func (s *Server) RequestData(customerID string) error {
	return s.complyFor(customerID, "customers/data_request", func(body map[string]any, orders []any) {
		body["orders_requested"], body["data_request"] = orders, map[string]any{"id": s.state.outbox.last + 1}
	})
}

// RedactCustomer sends customers/redact: what is held about the customer is to be erased. Errors as RequestData.
func (s *Server) RedactCustomer(customerID string) error {
	return s.complyFor(customerID, "customers/redact", func(body map[string]any, orders []any) { body["orders_to_redact"] = orders })
}

// RedactShop sends shop/redact, which the vendor sends 48 hours after an uninstallation. Error: ErrNoComplianceURI.
func (s *Server) RedactShop() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.comply("shop/redact", map[string]any{"shop_id": shopID, "shop_domain": s.cfg.Shop})
}

// complyFor names a customer by what the store has of them; their phone is that of their newest order.
func (s *Server) complyFor(customerID, topic string, fill func(body map[string]any, orders []any)) error {
	number, err := customerNumber(customerID)
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	c := s.state.customers[number]
	if err != nil || c == nil {
		return ErrUnknownCustomer
	}
	orders, phone := []any{}, ""
	for _, id := range s.state.ordersOf[c.GID()] {
		orders, phone = append(orders, id), cmp.Or(s.state.orders[id].Buyer.Phone, phone)
	}
	body := map[string]any{"shop_id": shopID, "shop_domain": s.cfg.Shop,
		"customer": map[string]any{"id": c.ID, "email": textOrNil(c.Email), "phone": textOrNil(phone)}}
	fill(body, orders)
	return s.comply(topic, body)
}

func (s *Server) comply(topic string, body map[string]any) error {
	if s.cfg.Webhooks.ComplianceURI == "" {
		return ErrNoComplianceURI
	}
	d := s.delivery(topic, s.cfg.Webhooks.ComplianceURI, body, uuid.NewString(), 0)
	return s.commit("", record{Delivery: &d})
}

// Uninstall removes the app from the shop: app/uninstalled goes out, all subscriptions and granted tokens end, and no
// new token is granted until Install. That it is uninstalled does not outlive the process.
func (s *Server) Uninstall() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	records := s.owe([]event{{"APP_UNINSTALLED", s.shopBody}})
	for id := range s.state.subscriptions {
		records = append(records, record{Unsubscribed: id})
	}
	s.uninstalled.Store(true)
	s.RevokeTokens()
	if len(records) == 0 {
		return nil
	}
	return s.commit("", records...)
}

// Install puts the app back. Subscriptions have to be made anew.
func (s *Server) Install() { s.uninstalled.Store(false) }
