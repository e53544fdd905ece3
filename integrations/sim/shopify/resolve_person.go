package shopify

import (
	"cmp"
	"strconv"
)

// What an order shows of the person who placed it.

// SourceName tells where the order was placed.
func (n *orderNode) SourceName() *string {
	source := sourceOf(n.o)
	return &source
}

// CurrencyCode is the store's.
func (n *orderNode) CurrencyCode() string { return n.s.cfg.Currency }

// PresentmentCurrencyCode is the buyer's.
func (n *orderNode) PresentmentCurrencyCode() string {
	return cmp.Or(n.o.Buyer.Currency, n.s.cfg.Currency)
}

// SubtotalPriceSet is what the goods cost after discounts and before refunds.
func (n *orderNode) SubtotalPriceSet() *moneyBag {
	b := bag(string(decimal(n.o.Subtotal).minus(decimal(n.o.TotalDiscount))), n.s.cfg.Currency)
	return &b
}

// TotalDiscountsSet is what was taken off, before refunds.
func (n *orderNode) TotalDiscountsSet() *moneyBag {
	b := bag(n.o.TotalDiscount, n.s.cfg.Currency)
	return &b
}

// Email is the customer's where the buyer typed none.
func (n *orderNode) Email() (*string, error) {
	email := n.o.Buyer.Email
	if email == "" {
		n.s.state.mu.RLock()
		if c := n.s.customer(n.o.CustomerID); c != nil {
			email = c.Email
		}
		n.s.state.mu.RUnlock()
	}
	return n.s.protection().show(WithholdEmail, "email", email)
}

// Phone is the number at the order itself.
func (n *orderNode) Phone() (*string, error) {
	return n.s.protection().show(WithholdPhone, "phone", n.o.Buyer.Phone)
}

// ClientIP answers clientIp. It is none of the four parts of level 2.
func (n *orderNode) ClientIP() *string {
	if n.o.Buyer.ClientIP == "" {
		return nil
	}
	return &n.o.Buyer.ClientIP
}

type attributeNode struct {
	Key   string
	Value *string
}

// CustomAttributes are the cart's.
func (n *orderNode) CustomAttributes() []attributeNode {
	list := []attributeNode{}
	for _, a := range n.o.Buyer.Attributes {
		list = append(list, attributeNode{a.Key, &a.Value})
	}
	return list
}

// ShippingAddress is null where nothing is sent.
func (n *orderNode) ShippingAddress() (*placeNode, error) { return n.s.place(n.o.Buyer.Shipping) }

// BillingAddress is null where nothing is paid by it.
func (n *orderNode) BillingAddress() (*placeNode, error) { return n.s.place(n.o.Buyer.Billing) }

// placeNode is a MailingAddress.
type placeNode struct {
	a Address
	p protection
}

func (s *Server) place(a *Address) (*placeNode, error) {
	p := s.protection()
	if a == nil {
		return nil, nil
	}
	if p.how == ByObjects && p.withholds(WithholdAddress) {
		return nil, notApproved("access the MailingAddress object")
	}
	return &placeNode{*a, p}, nil
}

// Name is a protected field of its own, as the phone number is.
func (n *placeNode) Name() (*string, error) { return n.p.show(WithholdName, "name", n.a.Name) }

// Phone is the number of whoever receives something there.
func (n *placeNode) Phone() (*string, error) { return n.p.show(WithholdPhone, "phone", n.a.Phone) }

// Company and what follows are the address.
func (n *placeNode) Company() (*string, error) {
	return n.p.show(WithholdAddress, "company", n.a.Company)
}

// Address1 is the street.
func (n *placeNode) Address1() (*string, error) {
	return n.p.show(WithholdAddress, "address1", n.a.Address1)
}

// Address2 is the building, the floor, the flat.
func (n *placeNode) Address2() (*string, error) {
	return n.p.show(WithholdAddress, "address2", n.a.Address2)
}

// City is the town or the district.
func (n *placeNode) City() (*string, error) { return n.p.show(WithholdAddress, "city", n.a.City) }

// Province is the prefecture or state, by its name.
func (n *placeNode) Province() (*string, error) {
	return n.p.show(WithholdAddress, "province", n.a.Province)
}

// Zip is the postal code.
func (n *placeNode) Zip() (*string, error) { return n.p.show(WithholdAddress, "zip", n.a.Zip) }

// CountryCodeV2 is a code of two letters.
func (n *placeNode) CountryCodeV2() (*string, error) {
	return n.p.show(WithholdAddress, "countryCodeV2", n.a.Country)
}

// NumberOfOrders counts the customer's orders; test orders are left out.
func (c *customerNode) NumberOfOrders() unsigned {
	c.s.state.mu.RLock()
	defer c.s.state.mu.RUnlock()
	n := 0
	for _, id := range c.s.state.ordersOf[string(c.ID)] {
		if !c.s.state.orders[id].Test {
			n++
		}
	}
	return unsigned{text: strconv.Itoa(n)}
}
