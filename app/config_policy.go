package app

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/zones"
	"pointbridge/policies"
)

// LockRule says when refused attempts lock a member's conversions.
func (c Config) LockRule() members.LockRule {
	return members.LockRule{After: c.LockAfter, Window: c.LockWindow, For: c.LockFor}
}

// Policy turns the settings into the rules of conversions. The error has one line per fault.
func (c Config) Policy() (coupons.Policy, error) {
	var f faults
	p := coupons.Policy{Currency: c.ShopCurrency, Unit: c.PointUnit, Minimum: c.PointMinimum,
		SelfCancel: c.SelfCancel, ReasonLocale: c.POSReasonLocale, DailyLimit: c.PointDailyLimit, MaxActive: c.MaxActive, Validity: time.Duration(c.Validity),
		Retention: time.Duration(c.Retention), ReminderDays: c.ReminderDays, RankRates: map[string]domain.Rate{}}
	var err error
	if p.Rate, err = domain.ParseRate(c.PointRate); err != nil {
		f.add("POINT_RATE: %v", err)
	}
	if p.Location, err = zones.Newest().Load(c.ShopTimezone); err != nil {
		f.add("SHOP_TIMEZONE is not a time zone such as Asia/Tokyo")
	}
	if unit, err := currency.ParseISO(c.ShopCurrency); err != nil || unit.String() != c.ShopCurrency {
		f.add("SHOP_CURRENCY is not an ISO 4217 code such as JPY")
	}
	if p.MinimumSubtotal, err = domain.ParseMoney(c.MinimumSubtotal, c.ShopCurrency); err != nil ||
		p.MinimumSubtotal.Minor < 0 {
		f.add("COUPON_MINIMUM_SUBTOTAL is not an amount")
	}
	if c.PointUnit < 1 || c.PointMinimum < c.PointUnit || c.PointMinimum%max(1, c.PointUnit) != 0 ||
		c.PointDailyLimit < c.PointMinimum {
		f.add("POINT_UNIT, POINT_MINIMUM and POINT_DAILY_LIMIT must be positive, the minimum a multiple of the unit, the limit no less than the minimum")
	}
	if least, err := p.Rate.Amount(c.PointMinimum, c.ShopCurrency); err == nil && c.PointMinimum > 0 && least.Minor == 0 {
		f.add("POINT_RATE makes POINT_MINIMUM points worth nothing")
	}
	if p.Validity < time.Hour || p.Validity > 10*366*24*time.Hour {
		f.add("COUPON_VALIDITY must be between 1h and 10 years")
	}
	if time.Duration(c.Retention) < 0 {
		f.add("CODE_RETENTION must not be negative")
	}
	f.oneOf("POS_REASON_LOCALE", c.POSReasonLocale, "en", "ja")
	if c.SelfCancel != 0 && (c.SelfCancel < time.Minute || c.SelfCancel > 24*time.Hour) {
		f.add("SELF_CANCEL_WITHIN must be 0, or between 1m and 24h")
	}
	c.readRates(&p, &f)
	c.readCaps(&p, &f)
	c.readVoidedOrders(&p, &f)
	for _, with := range c.CombinesWith {
		f.oneOf("COUPON_COMBINES_WITH", with, "order", "product", "shipping")
		p.CombinesWith.Order = p.CombinesWith.Order || with == "order"
		p.CombinesWith.Product = p.CombinesWith.Product || with == "product"
		p.CombinesWith.Shipping = p.CombinesWith.Shipping || with == "shipping"
	}
	for _, day := range c.ReminderDays {
		if day < 1 || day > 365 {
			f.add("REMINDER_DAYS must be between 1 and 365")
		}
	}
	if len(f.list) > 0 {
		return p, errors.New(strings.Join(f.list, "\n"))
	}
	return p, nil
}

func (c Config) readRates(p *coupons.Policy, f *faults) {
	for _, text := range c.PointRateRanks {
		rank, number, _ := strings.Cut(text, "=")
		rate, err := domain.ParseRate(number)
		if err != nil || rank == "" {
			f.add("POINT_RATE_RANKS: %q is not rank=rate", text)
			continue
		}
		if _, twice := p.RankRates[rank]; twice {
			f.add("POINT_RATE_RANKS: %q stands there twice", rank)
		}
		p.RankRates[rank] = rate
	}
	for _, text := range c.PointCampaigns {
		times, number, _ := strings.Cut(text, "=")
		from, to, _ := strings.Cut(times, "/")
		start, err1 := time.Parse(time.RFC3339, from)
		end, err2 := time.Parse(time.RFC3339, to)
		rate, err3 := domain.ParseRate(number)
		if err1 != nil || err2 != nil || err3 != nil || !start.Before(end) {
			f.add("POINT_RATE_CAMPAIGNS: %q is not from/to=rate, with times such as 2026-12-01T00:00:00+09:00", text)
			continue
		}
		p.Campaigns = append(p.Campaigns, coupons.Campaign{From: start, To: end, Rate: rate})
	}
}

func (c Config) readCaps(p *coupons.Policy, f *faults) {
	p.Caps = map[domain.Role]coupons.Cap{}
	for _, text := range c.CancelCaps {
		role, bounds, _ := strings.Cut(text, "=")
		action, day, _ := strings.Cut(bounds, "/")
		perAction, err1 := strconv.ParseInt(action, 10, 64)
		perDay, err2 := strconv.ParseInt(day, 10, 64)
		if err1 != nil || err2 != nil || perAction < 0 || perDay < 0 {
			f.add("CANCEL_CAPS: %q is not role=per act/per shop day", text)
			continue
		}
		if !c.Roles().Knows(domain.Role(role)) {
			f.add("CANCEL_CAPS: there is no role %q", role)
			continue
		}
		if _, twice := p.Caps[domain.Role(role)]; twice {
			f.add("CANCEL_CAPS: %q stands there twice", role)
		}
		p.Caps[domain.Role(role)] = coupons.Cap{PerAction: perAction, PerDay: perDay}
	}
	c.inheritCaps(p, f)
}

// inheritCaps bounds each role of the merchant's own by the caps of what it inherits from. Its own cap can be narrower,
// not wider.
func (c Config) inheritCaps(p *coupons.Policy, f *faults) {
	given := maps.Clone(p.Caps)
	for _, role := range c.Roles().Own() {
		inherited, bounded := coupons.Cap{}, false
		for _, from := range c.Roles().Lineage(role)[1:] {
			if one, ok := given[from]; ok {
				inherited, bounded = inherited.Within(one), true
			}
		}
		own, ok := given[role]
		switch {
		case !bounded:
			continue
		case !ok:
			own = inherited
		case own != own.Within(inherited):
			f.add("CANCEL_CAPS: %s is given more than a role that it inherits from", role)
		}
		p.Caps[role] = own.Within(inherited)
	}
}

// readRules reads the policy with the merchant's own file, if there is one.
func (c *Config) readRules(f *faults) {
	rules, lines, err := policies.Load(c.PolicyFile)
	if err != nil {
		f.add("the policy cannot be read: %v", err)
	}
	for _, line := range lines {
		f.add("POLICY_FILE: %s", line)
	}
	c.rules = rules
}

// Roles are the roles that there are.
func (c Config) Roles() domain.RoleBook {
	if c.rules == nil {
		return domain.RoleBook{}
	}
	return c.rules.Roles()
}

// policy is what decides who may do what.
func (c Config) policy() (*policies.Enforcer, error) {
	if c.rules == nil {
		return policies.New()
	}
	return c.rules, nil
}

// maxCouponsPerOrder is how many discount codes a buyer can enter: more than that no order has.
const maxCouponsPerOrder = 5

// readVoidedOrders reads what is done about voided orders.
func (c Config) readVoidedOrders(p *coupons.Policy, f *faults) {
	f.oneOf("PARTIAL_REFUND", c.PartialRefund, "ignore", "review")
	p.PartialRefunds, p.TestOrders, p.ReissueValidity = c.PartialRefund == "review", c.TestOrders,
		time.Duration(c.ReissueValidity)
	if p.CouponsPerOrder = c.CouponsPerOrder; c.CouponsPerOrder < 0 || c.CouponsPerOrder > maxCouponsPerOrder {
		f.add("COUPONS_PER_ORDER must be between 0 and %d, the most codes that Shopify takes in one order",
			maxCouponsPerOrder)
	}
	if p.ReissueValidity < time.Hour || p.ReissueValidity > 10*366*24*time.Hour {
		f.add("REISSUE_VALIDITY must be between 1h and 10 years")
	}
	for name, n := range map[string]int64{"CONFIRM_ABOVE": c.ConfirmAbove, "FOUR_EYES_POINTS": c.FourEyesPoints, "AUTO_REISSUE_BELOW": c.AutoReissue,
		"AUTO_GRANT_BELOW": c.AutoGrant} {
		if n < 0 {
			f.add("%s must not be negative", name)
		}
	}
	if c.AutoReissue > 0 && c.AutoGrant > 0 {
		f.add("AUTO_REISSUE_BELOW and AUTO_GRANT_BELOW are both set; an order is made good in one way")
	}
	if c.AutoReviews < 1 {
		f.add("AUTO_CASES must be at least 1")
	}
	c.readTags(p, f)
	p.ForfeitAlone = !c.ForfeitTwo
	p.FourEyes, p.Auto = c.FourEyesPoints, reviews.Auto{ReissueBelow: c.AutoReissue, GrantBelow: c.AutoGrant,
		Reviews: c.AutoReviews}
}

// mostOfATag is how many characters Shopify keeps of a tag.
const mostOfATag = 40

// readTags reads the tags for review. A comma would make two tags of one.
func (c Config) readTags(p *coupons.Policy, f *faults) {
	checkTag(f, "REVIEW_ORDER_TAG", c.OrderTag)
	checkTag(f, "REVIEW_CUSTOMER_TAG", c.CustomerTag)
	p.Tags = reviews.Tags{Order: c.OrderTag, Customer: c.CustomerTag}
}

// checkTag refuses what is not one tag as Shopify has it. Empty is none.
func checkTag(f *faults, name, tag string) {
	if utf8.RuneCountInString(tag) > mostOfATag || strings.Contains(tag, ",") || tag != strings.TrimSpace(tag) ||
		strings.ContainsFunc(tag, unicode.IsControl) {
		f.add("%s must be one tag of at most %d characters, without a comma and without space around it", name,
			mostOfATag)
	}
}
