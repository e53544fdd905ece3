package shopify

import (
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
)

type customerNode struct {
	ID                  graphql.ID
	DisplayName         string
	Locale              string
	DefaultEmailAddress *emailNode
	DefaultPhoneNumber  *phoneNode
	s                   *Server
}

type emailNode struct{ EmailAddress string }

type phoneNode struct{ PhoneNumber string }

// customerWithEmail is the gid of the customer who has a mail address; empty for nobody.
func (s *Server) customerWithEmail(address string) string {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	for _, c := range s.state.customers {
		if c.Email != "" && strings.EqualFold(c.Email, strings.TrimSpace(address)) {
			return c.GID()
		}
	}
	return ""
}

// customerNode takes the lock itself: it is also called while the engine walks the answer. Nil when there is none.
func (s *Server) customerNode(id string) *customerNode {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	c := s.customer(id)
	if c == nil {
		return nil
	}
	return s.nodeOf(c)
}

func (s *Server) nodeOf(c *Customer) *customerNode {
	node := &customerNode{ID: graphql.ID(c.GID()), DisplayName: c.Name, Locale: c.Locale, s: s}
	if c.Email != "" {
		node.DefaultEmailAddress = &emailNode{c.Email}
	}
	if c.Phone != "" {
		node.DefaultPhoneNumber = &phoneNode{c.Phone}
	}
	if strings.TrimSpace(c.Name) == "" {
		node.DisplayName = c.Email
	}
	return node
}

// Metafield answers one of the customer's metafields.
func (c *customerNode) Metafield(args metafieldArgs) *metafieldNode {
	return c.s.metafieldNode(string(c.ID), args)
}

// Orders answers the customer's orders.
func (c *customerNode) Orders(args ordersArgs) (*connection[*orderNode], error) {
	c.s.state.mu.RLock()
	defer c.s.state.mu.RUnlock()
	return c.s.findOrders(c.s.state.ordersOf[string(c.ID)], args)
}

type metafieldNode struct {
	ID        graphql.ID
	Namespace string
	Key       string
	Type      string
	Value     string
	CreatedAt dateTime
	UpdatedAt dateTime
	m         *Metafield
}

func newMetafieldNode(m *Metafield) *metafieldNode {
	return &metafieldNode{
		ID: graphql.ID(gid("Metafield", m.ID)), Namespace: m.Namespace, Key: m.Key, Type: m.Type, Value: m.Value,
		CreatedAt: dateTime{Time: m.CreatedAt}, UpdatedAt: dateTime{Time: m.UpdatedAt}, m: m,
	}
}

// metafieldNode takes the lock itself; nil when there is none.
func (s *Server) metafieldNode(owner string, args metafieldArgs) *metafieldNode {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	m := s.metafield(owner, textOf(args.Namespace), args.Key)
	if m == nil {
		return nil
	}
	return newMetafieldNode(m)
}

// CompareDigest changes whenever the value does.
func (n *metafieldNode) CompareDigest() string { return digest(*n.m) }

// JSONValue is the value as JSON: itself for the type json, else a text.
func (n *metafieldNode) JSONValue() jsonValue {
	if n.Type == "json" {
		return jsonValue(n.Value)
	}
	return quoteJSON(n.Value)
}
