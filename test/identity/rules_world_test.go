package identity

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

const (
	taroGID, hanakoGID = "gid://shopify/Customer/42", "gid://shopify/Customer/43"
	shoes, socks       = "gid://shopify/Product/1", "gid://shopify/Product/2"
	sale               = "gid://shopify/Collection/5"
	vips               = "gid://shopify/Segment/7"
)

// ruled is a shop with two customers in its Shopify store: Taro, and Hanako of whom nothing is known.
func ruled(t *testing.T, db storetest.Database, rules func(*decisions.Policy)) *shop {
	t.Helper()
	s := newShop(t, db, medium)
	for gid, mail := range map[string]string{taroGID: "taro@example.com", hanakoGID: "hanako@example.com"} {
		if _, err := s.Shopify.AddCustomer(gid, mail, mail, "ja"); err != nil {
			t.Fatal(err)
		}
	}
	s.rule(rules)
	return s
}

// rule changes the rules of "summer".
func (s *shop) rule(change func(*decisions.Policy)) {
	s.t.Helper()
	c, err := s.Store.Campaigns.ByKey(s.t.Context(), "summer")
	if err != nil {
		s.t.Fatal(err)
	}
	change(&c.Policy)
	book := campaigns.Service{Campaigns: s.Store.Campaigns, Now: domain.SystemClock{}.Now}
	if _, err := book.Protect(s.t.Context(), domain.System(), "summer", c.Policy.Version, c.Policy); err != nil {
		s.t.Fatal(err)
	}
}

// offered makes a campaign whose codes take an amount off, under one condition, and gives a code of it.
func (s *shop) offered(key string, amount int64, rule decisions.Condition) (code string) {
	s.t.Helper()
	p := decisions.NewPolicy(decisions.Medium)
	p.Mode, p.Conditions = decisions.Enforce, []decisions.Condition{rule}
	now := domain.SystemClock{}.Now()
	book := campaigns.Service{Campaigns: s.Store.Campaigns, Now: domain.SystemClock{}.Now}
	_, err := book.Make(s.t.Context(), domain.System(), campaigns.Campaign{Key: key, Prefix: strings.ToUpper(key) + "-",
		Policy: p, Names: []campaigns.Name{{Language: "en", Text: key}}, Offer: campaigns.Offer{Codes: campaigns.Shared,
			Value:    campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(amount), Currency: "JPY"},
			StartsAt: now.AddDate(0, 0, -1), EndsAt: now.AddDate(0, 1, 0)}})
	if err == nil {
		_, err = book.SetStatus(s.t.Context(), domain.System(), key, campaigns.Live, "")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.ToUpper(key) + "-SARAH"
}

// needs are rules with these conditions alone.
func needs(list ...decisions.Condition) func(*decisions.Policy) {
	return func(p *decisions.Policy) { p.Conditions = list }
}

// said is what a decision comes to, shortly.
func said(answer map[string]any) string {
	text := fmt.Sprint(answer["outcome"])
	if answer["reason"] != nil {
		text += fmt.Sprint(" ", answer["reason"])
	}
	return text
}

// says asks about several people and carts, each by the JSON of what is shown.
func (s *shop) says(want map[string]string) {
	s.t.Helper()
	for shown, outcome := range want {
		if got := said(s.ask(shown)); got != outcome {
			s.t.Errorf("%s: %s, want %s", shown, got, outcome)
		}
	}
}

// ordered places an order that used a code of "summer", lets the service learn of it, and says what it decided.
func (s *shop) ordered(customer, subtotal string, buyer simshopify.Buyer, products ...string) string {
	s.t.Helper()
	s.orders++
	order, err := s.Shopify.PlaceOf(customer, fmt.Sprint("SUMMER-BY-HAND-", s.orders), subtotal, buyer, products...)
	if err == nil {
		err = s.App.Learning.LearnOrder(s.t.Context(), order, domain.SystemClock{}.Now())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.outcomeOf(order)
}

func (s *shop) outcomeOf(order string) string {
	s.t.Helper()
	list, _ := s.Answer(s.admin, http.MethodGet, "/v1/decisions?limit=100", "", http.StatusOK)["items"].([]any)
	for _, one := range list {
		if d, _ := one.(map[string]any); d["order_id"] == order {
			return said(d)
		}
	}
	return "none"
}
