package shopify

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// factsCustomer is a customer as a question about facts reads it.
type factsCustomer struct {
	Tags           []string `json:"tags"`
	NumberOfOrders *string  `json:"numberOfOrders"`
	Later          *struct {
		Nodes []struct {
			ID string `json:"id"`
		} `json:"nodes"`
		PageInfo factsPage `json:"pageInfo"`
	} `json:"later"`
	Bought *struct {
		Nodes    []factsOrder `json:"nodes"`
		PageInfo factsPage    `json:"pageInfo"`
	} `json:"bought"`
}

type factsPage struct {
	HasNextPage bool `json:"hasNextPage"`
}

type factsOrder struct {
	ID          string     `json:"id"`
	CreatedAt   time.Time  `json:"createdAt"`
	CancelledAt *time.Time `json:"cancelledAt"`
	LineItems   *struct {
		Nodes []struct {
			Product *struct {
				ID string `json:"id"`
			} `json:"product"`
		} `json:"nodes"`
		PageInfo factsPage `json:"pageInfo"`
	} `json:"lineItems"`
}

func readCustomer(answer *decisions.ShopAnswer, q decisions.ShopQuestion, raw json.RawMessage, refused refusals) {
	var c *factsCustomer
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &c) != nil || c == nil || json.Unmarshal(raw, &fields) != nil {
		return
	}
	answer.Tags = c.Tags
	if q.Orders {
		answer.Orders = c.ordersBefore(q)
	}
	if !q.Bought.IsZero() && c.Bought != nil {
		c.readBought(answer, q, refused)
	}
	for i, name := range q.Metafields {
		alias := fmt.Sprint("m", i)
		var m *struct{ Type, Value string }
		told, there := fields[alias]
		if !there || refused["customer."+alias] || json.Unmarshal(told, &m) != nil {
			continue
		}
		answer.Metafields[name] = nil
		if m != nil {
			answer.Metafields[name] = valuesOf(m.Type, m.Value)
		}
	}
}

// ordersBefore takes the orders that were not placed before from all; nil where nobody can tell. The order itself is
// among all, also where the search has not found it yet.
func (c *factsCustomer) ordersBefore(q decisions.ShopQuestion) *int {
	if c.NumberOfOrders == nil {
		return nil
	}
	n, err := strconv.Atoi(*c.NumberOfOrders)
	if err != nil || n < 0 {
		return nil
	}
	if q.Before.IsZero() {
		return &n
	}
	if c.Later == nil || c.Later.PageInfo.HasNextPage {
		return nil
	}
	for _, o := range c.Later.Nodes {
		if o.ID != q.Not {
			n--
		}
	}
	n = max(n-1, 0)
	return &n
}

// readBought lists what was bought. Orders that were cancelled bought nothing.
func (c *factsCustomer) readBought(answer *decisions.ShopAnswer, q decisions.ShopQuestion, refused refusals) {
	answer.BoughtAll = !c.Bought.PageInfo.HasNextPage && !refused["customer.bought.lineItems.product"]
	for _, o := range c.Bought.Nodes {
		if o.ID == q.Not || o.CancelledAt != nil {
			continue
		}
		if o.LineItems == nil || o.LineItems.PageInfo.HasNextPage {
			answer.BoughtAll = false
		}
		if o.LineItems == nil {
			continue
		}
		for _, l := range o.LineItems.Nodes {
			if l.Product != nil {
				answer.Bought = append(answer.Bought, decisions.Purchase{Product: l.Product.ID, At: o.CreatedAt})
			}
		}
	}
}

// valuesOf are the values of a metafield: one, or those of a list.
func valuesOf(kind, value string) []string {
	if !strings.HasPrefix(kind, "list.") {
		return []string{value}
	}
	var list []any
	if json.Unmarshal([]byte(value), &list) != nil {
		return nil
	}
	values := make([]string, 0, len(list))
	for _, v := range list {
		values = append(values, fmt.Sprint(v))
	}
	return values
}

// factsCart is an order's own cart.
type factsCart struct {
	SubtotalPriceSet, TotalDiscountsSet *struct {
		ShopMoney struct{ Amount, CurrencyCode string }
	}
	ShippingAddress, BillingAddress *struct {
		CountryCodeV2 string `json:"countryCodeV2"`
	}
	CustomAttributes *[]struct{ Key, Value string }
	LineItems        *struct {
		Nodes []struct {
			Quantity int
			Product  map[string]json.RawMessage
		}
		PageInfo factsPage
	}
}

func readOrderCart(answer *decisions.ShopAnswer, q decisions.ShopQuestion, raw json.RawMessage, refused refusals) {
	var o *factsCart
	if json.Unmarshal(raw, &o) != nil || o == nil {
		return
	}
	cart := &decisions.Cart{}
	answer.Cart = cart
	if left, off := o.SubtotalPriceSet, o.TotalDiscountsSet; left != nil && off != nil {
		after, errAfter := domain.ParseMoney(left.ShopMoney.Amount, left.ShopMoney.CurrencyCode)
		taken, errTaken := domain.ParseMoney(off.ShopMoney.Amount, off.ShopMoney.CurrencyCode)
		if errAfter == nil && errTaken == nil && after.Currency == taken.Currency {
			after.Minor += taken.Minor
			cart.Subtotals = []domain.Money{after}
		}
	}
	switch {
	case o.ShippingAddress != nil && o.ShippingAddress.CountryCodeV2 != "":
		cart.Country = o.ShippingAddress.CountryCodeV2
	case o.BillingAddress != nil && !refused["order.shippingAddress"]:
		cart.Country = o.BillingAddress.CountryCodeV2
	}
	if o.CustomAttributes != nil {
		cart.Attributes = []decisions.CartAttribute{}
		for _, a := range *o.CustomAttributes {
			cart.Attributes = append(cart.Attributes, decisions.CartAttribute{Key: a.Key, Value: a.Value})
		}
	}
	if o.LineItems != nil && !refused["order.lineItems.product"] {
		readLines(answer, q, o)
	}
}

func readLines(answer *decisions.ShopAnswer, q decisions.ShopQuestion, o *factsCart) {
	cart, products := answer.Cart, []map[string]json.RawMessage{}
	cart.Items, cart.Cut = []decisions.CartItem{}, o.LineItems.PageInfo.HasNextPage
	for _, l := range o.LineItems.Nodes {
		var id string
		if l.Product == nil || json.Unmarshal(l.Product["id"], &id) != nil {
			continue // something that is no product, or one that was deleted
		}
		cart.Items = append(cart.Items, decisions.CartItem{Product: id, Quantity: l.Quantity})
		products = append(products, l.Product)
	}
	readCollections(answer, q, products)
}
