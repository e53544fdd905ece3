package shopify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const ordersText = `query($q: String, $after: String, $n: Int) { orders(first: $n, after: $after, query: $q, sortKey: UPDATED_AT) {
	nodes { id name discountCodes cancelledAt customer { id }
		discountApplications(first: 5) { nodes { index value { ... on MoneyV2 { amount } } ... on DiscountCodeApplication { code } } } }
	pageInfo { hasNextPage endCursor } } }`

// names runs an orders query and gives the names it found.
func (s store) names(filter string) string {
	s.t.Helper()
	answer := s.run(ordersText, map[string]any{"q": filter, "n": 50})
	var names []string
	for i := 0; answer.at("orders", "nodes", i) != nil; i++ {
		names = append(names, answer.at("orders", "nodes", i, "name").(string))
	}
	return strings.Join(names, " ")
}

func (s store) buy(customer string, codes ...string) string {
	s.t.Helper()
	id, err := s.Checkout(customer, codes, "3000")
	if err != nil {
		s.t.Fatalf("checkout: %v", err)
	}
	return id
}

func TestOrders(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	social := map[string]any{"combinesWith": map[string]any{"orderDiscounts": true}}
	s.create("FIRST", social)
	s.create("SECOND", social)
	s.buy(hanako)
	s.clock.advance(time.Minute)
	mine := s.buy(taro, "first", "second")
	s.clock.advance(time.Minute)
	cut := s.clock.now()
	s.buy("")
	answer := s.run(ordersText, map[string]any{"q": "name:#1002", "n": 5})
	equal(t, "codes", fmt.Sprint(answer.at("orders", "nodes", 0, "discountCodes")), "[FIRST SECOND]")
	equal(t, "application", answer.at("orders", "nodes", 0, "discountApplications", "nodes", 1, "code"), any("SECOND"))
	equal(t, "taken off", answer.at("orders", "nodes", 0, "discountApplications", "nodes", 1, "value", "amount"),
		any("500.0"))
	for filter, want := range map[string]string{
		"":                                     "#1001 #1002 #1003",
		"customer_id:7001":                     "#1002",
		"customer_id:7002 OR customer_id:7001": "#1001 #1002",
		"-customer_id:7001":                    "#1001 #1003",
		`email:"taro@example.com"`:             "#1002",
		"discount_code:first":                  "#1002",
		"discount_code:second":                 "", // only the first code of an order is known
		"updated_at:>='" + cut.Format(time.RFC3339) + "'": "#1003",
		"no_such_field:x":  "#1001 #1002 #1003",
		"status:cancelled": "",
	} {
		equal(t, filter, s.names(filter), want)
	}
	s.clock.advance(time.Minute)
	if err := s.CancelOrder(mine, "CUSTOMER"); err != nil {
		t.Fatal(err)
	}
	equal(t, "by last change", s.names(""), "#1001 #1003 #1002")
	equal(t, "cancelled", s.names("status:cancelled"), "#1002")
	one := s.run(`query($id: ID!) { order(id: $id) { cancelReason displayFinancialStatus currentTotalDiscountsSet { shopMoney { amount } } } }`,
		map[string]any{"id": mine})
	equal(t, "reason", one.at("order", "cancelReason"), any("CUSTOMER"))
	equal(t, "discounts", one.at("order", "currentTotalDiscountsSet", "shopMoney", "amount"), any("1000.0"))
}

func TestOrderPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for range 5 {
		s.buy(taro)
		s.clock.advance(time.Second)
	}
	var seen []string
	var after any
	for {
		answer := s.run(ordersText, map[string]any{"n": 2, "after": after})
		for i := 0; answer.at("orders", "nodes", i) != nil; i++ {
			seen = append(seen, answer.at("orders", "nodes", i, "name").(string))
		}
		if answer.at("orders", "pageInfo", "hasNextPage") != true {
			break
		}
		after = answer.at("orders", "pageInfo", "endCursor")
	}
	equal(t, "seen", strings.Join(seen, " "), "#1001 #1002 #1003 #1004 #1005")
	customer := s.run(`query($id: ID!) { customer(id: $id) { orders(first: 2, reverse: true) { nodes { name } } } }`,
		map[string]any{"id": taro})
	equal(t, "the customer's last", customer.at("customer", "orders", "nodes", 0, "name"), any("#1005"))
}

func TestLags(t *testing.T) {
	t.Parallel()
	t.Run("the usage count lags, the orders do not", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.LagUsage(time.Hour)
		s.create("LATE", nil)
		s.buy(taro, "LATE")
		count := func() any {
			answer := s.run(`{ codeDiscountNodeByCode(code: "LATE") { codeDiscount { ... on DiscountCodeBasic { asyncUsageCount } } } }`, nil)
			return answer.at("codeDiscountNodeByCode", "codeDiscount", "asyncUsageCount")
		}
		equal(t, "at once", count(), any(0.0))
		equal(t, "order", s.names("discount_code:LATE"), "#1001")
		s.clock.advance(time.Hour)
		equal(t, "later", count(), any(1.0))
	})
	t.Run("the search index lags, a read by code does not", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.LagSearch(time.Minute)
		id := s.create("FRESH", nil)
		read := func() (searched, byCode, count any) {
			answer := s.run(`{ discountNodes(first: 5, query: "code:FRESH") { nodes { id } }
				codeDiscountNodeByCode(code: "fresh") { id } discountCodesCount { count precision } }`, nil)
			return answer.at("discountNodes", "nodes", 0, "id"), answer.at("codeDiscountNodeByCode", "id"),
				answer.at("discountCodesCount", "count")
		}
		searched, byCode, count := read()
		equal(t, "searched at once", searched, nil)
		equal(t, "by code at once", byCode, any(id))
		equal(t, "counted at once", count, any(0.0))
		s.clock.advance(time.Minute)
		searched, _, count = read()
		equal(t, "searched later", searched, any(id))
		equal(t, "counted later", count, any(1.0))
	})
	t.Run("an unknown search field matches everything", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("ONE", nil)
		s.create("TWO", nil)
		for filter, want := range map[string]int{"colour:red": 2, "code:one": 1, "tag:other": 0, "status:active": 2,
			"title:'Coupon TWO'": 1, "customer_ids:7001": 2} {
			answer := s.run(`query($q: String) { discountNodes(first: 5, query: $q) { nodes { id } } }`,
				map[string]any{"q": filter})
			nodes, _ := answer.at("discountNodes", "nodes").([]any)
			equal(t, filter, len(nodes), want)
		}
	})
}
