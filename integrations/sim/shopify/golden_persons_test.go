package shopify_test

import (
	"fmt"
	"strings"

	sim "pointbridge/integrations/sim/shopify"
)

const (
	goldenShown = `id name createdAt cancelledAt test displayFinancialStatus discountCodes sourceName
		subtotalPriceSet { shopMoney { amount currencyCode } } totalDiscountsSet { shopMoney { amount currencyCode } } discountApplications(first: 2) { nodes { __typename } }
		presentmentCurrencyCode customer { id numberOfOrders } email phone clientIp shippingAddress { ...place } billingAddress { ...place }
		customAttributes { key value }`
	goldenPlace = ` fragment place on MailingAddress { name company address1 address2 city province zip countryCodeV2 phone }`
	goldenRisk  = `mutation($a: OrderRiskAssessmentCreateInput!) { orderRiskAssessmentCreate(orderRiskAssessmentInput: $a) {
		orderRiskAssessment { riskLevel } userErrors { field message code } } }`
	goldenParts = `query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 50) { nodes { id status supportedActions { action }
		fulfillmentHolds { id handle heldByRequestingApp } } pageInfo { hasNextPage } } } }`
	goldenHold = `mutation($id: ID!, $hold: FulfillmentOrderHoldInput!) { fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
		fulfillmentHold { id } userErrors { field message code } } }`
	goldenRelease = `mutation($id: ID!, $holds: [ID!]) { fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) {
		fulfillmentOrder { id } userErrors { field message code } } }`
	manyScopes = "write_customers,write_discounts,write_orders,write_merchant_managed_fulfillment_orders"
)

// goldenBuyer is who placed the order of the golden files.
func goldenBuyer() sim.Buyer {
	home := sim.Address{Name: "山田 太郎", Address1: "神南1-2-3", Address2: "カーサ渋谷 405", City: "渋谷区",
		Province: "東京都", Zip: "150-0041", Country: "JP", Phone: "03-1234-5678"}
	bill := home
	bill.Name, bill.Address2, bill.Phone = "Yamada Taro", "", ""
	return sim.Buyer{Email: "taro.typed@example.com", Phone: "+819012345678", ClientIP: "203.0.113.7", Shipping: &home,
		Billing: &bill, Attributes: []sim.Attribute{{Key: "gift", Value: "yes"}, {Key: "_pointbridge_device", Value: "d-7f3a"}}}
}

// placed is an order that shows all of it.
func (s store) placed() string {
	s.t.Helper()
	s.create(goldenCode, nil)
	id, err := s.CheckoutAs(taro, []string{goldenCode}, "3000", goldenBuyer())
	s.must(err)
	return id
}

func (s store) shown(id string) reply {
	history := "numberOfOrders orders(first: 10, sortKey: CREATED_AT) { nodes { id createdAt test } pageInfo { hasNextPage } }"
	return s.oneByID("query($id: ID!) { order(id: $id) { "+
		strings.Replace(goldenShown, "numberOfOrders", history, 1)+" } }"+goldenPlace, id)
}

// pageOfShown is two orders of three: one that shows all, and one of a guest at the POS that was cancelled.
func pageOfShown(s store) reply {
	s.placed()
	guest, err := s.CheckoutAs("", nil, "3000", sim.Buyer{Source: sim.SourcePOS, ClientIP: "198.51.100.4"})
	s.must(err)
	s.must(s.CancelOrder(guest, "CUSTOMER"))
	s.buy("")
	return s.run("{ orders(first: 2, sortKey: CREATED_AT) { nodes { "+goldenShown+
		" } pageInfo { hasNextPage endCursor } } }"+goldenPlace, nil)
}

// part is the id of an order's only part.
func (s store) part(order string) string {
	s.t.Helper()
	answer := s.oneByID(goldenParts, order)
	id, _ := answer.at("order", "fulfillmentOrders", "nodes", 0, "id").(string)
	if id == "" {
		s.t.Fatalf("no part: %s", answer.Body)
	}
	return id
}

func (s store) hold(part, handle string) reply {
	return s.run(goldenHold, map[string]any{"id": part, "hold": map[string]any{"reason": "OTHER", "handle": handle}})
}

// granted brings each store to have granted the app what acts on orders take.
func granted(scenarios map[string]func(store) reply) map[string]func(store) reply {
	all := map[string]func(store) reply{}
	for name, produce := range scenarios {
		all[name] = func(s store) reply {
			s.Grant(manyScopes)
			return produce(s)
		}
	}
	return all
}

const ourHandle = "pointbridge-identity"

var answeredAboutPersons = map[string]func(store) reply{
	"order_shown_ok": func(s store) reply { return s.shown(s.placed()) },
	"order_shown_withheld": func(s store) reply {
		s.must(s.Withhold(sim.ByErrors, sim.WithholdEmail, sim.WithholdPhone))
		return s.shown(s.placed())
	},
	"order_not_approved": func(s store) reply {
		id := s.placed()
		s.must(s.Withhold(sim.ByErrors, sim.WithholdOrder))
		return s.shown(id)
	},
	"orders_shown_page": pageOfShown,
	"risk_assess_ok": func(s store) reply {
		return s.run(goldenRisk, map[string]any{"a": map[string]any{"orderId": s.buy(taro), "riskLevel": "MEDIUM",
			"facts": []any{map[string]any{"description": "Seen before", "sentiment": "NEGATIVE"}}}})
	},
	"fulfilment_open": func(s store) reply { return s.oneByID(goldenParts, s.buy(taro)) },
	"fulfilment_held": func(s store) reply {
		order := s.buy(taro)
		s.hold(s.part(order), ourHandle)
		return s.oneByID(goldenParts, order)
	},
	"fulfilment_hold_ok": func(s store) reply { return s.hold(s.part(s.buy(taro)), ourHandle) },
	"fulfilment_hold_duplicate": func(s store) reply {
		part := s.part(s.buy(taro))
		s.hold(part, ourHandle)
		return s.hold(part, ourHandle)
	},
	"fulfilment_hold_limit": func(s store) reply {
		part := s.part(s.buy(taro))
		for i := range 10 {
			s.hold(part, fmt.Sprint("hold-", i))
		}
		return s.hold(part, ourHandle)
	},
	"fulfilment_hold_unknown": func(s store) reply { return s.hold("gid://shopify/FulfillmentOrder/0", ourHandle) },
	"fulfilment_hold_denied": func(s store) reply {
		part := s.part(s.buy(taro))
		s.Grant("write_orders")
		return s.hold(part, ourHandle)
	},
	"fulfilment_release_ok": func(s store) reply {
		part := s.part(s.buy(taro))
		id := s.hold(part, ourHandle).at("fulfillmentOrderHold", "fulfillmentHold", "id")
		return s.run(goldenRelease, map[string]any{"id": part, "holds": []any{id}})
	},
}
