package codes

import (
	"encoding/json"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// Terms are what the shop holds codes to by itself, as they were when the discount was made. They are kept, so that a
// change by hand is seen.
type Terms struct {
	UsageLimit      int                `json:"usage_limit,omitempty"`
	OncePerCustomer bool               `json:"once_per_customer,omitempty"`
	Amount          int64              `json:"amount,omitempty"`
	Currency        string             `json:"currency,omitempty"`
	BasisPoints     int64              `json:"basis_points,omitempty"`
	Minimum         int64              `json:"minimum,omitempty"`
	Combines        campaigns.Combines `json:"combines"`
	// Segment, Products and Collections are gids: whose members can use it, and what it takes its value off.
	Segment     string   `json:"segment,omitempty"`
	Products    []string `json:"products,omitempty"`
	Collections []string `json:"collections,omitempty"`
	// StartsAt is when the discount begins; zero where nobody wrote that down.
	StartsAt time.Time `json:"starts_at,omitzero"`
}

// What a discount can be on; empty for everything in the cart.
const (
	OnProducts    = "products"
	OnCollections = "collections"
)

// on is what the codes take their value off. Which products they are is not read again: it would cost more than all else.
func (t Terms) on() string {
	switch {
	case len(t.Products) > 0:
		return OnProducts
	case len(t.Collections) > 0:
		return OnCollections
	default:
		return ""
	}
}

// termsOf are the terms of a batch under the rules of its campaign: what the shop enforces by itself of them. Everything
// else that the rules ask for is decided by us.
func termsOf(b Batch, c campaigns.Campaign, currency string) Terms {
	n := campaigns.Native(c.Offer, c.Policy, currency)
	t := Terms{UsageLimit: n.UsageLimit, OncePerCustomer: n.OncePerCustomer, Minimum: n.Minimum.Minor,
		Combines: n.Combines, Segment: n.Segment, Products: n.Products, Collections: n.Collections,
		StartsAt: n.StartsAt}
	if c.Offer.Value.Kind == campaigns.Percentage {
		t.BasisPoints = b.Value
	} else {
		t.Amount, t.Currency = b.Value, c.Offer.Value.Currency
	}
	return t
}

// currencyOf is the currency in which a campaign's codes are made, of which a discount says nothing: an amount is always
// read as the shop's. A part of an order is one in every currency.
func currencyOf(c campaigns.Campaign, shop string) string {
	if c.Offer.Value.Kind == campaigns.Amount {
		return c.Offer.Value.Currency
	}
	return shop
}

func (t Terms) text() string {
	text, _ := json.Marshal(t)
	return string(text)
}

// TermsOf reads the terms of a batch's discount.
func TermsOf(b Batch) (t Terms, err error) {
	err = json.Unmarshal([]byte(b.Terms), &t)
	return t, err
}

// discount is what the shop is to make.
func (t Terms) discount(code, title string, tags []string, endsAt time.Time, currency string) Discount {
	return Discount{Code: code, Title: title, Tags: tags, StartsAt: t.StartsAt, EndsAt: endsAt, UsageLimit: t.UsageLimit,
		OncePerCustomer: t.OncePerCustomer, Amount: domain.Money{Minor: t.Amount, Currency: t.Currency},
		BasisPoints: t.BasisPoints, Minimum: domain.Money{Minor: t.Minimum, Currency: currency}, Combines: t.Combines,
		Segment: t.Segment, Products: t.Products, Collections: t.Collections}
}

// Differences names the terms that a discount of the shop does not have.
func (t Terms) Differences(f Found) (list []string) {
	add := func(differs bool, what string) {
		if differs {
			list = append(list, what)
		}
	}
	add(f.UsageLimit != t.UsageLimit, "usage_limit")
	add(f.OncePerCustomer != t.OncePerCustomer, "once_per_customer")
	add(f.Amount.Minor != t.Amount || t.Amount > 0 && f.Amount.Currency != t.Currency || f.BasisPoints != t.BasisPoints,
		"value")
	add(f.Minimum.Minor != t.Minimum, "minimum")
	add(f.Combines != t.Combines, "combination")
	add(!f.For(t.Segment), "who")
	add(f.On != t.on(), "items")
	return list
}
