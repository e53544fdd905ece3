package coupons

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Policy is the merchant's rules for conversions. Every field is configuration.
type Policy struct {
	Rate domain.Rate
	// RankRates are the rates of member ranks; a rank that is not named has the standard rate.
	RankRates map[string]domain.Rate
	Campaigns []Campaign
	Currency  string
	Unit      int64 // points are converted in multiples of this
	Minimum   int64
	// DailyLimit is per customer and shop day; Location says when the day begins.
	DailyLimit int64
	Location   *time.Location
	// MaxActive bounds the coupons a customer can hold at once; zero means no bound.
	MaxActive       int
	Validity        time.Duration
	MinimumSubtotal domain.Money
	CombinesWith    Combines
	// ReminderDays are the days before the end on which a customer is reminded.
	ReminderDays []int
	// Caps bound what a role may move by capped acts; a role that is not named has no bound.
	Caps map[domain.Role]Cap
	// Retention is how long after its end a code stays in Shopify.
	Retention time.Duration
	// TestOrders lets the shop's test orders count as orders.
	TestOrders bool
	// PartialRefunds opens a review when a part of an order is refunded.
	PartialRefunds bool
	// CouponsPerOrder is how many coupons may stand in one order before a person looks at it; 0 for any number.
	CouponsPerOrder int
	// ReissueValidity is how long a reissued code is good at least.
	ReissueValidity time.Duration
	// FourEyes is above how many points an act takes two people where Acts says so; zero for never.
	FourEyes int64
	// ForfeitAlone lets one person do what takes two whatever the points are, below FourEyes.
	ForfeitAlone bool
	// Acts says which role may do what moves or frees value, and how; what is not in it is denied.
	Acts domain.ActRules
	Auto reviews.Auto
	// ReasonLocale is the language of the reasons that the POS keeps: "ja", else English.
	ReasonLocale string
	// SelfCancel is for how long after it became active a customer takes an unused coupon back; zero for never.
	SelfCancel time.Duration
	// Tags mark orders and customers for review in the shop's own admin.
	Tags reviews.Tags
}

// Campaign is a rate for a time: From is inclusive, To exclusive.
type Campaign struct {
	From, To time.Time
	Rate     domain.Rate
}

// Cap bounds the points a person may give back: with one action, and in one shop day. Zero means no bound.
type Cap struct{ PerAction, PerDay int64 }

// Within returns the cap that holds where two do.
func (c Cap) Within(other Cap) Cap {
	return Cap{tighter(c.PerAction, other.PerAction), tighter(c.PerDay, other.PerDay)}
}

func tighter(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// needsTwo reports whether so many points take a second person where an act can take one.
func (p Policy) needsTwo(points int64) bool { return p.FourEyes > 0 && points > p.FourEyes }

// checkCap refuses what exceeds the actor's cap.
func (p Policy) checkCap(role domain.Role, points, today int64) error {
	c, ok := p.Caps[role]
	switch {
	case !ok:
		return nil
	case c.PerAction > 0 && points > c.PerAction:
		return domain.Refuse(domain.CodeCapExceeded, "points", points, "limit", c.PerAction, "per", "action")
	case c.PerDay > 0 && today+points > c.PerDay:
		return domain.Refuse(domain.CodeCapExceeded, "points", points, "limit", c.PerDay, "per", "day", "used", today)
	default:
		return nil
	}
}

// RateFor returns the best rate that applies to a member of this rank now: ranks and campaigns are promises, so the
// customer gets whichever is worth more.
func (p Policy) RateFor(rank string, now time.Time) domain.Rate {
	best := p.Rate
	if rate, ok := p.RankRates[rank]; ok && rate.Cmp(best) > 0 {
		best = rate
	}
	for _, c := range p.Campaigns {
		if !now.Before(c.From) && now.Before(c.To) && c.Rate.Cmp(best) > 0 {
			best = c.Rate
		}
	}
	return best
}

// DayStart returns the beginning of the shop's day that now falls into.
func (p Policy) DayStart(now time.Time) time.Time {
	return domain.StartOfDay(now.In(p.Location), p.Location)
}

// ExpiresAt returns the exclusive end of a coupon issued now, in whole seconds.
func (p Policy) ExpiresAt(now time.Time) time.Time {
	return now.Truncate(time.Second).Add(p.Validity).UTC()
}

// Remaining returns how many of today's points are left.
func (p Policy) Remaining(spent int64) int64 { return max(0, p.DailyLimit-spent) }

// checkPoints refuses what can be refused without knowing the customer.
func (p Policy) checkPoints(points int64) error {
	if points <= 0 {
		return domain.Refuse(domain.CodeValidation, "field", "points")
	}
	if points%p.Unit != 0 || points < p.Minimum {
		return domain.Refuse(domain.CodePointsNotInUnits, "points", points, "unit", p.Unit, "minimum", p.Minimum)
	}
	if points > p.DailyLimit {
		return domain.Refuse(domain.CodeDailyLimit, "points", points, "daily_limit", p.DailyLimit)
	}
	return nil
}

// checkCustomer refuses what the customer's own state forbids.
func (p Policy) checkCustomer(in Intake, points int64, now time.Time) error {
	if in.Customer.LockedUntil != nil && now.Before(*in.Customer.LockedUntil) {
		return RefuseLocked(*in.Customer.LockedUntil, now)
	}
	if !in.Customer.Linked() {
		return domain.Refuse(domain.CodeCustomerNotLinked)
	}
	if points > p.Remaining(in.SpentToday) {
		return domain.Refuse(domain.CodeDailyLimit, "points", points, "daily_limit", p.DailyLimit,
			"daily_remaining", p.Remaining(in.SpentToday))
	}
	if p.MaxActive > 0 && in.ActiveCoupons >= p.MaxActive {
		return domain.Refuse(domain.CodeTooManyCoupons, "maximum", p.MaxActive)
	}
	return nil
}

// RefuseLocked is the refusal while conversions of a member are locked.
func RefuseLocked(until, now time.Time) *domain.Error {
	return &domain.Error{Code: domain.CodeConversionsLocked, RetryAfter: until.Sub(now)}
}
