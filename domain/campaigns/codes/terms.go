package codes

import (
	"encoding/json"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
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
	// StartsAt is when the discount begins; zero where nobody wrote that down.
	StartsAt time.Time `json:"starts_at,omitzero"`
}

// termsOf are the terms of a batch under the rules of its campaign. Everything else that the rules ask for is decided
// by us. A code of an unbound batch is good once; the shop counts uses for each code by itself. A minimum in another
// currency than the shop's cannot be said there.
func termsOf(b Batch, c campaigns.Campaign, currency string) Terms {
	t := Terms{OncePerCustomer: c.Policy.UsesPerPerson == 1, Combines: c.Offer.Combines, StartsAt: c.Offer.StartsAt}
	if b.Kind == Unbound {
		t.UsageLimit = 1
	} else {
		t.UsageLimit = least(c.Policy.UsesPerCode, c.Policy.UsesInAll)
	}
	if c.Offer.Value.Kind == campaigns.Percentage {
		t.BasisPoints = b.Value
	} else {
		t.Amount, t.Currency = b.Value, c.Offer.Value.Currency
	}
	for _, need := range c.Policy.Conditions {
		if need.Need == decisions.NeedMinimum && need.Key == currency {
			t.Minimum = max(t.Minimum, need.Number)
		}
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

// least is the smaller of two limits, of which 0 is none.
func least(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
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
		BasisPoints: t.BasisPoints, Minimum: domain.Money{Minor: t.Minimum, Currency: currency}, Combines: t.Combines}
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
	return list
}
