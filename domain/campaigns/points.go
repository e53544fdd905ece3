package campaigns

import (
	"time"

	"pointbridge/domain"
)

// PointsTerms are the rules of the built-in campaign, which nobody changes here: they are the configuration's.
type PointsTerms struct {
	// Rate is how many whole units of the currency a point is worth; RankRates are those of ranks of members that have
	// one of their own, RateTimes those that hold for a time.
	Rate      domain.Rate
	RankRates map[string]domain.Rate
	RateTimes []RateTime
	Currency  string
	// Unit and Minimum say which numbers of points are converted, DailyLimit how many of a member in one day of the
	// shop.
	Unit, Minimum, DailyLimit int64
	// LivePerPerson is how many coupons a member may hold at once; zero for any number.
	LivePerPerson int
	// MinimumSubtotal is what an order needs; zero for nothing.
	MinimumSubtotal domain.Money
	Combines        Combines
	Validity        time.Duration
}

// RateTime is a rate for a time: From is inclusive, To exclusive.
type RateTime struct {
	From, To time.Time
	Rate     domain.Rate
}
