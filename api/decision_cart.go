package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// AskedItem is a line of a cart.
type AskedItem struct {
	ProductID *productID `json:"product_id,omitempty" doc:"Shopify's product, as a gid or its number. Of a line without one nobody can tell whether it is one of a campaign's products"`
	ID        string     `json:"id,omitempty" maxLength:"128" doc:"Taken, and not looked at"`
	Quantity  int        `json:"quantity" minimum:"1" maximum:"1000000"`
}

// AskedCart is what a code is to be used on. Nothing of it is kept but which of the campaign's rules it meets.
type AskedCart struct {
	Currency   string            `json:"currency,omitempty" maxLength:"3" pattern:"^([A-Z]{3})?$" doc:"ISO 4217; needed with a subtotal"`
	Subtotal   *int64            `json:"subtotal,omitempty" minimum:"0" maximum:"1000000000000" doc:"What the goods cost before the discount, in the currency's smallest unit. It is compared with a minimum in the same currency, and never converted"`
	Country    string            `json:"country,omitempty" maxLength:"2" pattern:"^([A-Z]{2})?$" doc:"The buyer's, by ISO 3166-1; the address's where it is missing"`
	Items      []AskedItem       `json:"items,omitempty" maxItems:"500" nullable:"false" doc:"All of them; missing is not the same as none"`
	Attributes map[string]string `json:"attributes,omitempty" doc:"What the storefront wrote on the cart, 100 at most; missing is not the same as none"`
}

// productGID is what the ids of Shopify's products begin with.
const productGID = "gid://shopify/Product/"

// productID reads a Shopify product as a gid or as its bare number, text or JSON number, and is always the gid.
type productID string

// UnmarshalJSON reads either form; the schema has refused every other one.
func (p *productID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	*p = productID(productGID + strings.TrimPrefix(text, productGID))
	return nil
}

// Schema tells huma both forms.
func (productID) Schema(huma.Registry) *huma.Schema {
	return gidSchema(productGID, "$")
}

// onto says in a question what the cart is.
func (c *AskedCart) onto(q *decisions.Question) {
	if c == nil {
		return
	}
	q.Currency, q.Cart.Country = c.Currency, c.Country
	if c.Subtotal != nil {
		q.Cart.Subtotals = []domain.Money{{Minor: *c.Subtotal, Currency: c.Currency}}
	}
	if c.Items != nil {
		q.Cart.Items = []decisions.CartItem{}
	}
	for _, i := range c.Items {
		if i.ProductID == nil {
			q.Cart.Cut = true
			continue
		}
		q.Cart.Items = append(q.Cart.Items, decisions.CartItem{Product: string(*i.ProductID), Quantity: i.Quantity})
	}
	if c.Attributes != nil {
		q.Cart.Attributes = []decisions.CartAttribute{}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
		q.Cart.Attributes = append(q.Cart.Attributes, decisions.CartAttribute{Key: key, Value: c.Attributes[key]})
	}
}
