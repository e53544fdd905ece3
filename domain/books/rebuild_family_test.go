package books_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/test/expect"
)

// family is a campaign that gave 300 yen for nothing, then for 100 points, and then a part of the order for nothing.
func family() *books.Family {
	offer := campaigns.Offer{Codes: campaigns.Personal, EndsAt: planNow.AddDate(1, 0, 0), Validity: campaigns.One(30 * 86400),
		Value: campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(300), Currency: "JPY"}}
	rules := []books.Rules{{Version: 1, At: planStart.Add(-time.Hour), Offer: offer}}
	offer.Points = 100
	rules = append(rules, books.Rules{Version: 2, At: planStart.Add(24*time.Hour + 300*time.Millisecond), Offer: offer})
	offer.Points, offer.Value = 0, campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.Range{Min: 500, Max: 1000}}
	rules = append(rules, books.Rules{Version: 3, At: planStart.Add(48 * time.Hour), Offer: offer})
	return &books.Family{Key: "gift", Prefix: "GIFT-", Rules: rules}
}

// personal is what stands outside of a code of the campaign that was given some time after planStart, and cost so much.
func personal(after time.Duration, price int64, change ...func(*books.Outside)) books.Outside {
	const text = "GIFT-AB72CD"
	at := planStart.Add(after)
	o := books.Outside{Code: text, First: text, Family: family(), Price: price,
		Customer: domain.Customer{ID: "8812370934", ShopifyCustomerGID: "gid://shopify/Customer/1"},
		Discount: &coupons.FoundDiscount{ID: "gid://shopify/DiscountCodeNode/1", Codes: []string{text}, Title: "gift " + text,
			CustomerGID: "gid://shopify/Customer/1", CustomerCount: 1, Amount: domain.Money{Minor: 300, Currency: "JPY"},
			StartsAt: at.Add(-time.Hour), EndsAt: at.AddDate(0, 0, 30), UsageLimit: 1, Status: "ACTIVE"}}
	for _, c := range change {
		c(&o)
	}
	return o
}

func paid(o *books.Outside) {
	o.Take = &books.Entry{ID: "e1", Points: -100, Reference: "COUPON-" + o.Code, At: planStart.Add(25 * time.Hour)}
}

func listed(status domain.Status, cancelled bool) func(*books.Outside) {
	return func(o *books.Outside) {
		d := metafields.Shown{Code: o.Code, Status: status, Amount: domain.Money{Minor: 300, Currency: "JPY"},
			Campaign: "gift", IssuedAt: planStart, ExpiresAt: planStart.AddDate(0, 0, 30)}
		if cancelled {
			d.CancelledAt = new(planNow.Add(-time.Hour))
		}
		o.Shown = &d
	}
}

func asPart(bp int64) func(*books.Outside) {
	return func(o *books.Outside) { o.Discount.Amount, o.Discount.Percent = domain.Money{}, bp }
}

// TestPlanOfPersonalCodes: what costs nothing needs no entry in the POS; what cost points is never restored without it.
func TestPlanOfPersonalCodes(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		at     books.Outside
		want   domain.Status
		doubts []books.Doubt
		stop   bool
		rules  int
	}{
		"free":                                        {at: personal(0, 0), want: domain.Active, rules: 1},
		"free, used":                                  {at: personal(0, 0, used), want: domain.Used, rules: 1},
		"free, over":                                  {at: personal(0, 0, noCode, listed(domain.Expired, false)), want: domain.Expired, rules: 1},
		"free, cancelled":                             {at: personal(0, 0, dead, listed(domain.Cancelled, true)), want: domain.Cancelled, rules: 1},
		"free, cancelled and alive":                   {at: personal(0, 0, listed(domain.Cancelled, true)), want: domain.Cancelled, stop: true, rules: 1},
		"free, stopped":                               {at: personal(0, 0, dead, listed(domain.Cancelled, false)), want: domain.Suspended, doubts: []books.Doubt{books.DoubtDead}, rules: 1},
		"free, stopped and alive":                     {at: personal(0, 0, listed(domain.Cancelled, false)), want: domain.Suspended, doubts: []books.Doubt{books.DoubtDead}, stop: true, rules: 1},
		"free, stopped and used":                      {at: personal(0, 0, used, listed(domain.Cancelled, false)), want: domain.Used, rules: 1},
		"free, dead":                                  {at: personal(0, 0, dead), want: domain.Suspended, doubts: []books.Doubt{books.DoubtDead}, rules: 1},
		"free, deleted":                               {at: personal(0, 0, noCode, listed(domain.Active, false)), want: domain.Suspended, doubts: []books.Doubt{books.DoubtDead}, rules: 1},
		"free, and nobody knows of it":                {at: personal(0, 0, noCode)},
		"free, worth more than given":                 {at: personal(0, 0, altered(func(d *coupons.FoundDiscount) { d.Amount.Minor = 900 })), want: domain.Active, doubts: []books.Doubt{books.DoubtDiffers}, rules: 1},
		"free, by later rules":                        {at: personal(2*day, 0, asPart(700)), want: domain.Active, rules: 3},
		"free, a larger part than given":              {at: personal(2*day, 0, asPart(9000)), want: domain.Active, doubts: []books.Doubt{books.DoubtDiffers}, rules: 3},
		"free in the second of a change":              {at: personal(day, 0), want: domain.Active, rules: 1},
		"paid in the second of a change":              {at: personal(day, 100, paid), want: domain.Active, rules: 2},
		"paid":                                        {at: personal(day+time.Hour, 100, paid), want: domain.Active, rules: 2},
		"paid, given back":                            {at: personal(day+time.Hour, 100, paid, back, dead), want: domain.Cancelled, rules: 2, doubts: []books.Doubt{books.DoubtPoints}},
		"paid, given back and alive":                  {at: personal(day+time.Hour, 100, paid, back), want: domain.Cancelled, stop: true, rules: 2, doubts: []books.Doubt{books.DoubtPoints}},
		"not paid":                                    {at: personal(day+time.Hour, 100), want: domain.Suspended, doubts: []books.Doubt{books.DoubtNotTaken}, stop: true, rules: 2},
		"not paid, and called free":                   {at: personal(day+time.Hour, 0), want: domain.Suspended, doubts: []books.Doubt{books.DoubtNotTaken}, stop: true, rules: 2},
		"paid, and called free":                       {at: personal(0, 0, paid), want: domain.Active, rules: 1},
		"free where the till keeps no references":     {at: personal(0, 0, unreferenced), want: domain.Active, rules: 1},
		"not free where the till keeps no references": {at: personal(day+time.Hour, 100, unreferenced), want: domain.Active, doubts: []books.Doubt{books.DoubtUnreferenced}, rules: 2},
	} {
		p := planRules.Plan(c.at, planNow)
		expect.Equal(t, name, p.Coupon.Status, c.want)
		expect.Equal(t, name+" doubts", p.Doubts, c.doubts)
		expect.Equal(t, name+" stop", p.Stop, c.stop)
		expect.Equal(t, name+" rules", p.Coupon.Rules, c.rules)
		if c.at.Take == nil {
			expect.Equal(t, name+" movements", len(p.Movements), 0)
		}
		if c.want != "" {
			expect.Equal(t, name+" campaign", p.Coupon.Campaign, "gift")
			expect.That(t, name+" is worth something", p.Coupon.Amount.Minor > 0 || p.Coupon.Percent > 0)
		}
	}
}
