package identity

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/sim"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

const (
	taroAsks   = `,"customer":{"id":"42"}`
	hanakoAsks = `,"customer":{"id":"43"}`
	guestAsks  = `,"customer":{"email":"guest@example.com"}`
)

// TestRulesAboutTheBuyer are asked of the store: tags, a metafield, a segment, and an account. A guest has none of them.
//
// covers: 001-07, 001-08, 001-21, 002-12, 002-32
func TestRulesAboutTheBuyer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, func(*decisions.Policy) {})
		for _, err := range []error{s.Shopify.SetTags(taroGID, "VIP", "newsletter"),
			s.Shopify.SetMetafield(taroGID, "custom", "rank", "single_line_text_field", "gold")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		s.Shopify.SetSegment(vips, taroGID)
		for name, c := range map[string]struct {
			rule                decisions.Condition
			taro, hanako, guest string
		}{
			"a tag": {decisions.Condition{Need: decisions.NeedTagsAny, Values: []string{"vip"}}, "allow",
				"refuse audience_not_met", "refuse audience_not_met"},
			"none of these tags": {decisions.Condition{Need: decisions.NeedTagsNone, Values: []string{"newsletter"}},
				"refuse audience_not_met", "allow", "allow"},
			"a metafield": {decisions.Condition{Need: decisions.NeedMetafield, Key: "custom.rank",
				Values: []string{"gold", "platinum"}}, "allow", "refuse audience_not_met", "refuse audience_not_met"},
			"a segment": {decisions.Condition{Need: decisions.NeedSegment, Values: []string{vips}}, "allow",
				"refuse audience_not_met", "refuse audience_not_met"},
			"an account": {decisions.Condition{Need: decisions.NeedAccount}, "allow", "allow", "refuse account_required"},
		} {
			s.rule(needs(c.rule))
			for shown, want := range map[string]string{taroAsks: c.taro, hanakoAsks: c.hanako, guestAsks: c.guest} {
				if got := said(s.ask(shown)); got != want {
					t.Errorf("%s, %s: %s, want %s", name, shown, got, want)
				}
			}
		}
		// What a hand-made code is worth nobody knows; what the campaign's own take off at most stands in its offer.
		above := decisions.Condition{Need: decisions.NeedAccount, Number: 1000}
		s.rule(needs(above))
		s.says(map[string]string{taroAsks: "allow", guestAsks: "refuse could_not_check"})
		for code, want := range map[string]string{s.offered("big", 1001, above): "refuse account_required",
			s.offered("small", 1000, above): "allow"} {
			got := s.Answer(s.server, http.MethodPost, "/v1/decisions", `{"code":"`+code+`","stage":"cart"}`, http.StatusOK)
			if said(got) != want {
				t.Errorf("a guest with %s: %s, want %s", code, said(got), want)
			}
		}
		// Both must hold: the segment, and that they have not used it yet.
		s.rule(needs(decisions.Condition{Need: decisions.NeedSegment, Values: []string{vips}}))
		s.used(identity.Shown{CustomerID: taroGID})
		s.says(map[string]string{taroAsks: "refuse already_used", hanakoAsks: "refuse audience_not_met"})
	})
}

// TestNewCustomersOnly by the store's own count of orders, by what a server that is believed says, and by whoever is
// recognised under another account.
//
// covers: 001-09
func TestNewCustomersOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, needs(decisions.Condition{Need: decisions.NeedOrdersAtMost}))
		if _, err := s.Shopify.Checkout(taroGID, nil, "3000"); err != nil {
			t.Fatal(err)
		}
		s.says(map[string]string{taroAsks: "refuse new_customers_only", hanakoAsks: "allow",
			`,"customer":{"id":"43","orders":4}`: "refuse new_customers_only",
			guestAsks:                            "refuse could_not_check"})
		s.rule(func(p *decisions.Policy) { p.Conditions, p.NewCustomersOnly = nil, true })
		s.says(map[string]string{taroAsks: "refuse new_customers_only", hanakoAsks: "allow", guestAsks: "allow"})
		s.rule(func(p *decisions.Policy) { p.UsesPerPerson = 0 })
		if got := s.ordered(hanakoGID, "3000", simshopify.Buyer{Email: "hanako@example.com"}); got != "allow" {
			t.Errorf("her first order is %s", got)
		}
		s.rule(needs(decisions.Condition{Need: decisions.NeedOrdersAtMost}))
		s.says(map[string]string{`,"customer":{"id":"77","email":"hanako@example.com","orders":0}`: "refuse new_customers_only"})
	})
}

// TestNotBoughtWithinHalfAYear looks back over the store's own orders, as far as the app may; what it cannot see is no
// "no".
//
// covers: 001-31
func TestNotBoughtWithinHalfAYear(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, needs(decisions.Condition{Need: decisions.NeedNotBought, Values: []string{shoes}, Number: 30}))
		if _, err := s.Shopify.CheckoutOf(taroGID, nil, "3000", simshopify.Buyer{}, shoes); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Shopify.CheckoutOf(hanakoGID, nil, "3000", simshopify.Buyer{}, socks); err != nil {
			t.Fatal(err)
		}
		s.says(map[string]string{taroAsks: "refuse bought_recently", hanakoAsks: "allow", guestAsks: "refuse could_not_check"})
		s.rule(needs(decisions.Condition{Need: decisions.NeedNotBought, Values: []string{shoes}, Number: 180}))
		s.says(map[string]string{taroAsks: "refuse bought_recently", hanakoAsks: "refuse could_not_check"})
		s.Shopify.GrantAllOrders(true)
		s.says(map[string]string{hanakoAsks: "allow"})
	})
}

// TestRulesAboutTheCart: the minimum, the market, products and their collections, a companion and what the storefront
// wrote on the cart. Before there is a cart nothing of it is asked.
//
// covers: 001-14, 001-23, 001-30, 001-46
func TestRulesAboutTheCart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, func(*decisions.Policy) {})
		s.Shopify.SetCollection(sale, socks)
		cart := func(fields string) string { return `,"cart":{` + fields + `}` }
		const both = `"items":[{"product_id":1,"quantity":1},{"product_id":"gid://shopify/Product/2","quantity":2}]`
		const first = `"items":[{"product_id":"1","quantity":1}]`
		for name, c := range map[string]struct {
			rule decisions.Condition
			want map[string]string
		}{
			"a minimum": {decisions.Condition{Need: decisions.NeedMinimum, Key: "JPY", Number: 3000}, map[string]string{
				cart(`"currency":"JPY","subtotal":3000`): "allow", cart(`"currency":"JPY","subtotal":2999`): "refuse minimum_not_met",
				cart(`"currency":"USD","subtotal":9999`): "refuse could_not_check", "": "refuse could_not_check"}},
			"a market": {decisions.Condition{Need: decisions.NeedMarkets, Values: []string{"JP", "TW"}}, map[string]string{
				cart(`"country":"TW"`): "allow", cart(`"country":"US"`): "refuse wrong_market",
				`,"address":{"country":"jp"}`: "allow", "": "refuse could_not_check"}},
			"a product": {decisions.Condition{Need: decisions.NeedProducts, Values: []string{socks, "gid://shopify/Product/9"}},
				map[string]string{cart(both): "allow", cart(first): "refuse cart_not_eligible",
					cart(`"items":[]`): "refuse cart_not_eligible", cart(`"items":[{"id":"x","quantity":1}]`): "refuse could_not_check"}},
			"a companion": {decisions.Condition{Need: decisions.NeedCompanion, Values: []string{shoes, socks}},
				map[string]string{cart(both): "allow", cart(first): "refuse cart_not_eligible"}},
			"a collection": {decisions.Condition{Need: decisions.NeedCollections, Values: []string{sale}},
				map[string]string{cart(both): "allow", cart(first): "refuse cart_not_eligible", "": "refuse could_not_check"}},
			"an attribute": {decisions.Condition{Need: decisions.NeedAttribute, Key: "gift", Values: []string{"yes"}},
				map[string]string{cart(`"attributes":{"gift":"yes"}`): "allow",
					cart(`"attributes":{"gift":"no"}`): "refuse cart_not_eligible", cart(`"attributes":{}`): "refuse cart_not_eligible"}},
		} {
			s.rule(needs(c.rule))
			for shown, want := range c.want {
				if got := said(s.ask(shown)); got != want {
					t.Errorf("%s, %s: %s, want %s", name, shown, got, want)
				}
			}
			issue := s.Answer(s.server, http.MethodPost, "/v1/decisions", `{"campaign":"summer","stage":"issue"}`, http.StatusOK)
			if said(issue) != "allow" {
				t.Errorf("%s before there is a cart: %s", name, said(issue))
			}
		}
	})
}

// TestAnOrderThatBrokeARuleIsFlagged by what the order itself shows, whatever was said at the checkout.
//
// covers: 001-14, 001-23, 001-30, 001-46
func TestAnOrderThatBrokeARuleIsFlagged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, func(p *decisions.Policy) { p.UsesPerPerson = 0 })
		s.Shopify.SetCollection(sale, socks)
		s.rule(needs(decisions.Condition{Need: decisions.NeedMinimum, Key: "JPY", Number: 3000},
			decisions.Condition{Need: decisions.NeedMarkets, Values: []string{"JP"}},
			decisions.Condition{Need: decisions.NeedCollections, Values: []string{sale}},
			decisions.Condition{Need: decisions.NeedCompanion, Values: []string{shoes}},
			decisions.Condition{Need: decisions.NeedAttribute, Key: "gift", Values: []string{"yes"}},
			decisions.Condition{Need: decisions.NeedAccount}))
		at := func(country, gift string) simshopify.Buyer {
			return simshopify.Buyer{Shipping: &simshopify.Address{Address1: "1-2-3", Country: country},
				Attributes: []simshopify.Attribute{{Key: "gift", Value: gift}}}
		}
		for _, c := range []struct {
			what, customer, subtotal string
			buyer                    simshopify.Buyer
			products                 []string
			want                     string
		}{
			{"everything holds", taroGID, "3000", at("JP", "yes"), []string{shoes, socks}, "allow"},
			{"too little", taroGID, "2999", at("JP", "yes"), []string{shoes, socks}, "refuse minimum_not_met"},
			{"another country", taroGID, "3000", at("US", "yes"), []string{shoes, socks}, "refuse wrong_market"},
			{"no companion", taroGID, "3000", at("JP", "yes"), []string{socks}, "refuse cart_not_eligible"},
			{"nothing of the collection", taroGID, "3000", at("JP", "yes"), []string{shoes}, "refuse cart_not_eligible"},
			{"another attribute", taroGID, "3000", at("JP", "no"), []string{shoes, socks}, "refuse cart_not_eligible"},
			{"a guest", "", "3000", at("JP", "yes"), []string{shoes, socks}, "refuse account_required"},
		} {
			if got := s.ordered(c.customer, c.subtotal, c.buyer, c.products...); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
	})
}

// TestAnOrderIsHeldAgainstItsCustomer: tags, segment and how many orders there were before it, whatever came since. While
// the shop does not answer nothing is decided about it; it is asked again.
//
// covers: 001-07, 001-09, 001-21, 001-31
func TestAnOrderIsHeldAgainstItsCustomer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, func(p *decisions.Policy) { p.UsesPerPerson = 0 })
		if err := s.Shopify.SetTags(taroGID, "vip"); err != nil {
			t.Fatal(err)
		}
		s.Shopify.SetSegment(vips, taroGID)
		for name, c := range map[string]struct {
			rule         decisions.Condition
			taro, hanako string
		}{
			"a tag": {decisions.Condition{Need: decisions.NeedTagsAny, Values: []string{"vip"}}, "allow",
				"refuse audience_not_met"},
			"a segment": {decisions.Condition{Need: decisions.NeedSegment, Values: []string{vips}}, "allow",
				"refuse audience_not_met"},
			"no order before": {decisions.Condition{Need: decisions.NeedOrdersAtLeast, Number: 90},
				"refuse audience_not_met", "refuse audience_not_met"},
			"socks are none": {decisions.Condition{Need: decisions.NeedNotBought, Values: []string{socks}, Number: 30},
				"allow", "allow"},
		} {
			s.rule(needs(c.rule))
			for customer, want := range map[string]string{taroGID: c.taro, hanakoGID: c.hanako} {
				if got := s.ordered(customer, "3000", simshopify.Buyer{}, shoes); got != want {
					t.Errorf("%s, %s: %s, want %s", name, customer, got, want)
				}
			}
		}
		s.rule(needs(decisions.Condition{Need: decisions.NeedNotBought, Values: []string{shoes}, Number: 30}))
		s.Faults.Add(sim.Rule{Act: "shopify.customer", Mode: sim.Status, Count: 1})
		order, err := s.Shopify.PlaceOf(taroGID, "SUMMER-LAST", "3000", simshopify.Buyer{}, shoes)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.App.Learning.LearnOrder(t.Context(), order, time.Now()); err == nil || s.outcomeOf(order) != "none" {
			t.Errorf("while the shop does not answer it is %s, %v", s.outcomeOf(order), err)
		}
		err = s.App.Learning.LearnOrder(t.Context(), order, time.Now())
		if got := s.outcomeOf(order); err != nil || got != "refuse bought_recently" {
			t.Errorf("once it answers it is %s, %v", got, err)
		}
	})
}

// TestAShopThatDoesNotAnswer refuses or lets pass as the campaign says, names the rules of which nobody could tell, and
// the decision is made again as it was.
//
// covers: 001-07
func TestAShopThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShopWith(t, db, medium, "DECISION_WAIT=1ms")
		tags := decisions.Condition{Need: decisions.NeedTagsAny, Values: []string{"vip"}}
		s.rule(needs(tags))
		if _, err := s.Shopify.AddCustomer(taroGID, "taro@example.com", "Taro", "ja"); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []sim.Mode{sim.Hang, sim.Status, sim.LoseAnswer, sim.BrokenAnswer} {
			s.Faults.Add(sim.Rule{Act: "shopify.customer", Mode: mode, Count: 2})
			s.rule(func(p *decisions.Policy) { p.Unanswered = decisions.UnansweredRefuse })
			got := s.ask(taroAsks)
			unanswered, _ := got["unanswered"].([]any)
			if said(got) != "refuse could_not_check" || len(unanswered) != 1 || unanswered[0] != "tags_any" {
				t.Errorf("%s: %s without %v", mode, said(got), unanswered)
			}
			id, _ := got["id"].(string)
			s.rule(func(p *decisions.Policy) { p.Unanswered = decisions.UnansweredAllow })
			if passed := s.ask(taroAsks); said(passed) != "allow_flagged" {
				t.Errorf("%s: %s where it is to pass", mode, said(passed))
			}
			if again := s.Answer(s.keeper, http.MethodPost, "/v1/decisions/"+id+"/replay", `{}`, http.StatusOK); again["same"] != true {
				t.Errorf("%s: made again it is %s", mode, said(again))
			}
			s.Faults.Clear()
		}
		// What the server itself says is not asked for.
		s.says(map[string]string{`,"customer":{"id":"42","tags":["Vip"]}`: "allow",
			`,"customer":{"id":"42","tags":[]}`: "refuse audience_not_met"})
	})
}

// TestLimitsAreToldToWhoeverComesLate, in the campaign's own words where it has some; the counter says how many orders
// were accepted, and an order that slipped through is on it as well.
//
// covers: 001-12, 002-01, 002-04, 002-45
func TestLimitsAreToldToWhoeverComesLate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := ruled(t, db, func(p *decisions.Policy) {
			p.UsesInAll, p.Messages = 2, []decisions.Message{{Reason: decisions.ReasonAlreadyUsed, Language: "ja",
				Text: "このインフルエンサー企画はすでにご利用いただいています"}}
		})
		if got := s.ordered(taroGID, "3000", simshopify.Buyer{}); got != "allow" {
			t.Errorf("the first is %s", got)
		}
		if got := s.ask(taroAsks); got["message"] != "このインフルエンサー企画はすでにご利用いただいています" {
			t.Errorf("who has used it is told %v", got["message"])
		}
		s.ordered(hanakoGID, "3000", simshopify.Buyer{})
		got := s.ask(guestAsks)
		if message, _ := got["message"].(string); said(got) != "refuse usage_limit_reached" ||
			!strings.Contains(message, "ご利用の上限に達しました") {
			t.Errorf("the third hears %s: %v", said(got), got["message"])
		}
		if got := s.ordered("", "3000", simshopify.Buyer{Email: "late@example.com"}); got != "refuse usage_limit_reached" {
			t.Errorf("an order that slipped through is %s", got)
		}
		uses := s.Answer(s.keeper, http.MethodGet, "/v1/campaigns/summer/uses?code=summer-by-hand-1", "", http.StatusOK)
		if uses["orders"] != 3.0 || uses["refused"] != 1.0 || uses["limit"] != 2.0 || uses["left"] != 0.0 ||
			uses["of_code"] != 1.0 || uses["limit_per_code"] != nil {
			t.Errorf("the counter says %v", uses)
		}
	})
}

// TestAHugeCartIsRefusedAsAWhole, and names what is wrong with it.
func TestAHugeCartIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		many := `"k":"` + strings.Repeat("x", 600) + `"`
		for cart, field := range map[string]string{
			`"items":[` + strings.Repeat(`{"quantity":1},`, 500) + `{"quantity":1}]`: "body.cart.items",
			`"items":[{"product_id":"abc","quantity":1}]`:                            "body.cart.items[0].product_id",
			`"items":[{"product_id":"1","quantity":0}]`:                              "body.cart.items[0].quantity",
			`"subtotal":100`:              "body.cart.currency",
			`"subtotal":-1`:               "body.cart.subtotal",
			`"country":"Japan"`:           "body.cart.country",
			`"attributes":{` + many + `}`: "body.cart.attributes",
		} {
			status, text := s.Request(s.server, http.MethodPost, "/v1/decisions", "",
				`{"code":"SUMMER-X","stage":"cart","cart":{`+cart+`}}`)
			if status != http.StatusUnprocessableEntity || !strings.Contains(text, field) {
				t.Errorf("%.60s: %d %.300s", cart, status, text)
			}
		}
	})
}
