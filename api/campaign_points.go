package api

import (
	"time"

	"pointbridge/domain/campaigns"
)

// PointsTermsBody are the rules of the campaign of points, as the service was started with them.
type PointsTermsBody struct {
	Rate            rate            `json:"rate" doc:"How many whole units of the currency a point is worth"`
	RankRates       map[string]rate `json:"rank_rates" doc:"The rates of ranks of members that have one of their own"`
	RateTimes       []RateTimeBody  `json:"rate_times" nullable:"false" doc:"Rates that hold for a time"`
	Currency        string          `json:"currency" doc:"ISO 4217"`
	Unit            int64           `json:"unit" doc:"Points are converted in multiples of this"`
	Minimum         int64           `json:"minimum" doc:"The fewest points of a conversion"`
	DailyLimit      int64           `json:"daily_limit" doc:"The most points of a member in one day of the shop"`
	LivePerPerson   int             `json:"live_per_person" doc:"How many coupons a member may hold at once; 0 for any number"`
	MinimumSubtotal int64           `json:"minimum_subtotal" doc:"What an order needs, in the currency's smallest unit; 0 for nothing"`
	Combines        CombinesBody    `json:"combines" doc:"With which classes of discounts the codes combine"`
	ValiditySeconds int64           `json:"validity_seconds" doc:"How long a coupon lives"`
}

// RateTimeBody is a rate for a time.
type RateTimeBody struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to" doc:"Exclusive"`
	Rate rate      `json:"rate"`
}

// CombinesBody says with which classes of discounts codes combine in one order.
type CombinesBody struct {
	Order    bool `json:"order"`
	Product  bool `json:"product"`
	Shipping bool `json:"shipping"`
}

// pointsTerms are the configuration's rules of the campaign of points; nil for other campaigns, which have their own.
func (a *API) pointsTerms(c campaigns.Campaign) *PointsTermsBody {
	if !c.BuiltIn() {
		return nil
	}
	t := a.deps.PointsTerms
	b := &PointsTermsBody{Rate: rate(t.Rate), RankRates: map[string]rate{}, RateTimes: []RateTimeBody{},
		Currency: t.Currency, Unit: t.Unit, Minimum: t.Minimum, DailyLimit: t.DailyLimit,
		LivePerPerson: t.LivePerPerson, MinimumSubtotal: t.MinimumSubtotal.Minor, Combines: CombinesBody(t.Combines),
		ValiditySeconds: int64(t.Validity / time.Second)}
	for rank, r := range t.RankRates {
		b.RankRates[rank] = rate(r)
	}
	for _, r := range t.RateTimes {
		b.RateTimes = append(b.RateTimes, RateTimeBody{r.From.UTC(), r.To.UTC(), rate(r.Rate)})
	}
	return b
}
