package books

import (
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
)

// Family is a campaign that the database has and that gives personal codes, with each version of its rules, oldest first.
type Family struct {
	Key, Prefix string
	Rules       []Rules
}

// Rules are what a campaign's codes gave from a time on.
type Rules struct {
	Version int
	At      time.Time
	Offer   campaigns.Offer
}

// families are the campaigns of the database by what their personal codes begin with.
type families map[string]*Family

func familiesOf(list []Family) families {
	all := families{}
	for i, f := range list {
		all[strings.TrimSuffix(f.Prefix, "-")+"-"] = &list[i]
	}
	return all
}

// of is the campaign that a code is one of; nil where it is of points, or of no campaign that the database has.
func (f families) of(code string) *Family {
	if domain.IsPointsCode(code) {
		return nil
	}
	return f[domain.CampaignPrefix(code)]
}

// holds reports whether a code is one that can be restored, when its campaign is said to have that key; an empty key is
// that of points.
func (f families) holds(code, key string) bool {
	if family := f.of(code); family != nil {
		return family.Key == key
	}
	return key == "" && domain.IsPointsCode(code)
}

// knows reports whether a code is one that can be restored, whatever anybody says of its campaign.
func (f families) knows(code string) bool { return domain.IsPointsCode(code) || f.of(code) != nil }

// marks are ours of a discount whose coupon can be restored.
func (f families) marks(d coupons.FoundDiscount) (coupons.Marks, bool) {
	m, ours := coupons.MarksOf(d)
	return m, ours && f.holds(m.Code, m.Campaign)
}

// at are the rules by which a code was given that was made in a second, for that price. Rules that were changed in that very
// second are told apart by the price; none were written down before it where the campaign was made anew.
func (f *Family) at(second time.Time, price int64) (found *Rules) {
	for i := len(f.Rules) - 1; i >= 0; i-- {
		r := &f.Rules[i]
		if !r.At.Before(second.Add(time.Second)) {
			continue
		}
		if r.Offer.Points == price {
			return r
		}
		if found == nil {
			found = r
		}
		if !r.At.After(second) {
			break
		}
	}
	return found
}

// price finds the rules of a campaign's code, and whether it cost nothing: it did where nobody says otherwise, neither the
// POS nor whoever shows it nor the rules.
func (p *planning) price() {
	if p.Family == nil {
		return
	}
	if made := p.madeAt(); !made.IsZero() {
		p.rules = p.Family.at(made.Truncate(time.Second), p.Price)
	}
	p.free = p.Price == 0 && !p.booked() && (p.rules == nil || p.rules.Offer.Points == 0)
}

// madeAt is when a code was asked for, or the first one of its chain; zero where nobody tells.
func (p *planning) madeAt() time.Time {
	switch {
	case p.First != p.Code:
		return p.FirstAt
	case p.Shown != nil:
		return p.Shown.IssuedAt
	case p.Discount != nil:
		return p.Discount.IssuedAt()
	case p.Take != nil:
		return p.Take.At
	default:
		return time.Time{}
	}
}

// given is a code that cost nothing. No entry of the POS says that it was cancelled: the metafield does, which calls one
// that was only stopped cancelled too, without a time.
func (p *planning) given() {
	switch {
	case p.shownAs(domain.Cancelled) && p.Shown.CancelledAt != nil:
		p.rest(domain.Cancelled)
	case p.shownAs(domain.Cancelled) && !p.used():
		p.rest(domain.Suspended, DoubtDead)
	default:
		p.held()
	}
}

// ended reports whether a code is one that nobody may spend any more, whatever the shop makes of it.
func (p *planning) ended() bool {
	return p.Coupon.Status == domain.Cancelled || p.free && p.Coupon.Status == domain.Suspended
}

// lasts is until when a code is good that was given at a moment, by its campaign's rules or by today's settings.
func (p *planning) lasts(from time.Time) time.Time {
	if p.rules != nil && p.rules.Offer.Codes == campaigns.Personal {
		return p.rules.Offer.CodeEnd(from)
	}
	return from.Add(p.Validity).Truncate(time.Second)
}

// worthSo reports whether a discount takes off what its code can have been made with: a code of points says it itself, and
// one of a campaign is within what the campaign gave.
func (p *planning) worthSo(d coupons.FoundDiscount) bool {
	switch {
	case p.Family == nil:
		return d.Percent == 0 && strings.HasSuffix(p.Code, "-"+d.Amount.Label())
	case p.rules == nil:
		return true
	case p.rules.Offer.Value.Kind == campaigns.Percentage:
		return p.rules.Offer.Value.Range.Holds(d.Percent)
	default:
		return d.Percent == 0 && p.rules.Offer.Value.Range.Holds(d.Amount.Minor)
	}
}

// fillOffered is for what nobody outside says of a campaign's code: a campaign that gave one value gave that.
func (p *planning) fillOffered() {
	c := &p.Coupon
	if p.rules != nil && c.Amount.Minor == 0 && c.Percent == 0 {
		if v := p.rules.Offer.Value; v.Range.Min == v.Range.Max && v.Kind == campaigns.Percentage {
			c.Percent = v.Range.Min
		} else if v.Range.Min == v.Range.Max {
			c.Amount = v.Money(v.Range.Min)
		}
	}
	if c.Amount.Currency == "" {
		c.Amount.Currency = p.Currency
	}
}

// worthless reports whether nobody says what a code was worth.
func (p Plan) worthless() bool { return p.Coupon.Amount.Minor == 0 && p.Coupon.Percent == 0 }

// shoppers are discounts of people who were no members when they got them, by the customer of the shop: whom they are here
// is found out when all members are restored, because one of these may be them.
type shoppers map[string][]coupons.FoundDiscount

// gids are whom they are for, in order.
func (s shoppers) gids() []string {
	list := make([]string, 0, len(s))
	for gid := range s {
		list = append(list, gid)
	}
	slices.Sort(list)
	return list
}
