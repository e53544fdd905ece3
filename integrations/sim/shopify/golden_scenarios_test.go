package shopify_test

import (
	"encoding/json"
	"maps"
	"strings"

	"pointbridge/integrations/sim"
)

const (
	goldenCode   = "70934-AB72CD-500"
	goneDiscount = "gid://shopify/DiscountCodeNode/1"
	goldenCreate = `mutation couponCreate($discount: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $discount) {
		codeDiscountNode { id } userErrors { field message code extraInfo } } }`
	goldenDeactivate = `mutation($id: ID!) { discountCodeDeactivate(id: $id) { codeDiscountNode { id } userErrors { field message code } } }`
	goldenDelete     = `mutation($id: ID!) { discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { field message code } } }`
	goldenFind       = `query($code: String!) { codeDiscountNodeByCode(code: $code) { id codeDiscount { __typename ... on DiscountCodeBasic {
		title status tags updatedAt endsAt usageLimit asyncUsageCount combinesWith { orderDiscounts productDiscounts shippingDiscounts }
		context { __typename ... on DiscountCustomers { customers { id } } }
		customerGets { value { __typename ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem } } }
		minimumRequirement { __typename ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount currencyCode } } }
		codes(first: 10) { nodes { code } } } } } }`
	goldenRead = `query($id: ID!) { customer(id: $id) { id metafield(namespace: "loyalty", key: "coupons") { value compareDigest } } }`
	goldenSet  = `mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
		metafields { compareDigest } userErrors { field message code elementIndex } } }`
	goldenDefine = `mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
		createdDefinition { id } userErrors { field message code } } }`
	goldenRedefine = `mutation($d: MetafieldDefinitionUpdateInput!) { metafieldDefinitionUpdate(definition: $d) {
		updatedDefinition { id } userErrors { field message code } } }`
	goldenDefinitions = `{ metafieldDefinitions(first: 1, ownerType: CUSTOMER, namespace: "$app", key: "coupons") {
		nodes { id type { name } access { customerAccount storefront } } } }`
	goldenUsage = `query($id: ID!, $code: String!, $customer: ID!) { discountNode(id: $id) { id discount { __typename
		... on DiscountCodeBasic { status asyncUsageCount codes(first: 10) { nodes { code } } } } } codeDiscountNodeByCode(code: $code) { id codeDiscount { __typename
		... on DiscountCodeBasic { asyncUsageCount } } } customer(id: $customer) { orders(first: 50, sortKey: CREATED_AT) { nodes {
		id name createdAt updatedAt cancelledAt cancelReason test displayFinancialStatus discountCodes discountApplications(first: 20) { nodes { __typename ... on DiscountCodeApplication { code } } }
		refunds(first: 50) { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } } customer { id } }
		pageInfo { hasNextPage endCursor } } } }`
	goldenOrders = `{ orders(first: 2, sortKey: UPDATED_AT) { nodes { id name createdAt updatedAt cancelledAt cancelReason test
		displayFinancialStatus discountCodes discountApplications(first: 20) { nodes { __typename ... on DiscountCodeApplication { code } } }
		refunds(first: 50) { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } } customer { id } } pageInfo { hasNextPage endCursor } } }`
)

// scenarios bring a store to give each golden answer.
var scenarios = union(answeredByState, answeredByFault, granted(answeredAboutPersons))

func union(parts ...map[string]func(store) reply) map[string]func(store) reply {
	all := map[string]func(store) reply{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

func (s store) issue(changes map[string]any) reply {
	return s.run(goldenCreate, map[string]any{"discount": s.coupon(goldenCode, changes)["d"]})
}

func (s store) oneByID(query, id string) reply { return s.run(query, map[string]any{"id": id}) }

func (s store) write(inputs ...map[string]any) reply {
	return s.run(goldenSet, map[string]any{"m": inputs})
}

func (s store) define() reply {
	return s.run(goldenDefine, map[string]any{"d": map[string]any{"name": "Coupons", "namespace": "$app",
		"key": "coupons", "ownerType": "CUSTOMER", "type": "json", "access": map[string]any{"customerAccount": "READ",
			"storefront": "NONE"}}})
}

// pageOfOrders is two orders of three: one with two codes, one of a guest that was cancelled.
func pageOfOrders(s store) reply {
	social := map[string]any{"combinesWith": map[string]any{"orderDiscounts": true}}
	s.create("WELCOME", social)
	s.create(goldenCode, social)
	s.buy(taro, "WELCOME", goldenCode)
	guest := s.buy("")
	if err := s.CancelOrder(guest, "CUSTOMER"); err != nil {
		s.t.Fatal(err)
	}
	s.buy(taro)
	return s.run(goldenOrders, nil)
}

// usage is a coupon that its customer used beside another code.
func usage(s store) reply {
	social := map[string]any{"combinesWith": map[string]any{"orderDiscounts": true}}
	s.create("WELCOME", social)
	id := s.create(goldenCode, social)
	s.buy(taro, "WELCOME", goldenCode)
	return s.run(goldenUsage, map[string]any{"id": id, "code": goldenCode, "customer": taro})
}

var answeredByState = map[string]func(store) reply{
	"discount_create_ok":          func(s store) reply { return s.issue(nil) },
	"discount_create_blank":       func(s store) reply { return s.issue(map[string]any{"code": nil}) },
	"discount_create_too_long":    func(s store) reply { return s.issue(map[string]any{"code": strings.Repeat("A", 256)}) },
	"discount_create_invalid_end": func(s store) reply { return s.issue(map[string]any{"endsAt": "2020-01-01T00:00:00Z"}) },
	"discount_create_taken": func(s store) reply {
		s.create(strings.ToLower(goldenCode), nil)
		return s.issue(nil)
	},
	"discount_deactivate_ok":   func(s store) reply { return s.oneByID(goldenDeactivate, s.create(goldenCode, nil)) },
	"discount_deactivate_gone": func(s store) reply { return s.oneByID(goldenDeactivate, goneDiscount) },
	"discount_delete_ok":       func(s store) reply { return s.oneByID(goldenDelete, s.create(goldenCode, nil)) },
	"discount_delete_gone":     func(s store) reply { return s.oneByID(goldenDelete, goneDiscount) },
	"discount_find_none":       func(s store) reply { return s.run(goldenFind, map[string]any{"code": goldenCode}) },
	"discount_find_ok": func(s store) reply {
		s.create(goldenCode, map[string]any{"title": "Loyalty 500pt 70934"})
		return s.run(goldenFind, map[string]any{"code": goldenCode})
	},
	"resource_not_found":    func(s store) reply { return s.oneByID(goldenDelete, "nonsense") },
	"customer_none":         func(s store) reply { return s.oneByID(goldenRead, "gid://shopify/Customer/1") },
	"customer_coupons_none": func(s store) reply { return s.oneByID(goldenRead, taro) },
	"customer_coupons_ok": func(s store) reply {
		s.set(coupons(taro, `[{"code":"70934-AB72CD-500","status":"active"}]`))
		return s.oneByID(goldenRead, taro)
	},
	"metafields_set_ok":             func(s store) reply { return s.write(coupons(taro, "[]", "compareDigest", nil)) },
	"metafields_set_no_owner":       func(s store) reply { return s.write(coupons("gid://shopify/Customer/1", "[]")) },
	"metafields_set_invalid_digest": func(s store) reply { return s.write(coupons(taro, "[]", "compareDigest", "00")) },
	"metafields_set_not_authorized": func(s store) reply { return s.write(coupons(taro, "[]", "namespace", "app--1--x")) },
	"metafields_set_stale": func(s store) reply {
		s.set(coupons(taro, "[1]"))
		return s.write(coupons(taro, "[2]", "compareDigest", "00"))
	},
	"metafield_definition_create_ok": store.define,
	"metafield_definition_create_taken": func(s store) reply {
		s.define()
		return s.define()
	},
	"metafield_definition_update_ok": func(s store) reply {
		s.define()
		return s.run(goldenRedefine, map[string]any{"d": map[string]any{"namespace": "$app", "key": "coupons",
			"ownerType": "CUSTOMER"}})
	},
	"metafield_definitions_none": func(s store) reply { return s.run(goldenDefinitions, nil) },
	"metafield_definitions_ok": func(s store) reply {
		s.define()
		return s.run(goldenDefinitions, nil)
	},
	"coupon_usage_ok": usage,
	"orders_page":     pageOfOrders,
	"shop_ok":         func(s store) reply { return s.run(`{ shop { name currencyCode ianaTimezone myshopifyDomain } }`, nil) },
	"invalid_variable": func(s store) reply {
		return s.run(goldenCreate, map[string]any{})
	},
	"argument_not_accepted": func(s store) reply {
		return s.run(`mutation couponsDefine { metafieldDefinitionCreate(definition: {name: "Coupons", key: "coupons", ownerType: CUSTOMER,
			type: "json", access: {grants: []}}) { userErrors { code } } }`, nil)
	},
	"max_cost_exceeded": func(s store) reply {
		return s.run(`{ orders(first: 250) { nodes { customer { orders(first: 250) { nodes { customer { orders(first: 250) { nodes { id } } } } } } } } }`, nil)
	},
	"unauthorized": func(s store) reply {
		w := s.request("POST", "/admin/api/2026-10/graphql.json", "shpat_wrong",
			map[string]any{"query": "{ shop { name } }"})
		return reply{Status: w.Code, Header: w.Header(), Body: w.Body.String()}
	},
	"token_ok":             func(s store) reply { return s.tokenReply("secret") },
	"token_invalid_client": func(s store) reply { return s.tokenReply("wrong") },
}

func (s store) tokenReply(secret string) reply {
	w := s.request("POST", "/admin/oauth/access_token", "", map[string]any{
		"client_id": "client", "client_secret": secret, "grant_type": "client_credentials"})
	return reply{Status: w.Code, Header: w.Header(), Body: w.Body.String()}
}

// underFault creates a coupon while a rule is set.
func underFault(rule sim.Rule) func(store) reply {
	return func(s store) reply {
		rule.Act = createAct
		raw, err := json.Marshal(rule)
		if err != nil {
			s.t.Fatal(err)
		}
		s.request("POST", "/_sim/faults", fixedToken, json.RawMessage(raw))
		return s.issue(nil)
	}
}

var answeredByFault = map[string]func(store) reply{
	"access_denied":                   underFault(sim.Rule{Mode: sim.Refuse, Reason: "ACCESS_DENIED"}),
	"internal_server_error":           underFault(sim.Rule{Mode: sim.InternalAfter}),
	"internal_server_error_with_path": underFault(sim.Rule{Mode: sim.Refuse, Reason: "INTERNAL_SERVER_ERROR"}),
	"throttled":                       underFault(sim.Rule{Mode: sim.Throttle}),
	"locked":                          underFault(sim.Rule{Mode: sim.Status, Code: 423}),
	"too_many_requests":               underFault(sim.Rule{Mode: sim.Status, Code: 429, RetryAfter: "2.0"}),
}
