package api

import (
	"cmp"
	"slices"
	"time"

	"pointbridge/domain/coupons"
)

// PointsTerms are the terms of coupons for points, as the settings have them. Nobody changes them here.
type PointsTerms struct {
	Rate            rate         `json:"rate" doc:"What one point is worth in the currency's main unit"`
	RankRates       []RankRate   `json:"rank_rates" nullable:"false"`
	RatePeriods     []RatePeriod `json:"rate_periods" nullable:"false" doc:"Other rates for a time"`
	Currency        string       `json:"currency" doc:"ISO 4217"`
	Unit            int64        `json:"unit" doc:"Points are converted in multiples of this"`
	Minimum         int64        `json:"minimum" doc:"The least points of a coupon"`
	DailyLimit      int64        `json:"daily_limit" doc:"The most points of a customer's day"`
	LiveCoupons     int          `json:"live_coupons" doc:"How many coupons a customer may hold at once; 0 for no limit"`
	Validity        int64        `json:"validity" doc:"How many seconds a coupon lives"`
	MinimumSubtotal int64        `json:"minimum_subtotal" doc:"The least subtotal of an order, in the currency's smallest unit; 0 for none"`
	Combines        CombinesBody `json:"combines"`
}

// RankRate is the rate of a member's rank.
type RankRate struct {
	Rank string `json:"rank"`
	Rate rate   `json:"rate"`
}

// RatePeriod is a rate for a time; to is the first moment that is no longer in it.
type RatePeriod struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Rate rate      `json:"rate"`
}

func pointsTermsOf(p coupons.Policy) *PointsTerms {
	t := &PointsTerms{Rate: rate(p.Rate), Currency: p.Currency, Unit: p.Unit, Minimum: p.Minimum,
		DailyLimit: p.DailyLimit, LiveCoupons: p.MaxActive, Validity: int64(p.Validity / time.Second),
		MinimumSubtotal: p.MinimumSubtotal.Minor, RankRates: []RankRate{}, RatePeriods: []RatePeriod{},
		Combines: CombinesBody{Order: p.CombinesWith.Order, Product: p.CombinesWith.Product,
			Shipping: p.CombinesWith.Shipping}}
	for rank, r := range p.RankRates {
		t.RankRates = append(t.RankRates, RankRate{rank, rate(r)})
	}
	slices.SortFunc(t.RankRates, func(a, b RankRate) int { return cmp.Compare(a.Rank, b.Rank) })
	for _, c := range p.Campaigns {
		t.RatePeriods = append(t.RatePeriods, RatePeriod{c.From.UTC(), c.To.UTC(), rate(c.Rate)})
	}
	return t
}
