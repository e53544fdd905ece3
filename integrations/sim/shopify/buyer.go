package shopify

import (
	"cmp"
	"errors"
	"net/netip"
	"regexp"
)

// ErrBadBuyer refuses what no checkout would let through: an address of the network that is none, or a country that is
// no code of two letters.
var ErrBadBuyer = errors.New("the buyer's IP is no address, or a country is no code of two letters")

// Where an order can be placed, in the vendor's words (Order.sourceName; others are the number of an app). The IP of an
// order is the buyer's in an order of the web only: one of the POS has the shop's.
const (
	SourceWeb   = "web"
	SourcePOS   = "pos"
	SourceDraft = "shopify_draft_order"
)

// Buyer is what an order shows of the person who placed it, as they typed it.
type Buyer struct {
	// Email is the customer's own where it is empty.
	Email    string   `json:"email,omitempty"`
	Phone    string   `json:"phone,omitempty"`
	Shipping *Address `json:"shipping,omitempty"`
	Billing  *Address `json:"billing,omitempty"`
	ClientIP string   `json:"client_ip,omitempty"`
	// Source is SourceWeb where it is empty.
	Source string `json:"source,omitempty"`
	// Currency is what the buyer pays in; the store's where it is empty. Money is counted in the store's all the same.
	Currency string `json:"currency,omitempty"`
	// Test tells that it was paid through the vendor's gateway for tests.
	Test bool `json:"test,omitempty"`
	// Attributes are the cart's: whatever the storefront put there.
	Attributes []Attribute `json:"attributes,omitempty"`
}

// Address is one of an order's addresses. Country is a code, e.g. JP.
type Address struct {
	Name     string `json:"name,omitempty"`
	Company  string `json:"company,omitempty"`
	Address1 string `json:"address1,omitempty"`
	Address2 string `json:"address2,omitempty"`
	City     string `json:"city,omitempty"`
	Province string `json:"province,omitempty"`
	Zip      string `json:"zip,omitempty"`
	Country  string `json:"country,omitempty"`
	Phone    string `json:"phone,omitempty"`
}

// Attribute is a pair of texts at a cart, and then at its order.
type Attribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

var (
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
)

func (b Buyer) check() error {
	if _, err := netip.ParseAddr(b.ClientIP); b.ClientIP != "" && err != nil {
		return ErrBadBuyer
	}
	if b.Currency != "" && !currencyCode.MatchString(b.Currency) {
		return ErrBadBuyer
	}
	for _, a := range []*Address{b.Shipping, b.Billing} {
		if a != nil && a.Country != "" && !countryCode.MatchString(a.Country) {
			return ErrBadBuyer
		}
	}
	return nil
}

// CheckoutAs places an order as Checkout does, by somebody of whom it shows something. Errors as Checkout, and
// ErrBadBuyer.
func (s *Server) CheckoutAs(customerID string, codes []string, subtotal string, buyer Buyer) (string, error) {
	return s.checkout(customerID, codes, subtotal, nil, buyer)
}

// sourceOf is where an order was placed.
func sourceOf(o *Order) string { return cmp.Or(o.Buyer.Source, SourceWeb) }
