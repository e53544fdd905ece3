package campaigns_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	. "pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

const aProduct, anotherProduct, aCollection = "gid://shopify/Product/1", "gid://shopify/Product/2",
	"gid://shopify/Collection/3"

func needs(need decisions.Need, values ...string) decisions.Condition {
	return decisions.Condition{Need: need, Values: values}
}

func least(number int64, currency string) decisions.Condition {
	return decisions.Condition{Need: decisions.NeedMinimum, Key: currency, Number: number}
}

// TestWhatTheShopEnforcesByItself: each kind of codes, each condition that a discount can have, and what is left to us.
// covers: 001-28, 002-12
func TestWhatTheShopEnforcesByItself(t *testing.T) {
	t.Parallel()
	begins, ends := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	combines := Combines{Shipping: true}
	segment := needs(decisions.NeedSegment, "gid://shopify/Segment/5")
	account, tags := needs(decisions.NeedAccount), needs(decisions.NeedTagsAny, "vip")
	for _, c := range []struct {
		name  string
		codes Codes
		p     decisions.Policy
		want  NativeTerms
	}{
		{"a personal code", Personal, decisions.Policy{Conditions: []decisions.Condition{account, tags, segment,
			least(3000, "JPY"), needs(decisions.NeedProducts, aProduct, anotherProduct)}},
			NativeTerms{UsageLimit: 1, OncePerCustomer: true, OneCustomer: true,
				Minimum: domain.Money{Minor: 3000, Currency: "JPY"}, Products: []string{aProduct, anotherProduct},
				Ours: []decisions.Condition{tags, segment}}},
		{"a batch for a segment, three of whose codes one customer may use", Batch, decisions.Policy{UsesPerPerson: 3,
			Conditions: []decisions.Condition{account, segment, needs(decisions.NeedCollections, aCollection)}},
			NativeTerms{UsageLimit: 1, StartsAt: begins, EndsAt: ends,
				Segment: "gid://shopify/Segment/5", Collections: []string{aCollection},
				Ours: []decisions.Condition{account}}},
		{"a shared code, the lower of two limits", Shared, decisions.Policy{UsesInAll: 100, UsesPerCode: 500,
			UsesPerPerson: 1}, NativeTerms{UsageLimit: 100, OncePerCustomer: true, StartsAt: begins, EndsAt: ends}},
		{"a shared code without limits", Shared, decisions.Policy{UsesPerPerson: 2},
			NativeTerms{StartsAt: begins, EndsAt: ends}},
		{"a minimum in another currency", Personal, decisions.Policy{Conditions: []decisions.Condition{
			least(30, "USD")}}, NativeTerms{UsageLimit: 1, OncePerCustomer: true, OneCustomer: true,
			Ours: []decisions.Condition{least(30, "USD")}}},
		{"products and collections at once", Personal, decisions.Policy{Conditions: []decisions.Condition{
			needs(decisions.NeedProducts, aProduct), needs(decisions.NeedCollections, aCollection)}},
			NativeTerms{UsageLimit: 1, OncePerCustomer: true, OneCustomer: true, Ours: []decisions.Condition{
				needs(decisions.NeedProducts, aProduct), needs(decisions.NeedCollections, aCollection)}}},
	} {
		c.want.Combines = combines
		got := Native(Offer{Codes: c.codes, StartsAt: begins, EndsAt: ends, Combines: combines}, c.p, "JPY")
		expect.Equal(t, "cmp.Diff(c.want, got)", cmp.Diff(c.want, got), "", c.name)
	}
}

// TestNoConditionIsLost: whatever a campaign asks is on the discount or left to us, and a minimum is never read as
// another currency's.
func TestNoConditionIsLost(t *testing.T) {
	t.Parallel()
	for _, codes := range []Codes{Personal, Batch, Shared} {
		for _, need := range decisions.Needs() {
			c := decisions.Condition{Need: need, Key: "JPY", Number: 1, Values: []string{"gid://shopify/Segment/1"}}
			n := Native(Offer{Codes: codes}, decisions.Policy{Conditions: []decisions.Condition{c}}, "JPY")
			onDiscount := n.Minimum.Minor == 1 || n.Segment != "" || n.Products != nil || n.Collections != nil ||
				n.OneCustomer && need == decisions.NeedAccount
			expect.Equal(t, "onDiscount", onDiscount, len(n.Ours) == 0, codes, need)
		}
	}
}
