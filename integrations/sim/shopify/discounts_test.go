package shopify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sim "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// covers: 001-27, 002-16, 004-04
func TestCreate(t *testing.T) {
	t.Parallel()
	t.Run("the discount carries exactly the customer it was made for", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		answer := s.run(createText, s.coupon("70934-AB12CD-500", map[string]any{"minimumRequirement": map[string]any{
			"subtotal": map[string]any{"greaterThanOrEqualToSubtotal": "1000"}}}))
		node := func(path ...any) any {
			return answer.at(append([]any{"discountCodeBasicCreate", "codeDiscountNode", "codeDiscount"}, path...)...)
		}
		equal(t, "customer", node("context", "customers", 0, "id"), any(taro))
		customers, _ := node("context", "customers").([]any)
		equal(t, "customers", len(customers), 1)
		equal(t, "status", node("status"), any("ACTIVE"))
		equal(t, "whole seconds", node("startsAt"), any("2026-11-20T03:04:05Z"))
		equal(t, "end", node("endsAt"), any("2026-11-21T03:04:05Z"))
		equal(t, "money", node("customerGets", "value", "amount", "amount"), any("500.0"))
		equal(t, "currency", node("customerGets", "value", "amount", "currencyCode"), any("JPY"))
		equal(t, "minimum", node("minimumRequirement", "greaterThanOrEqualToSubtotal", "amount"), any("1000.0"))
		equal(t, "code", node("codes", "nodes", 0, "code"), any("70934-AB12CD-500"))
		equal(t, "class", node("discountClasses", 0), any("ORDER"))
		equal(t, "uses", node("asyncUsageCount"), any(0.0))
	})
	t.Run("combines with nothing unless it is told to", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("ALONE", nil)
		s.create("SOCIAL", map[string]any{"combinesWith": map[string]any{"productDiscounts": true}})
		alone, _ := s.DiscountByCode("alone")
		social, _ := s.DiscountByCode("social")
		equal(t, "default", alone.Combines, sim.Combines{})
		equal(t, "as told", social.Combines, sim.Combines{Product: true})
	})
	t.Run("the store lists it", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("LISTED", nil)
		answer := s.run(`{ discountNodes(first: 5, query: "tag:loyalty") { nodes { id } } }`, nil)
		equal(t, "listed", answer.at("discountNodes", "nodes", 0, "id"), any(id))
	})
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	both := map[string]any{"subtotal": map[string]any{"greaterThanOrEqualToSubtotal": "1"},
		"quantity": map[string]any{"greaterThanOrEqualToQuantity": "1"}}
	stranger := map[string]any{"customers": map[string]any{"add": []string{"gid://shopify/Customer/1"}}}
	cases := map[string]struct {
		changes map[string]any
		want    []string
	}{
		"code null":  {map[string]any{"code": nil}, []string{"BLANK basicCodeDiscount code"}},
		"code empty": {map[string]any{"code": ""}, []string{"TOO_SHORT basicCodeDiscount code"}},
		"code too long": {map[string]any{"code": strings.Repeat("A", 256)},
			[]string{"TOO_LONG basicCodeDiscount code"}},
		"code with newline":  {map[string]any{"code": "A\nB"}, []string{"INVALID basicCodeDiscount code"}},
		"code in other case": {map[string]any{"code": "taken-1"}, []string{"TAKEN basicCodeDiscount code"}},
		"title blank":        {map[string]any{"title": " "}, []string{"BLANK basicCodeDiscount title"}},
		"no start":           {map[string]any{"startsAt": nil}, []string{"BLANK basicCodeDiscount startsAt"}},
		"end before start": {map[string]any{"endsAt": "2020-01-01T00:00:00Z"},
			[]string{"INVALID basicCodeDiscount endsAt"}},
		"limit zero": {map[string]any{"usageLimit": 0}, []string{"GREATER_THAN basicCodeDiscount usageLimit"}},
		"both minimums": {map[string]any{"minimumRequirement": both}, []string{
			"CONFLICT basicCodeDiscount minimumRequirement subtotal greaterThanOrEqualToSubtotal",
			"CONFLICT basicCodeDiscount minimumRequirement quantity greaterThanOrEqualToQuantity"}},
		"unknown customer": {map[string]any{"context": stranger},
			[]string{"INVALID basicCodeDiscount context customers add"}},
		"amount negative": {map[string]any{"customerGets": map[string]any{"value": amount("-1"),
			"items": map[string]any{"all": true}}},
			[]string{"LESS_THAN_OR_EQUAL_TO basicCodeDiscount customerGets value discountAmount amount"}},
		"too many tags": {map[string]any{"tags": []string{"1", "2", "3", "4", "5", "6"}},
			[]string{"TOO_MANY_TAGS basicCodeDiscount tags"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			s.create("TAKEN-1", nil)
			answer := s.run(createText, s.coupon("NEW", c.changes))
			if got := answer.userErrors("discountCodeBasicCreate"); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			equal(t, "node", answer.at("discountCodeBasicCreate", "codeDiscountNode"), nil)
			equal(t, "discounts", len(s.Discounts()), 1)
		})
	}
}

func TestCreateInvalidVariables(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]any{
		"amount that is no number": {"customerGets": map[string]any{"value": amount("abc"),
			"items": map[string]any{"all": true}}},
		"date that is none": {"endsAt": "tomorrow"},
		"unknown field":     {"nonsense": 1},
		"two kinds of context": {"context": map[string]any{"all": "ALL",
			"customers": map[string]any{"add": []string{taro}}}},
	}
	for name, changes := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			answer := s.run(createText, s.coupon("NEW", changes))
			equal(t, "status", answer.Status, 200)
			equal(t, "code", answer.code(), "INVALID_VARIABLE")
			equal(t, "data", len(answer.Data), 0)
			equal(t, "cost", answer.Extensions.Cost.RequestedQueryCost, 0)
			equal(t, "discounts", len(s.Discounts()), 0)
		})
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	node := func(r reply, field, what string) any { return r.at(field, "codeDiscountNode", "codeDiscount", what) }
	t.Run("deactivate ends it now, activate takes the end away", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("LIFE", nil)
		s.clock.advance(time.Hour)
		ended := s.byID("discountCodeDeactivate", id)
		equal(t, "status", node(ended, "discountCodeDeactivate", "status"), any("EXPIRED"))
		equal(t, "end", node(ended, "discountCodeDeactivate", "endsAt"), any("2026-11-20T04:04:05Z"))
		s.clock.advance(time.Hour)
		again := s.byID("discountCodeDeactivate", id)
		equal(t, "end of the second", node(again, "discountCodeDeactivate", "endsAt"), any("2026-11-20T04:04:05Z"))
		back := s.byID("discountCodeActivate", id)
		equal(t, "status", node(back, "discountCodeActivate", "status"), any("ACTIVE"))
		equal(t, "end", node(back, "discountCodeActivate", "endsAt"), nil)
	})
	t.Run("deactivating a deleted one is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("GONE", nil)
		equal(t, "deleted", s.byID("discountCodeDelete", id).at("discountCodeDelete", "deletedCodeDiscountId"), any(id))
		for _, field := range []string{"discountCodeDeactivate", "discountCodeActivate", "discountCodeDelete"} {
			got := s.byID(field, id).userErrors(field)
			expect.Equal(t, "got", got, []string{"INVALID id"}, field)
		}
		s.create("gone", nil) // the text is free again
	})
	t.Run("the clock makes the status", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.create("LATER", map[string]any{"startsAt": "2026-11-20T05:00:00Z"})
		for _, step := range []struct {
			wait time.Duration
			want string
		}{{0, "SCHEDULED"}, {2 * time.Hour, "ACTIVE"}, {22 * time.Hour, "EXPIRED"}} {
			s.clock.advance(step.wait)
			d, _ := s.DiscountByCode("LATER")
			equal(t, "status", d.Status, step.want)
			equal(t, "usable", s.Usable("LATER"), step.want == "ACTIVE")
		}
	})
	t.Run("update changes what it names and leaves the rest", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("FIRST", nil)
		s.create("SECOND", nil)
		const text = `mutation($id: ID!, $d: DiscountCodeBasicInput!) { discountCodeBasicUpdate(id: $id, basicCodeDiscount: $d) {
			codeDiscountNode { id } userErrors { field code message } } }`
		update := func(id string, d map[string]any) []string {
			return s.run(text, map[string]any{"id": id, "d": d}).userErrors("discountCodeBasicUpdate")
		}
		if got := update(id, map[string]any{"endsAt": "2027-01-01T00:00:00Z", "code": "first"}); len(got) != 0 {
			t.Errorf("own code in other case: %q", got)
		}
		d, _ := s.DiscountByCode("FIRST")
		equal(t, "end", d.EndsAt.Format(time.RFC3339), "2027-01-01T00:00:00Z")
		equal(t, "amount", d.Amount, "500.0")
		equal(t, "code", d.Code, "first")
		if got := update(id, map[string]any{"code": "second"}); !slices.Equal(got,
			[]string{"TAKEN basicCodeDiscount code"}) {
			t.Errorf("taken: %q", got)
		}
		if got := update("gid://shopify/DiscountCodeNode/1", map[string]any{}); !slices.Equal(got,
			[]string{"INVALID id"}) {
			t.Errorf("unknown: %q", got)
		}
	})
}
