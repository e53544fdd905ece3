package shopify

import (
	"slices"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
)

// What rules of campaigns ask of a store: tags, segments, products and collections. Segments and collections are what
// tests say they are, until the process ends.

// groups is who is in which segment, and which product in which collection, by gids.
type groups struct {
	segments    map[string][]string
	collections map[string][]string
}

// SetSegment says which customers are members of a segment; all are gids.
func (s *Server) SetSegment(segment string, customers ...string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.groups.segments == nil {
		s.groups.segments = map[string][]string{}
	}
	s.groups.segments[segment] = customers
}

// SetCollection says which products are in a collection; all are gids.
func (s *Server) SetCollection(collection string, products ...string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.groups.collections == nil {
		s.groups.collections = map[string][]string{}
	}
	s.groups.collections[collection] = products
}

// SetTags replaces the tags of a customer. Error: ErrUnknownCustomer.
func (s *Server) SetTags(customer string, tags ...string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	c := s.customer(customer)
	if c == nil {
		return ErrUnknownCustomer
	}
	next := *c
	next.Tags = slices.Clone(tags)
	return s.commit("", record{Customer: &next})
}

// CheckoutOf is CheckoutAs with lines that name their products; their price is the subtotal.
func (s *Server) CheckoutOf(customerID string, codes []string, subtotal string, buyer Buyer,
	products ...string) (string, error) {
	lines := make([]Line, 0, len(products))
	for _, p := range products {
		lines = append(lines, Line{Title: "Goods", Price: subtotal, Quantity: 1, Product: p})
	}
	return s.checkout(customerID, codes, subtotal, lines, buyer)
}

type membershipResponse struct{ Memberships []membershipNode }

type membershipNode struct {
	SegmentID graphql.ID
	IsMember  bool
}

// CustomerSegmentMembership answers QueryRoot.customerSegmentMembership. A segment that there is not has no members.
func (q queries) CustomerSegmentMembership(args struct {
	CustomerID graphql.ID
	SegmentIDs []graphql.ID
}) (*membershipResponse, error) {
	if !q.s.grants("customers") {
		return nil, accessDenied("customerSegmentMembership")
	}
	q.s.state.mu.RLock()
	defer q.s.state.mu.RUnlock()
	answer := &membershipResponse{Memberships: []membershipNode{}}
	for _, id := range args.SegmentIDs {
		answer.Memberships = append(answer.Memberships, membershipNode{id,
			slices.Contains(q.s.groups.segments[string(id)], string(args.CustomerID))})
	}
	return answer, nil
}

// grants tells whether the app may read a kind of thing.
func (s *Server) grants(what string) bool {
	scopes := strings.Split(s.scopes(), ",")
	return slices.Contains(scopes, "read_"+what) || slices.Contains(scopes, "write_"+what)
}

type productNode struct {
	ID graphql.ID
	s  *Server
}

// Product answers QueryRoot.product: any that a test names is one of the store's.
func (q queries) Product(args struct{ ID graphql.ID }) (*productNode, error) {
	return q.s.productNode(string(args.ID))
}

// productNode is nil for no product. Error: the app may not read products.
func (s *Server) productNode(id string) (*productNode, error) {
	if _, is := parseGID("Product", id); !is {
		return nil, nil //nolint:nilnil // null is the answer
	}
	if !s.grants("products") {
		return nil, accessDenied("product")
	}
	return &productNode{graphql.ID(id), s}, nil
}

// InCollection tells whether the product is in a collection.
func (p *productNode) InCollection(args struct{ ID graphql.ID }) bool {
	p.s.state.mu.RLock()
	defer p.s.state.mu.RUnlock()
	return slices.Contains(p.s.groups.collections[string(args.ID)], string(p.ID))
}

// Tags are the customer's.
func (c *customerNode) Tags() []string {
	c.s.state.mu.RLock()
	defer c.s.state.mu.RUnlock()
	if now := c.s.customer(string(c.ID)); now != nil && now.Tags != nil {
		return now.Tags
	}
	return []string{}
}

type lineNode struct {
	ID       graphql.ID
	Quantity int32
	product  string
	s        *Server
	o        *Order
	at       int
}

// Product is null where the line names none.
func (l *lineNode) Product() (*productNode, error) { return l.s.productNode(l.product) }

// LineItems lists what was bought.
func (n *orderNode) LineItems(args pageArgs) (*connection[*lineNode], error) {
	lines := n.o.linesOrWhole()
	list := ordered{ids: make([]int64, len(lines))}
	for i := range list.ids {
		list.ids[i] = int64(i)
	}
	return paged(list, args, func(i int64) *lineNode {
		line := lines[i]
		return &lineNode{graphql.ID(gid("LineItem", n.o.ID*100+i)), int32(line.Quantity), line.Product, n.s, n.o, int(i)}
	})
}

// PlaceOf makes an order that used a code of somebody else's making, which the store does not check: 500 off a subtotal,
// with a line for each product. Errors: ErrUnknownCustomer, ErrBadSubtotal.
func (s *Server) PlaceOf(customerID, code, subtotal string, buyer Buyer, products ...string) (string, error) {
	id, err := s.PlaceByHand(customerID, ByCode, code, "500", subtotal)
	if err != nil {
		return "", err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n, _ := parseGID("Order", id)
	o := *s.state.orders[n]
	o.Buyer = buyer
	for _, p := range products {
		o.Lines = append(o.Lines, Line{Title: "Goods", Price: subtotal, Quantity: 1, Product: p})
	}
	return id, s.commit("", record{Order: &o})
}
