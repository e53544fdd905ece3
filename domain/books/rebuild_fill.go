package books

import (
	"cmp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// fill writes what is known beside the status.
func (p *planning) fill() {
	c := &p.Coupon
	c.Code, c.CustomerID, c.ShopifyCustomerGID = p.Code, p.Customer.ID, p.Customer.ShopifyCustomerGID
	c.Campaign, c.LeaseUntil = domain.CampaignPoints, p.now
	if p.Family != nil {
		c.Campaign = p.Family.Key
	}
	if p.rules != nil {
		c.Rules = p.rules.Version
	}
	c.ReissuedFrom, c.SupersededBy = p.Before, p.Next
	if p.First != p.Code {
		c.FirstCode = p.First
	}
	p.fillWorth()
	p.fillTimes()
	p.fillUse()
	p.fillDiscount()
	p.move(domain.Take, p.Take)
	p.move(domain.GiveBack, p.Back)
	p.move(domain.Grant, p.Grant)
	p.move(domain.TakeBack, p.Retake)
	if p.Doubled {
		p.Doubts = append(p.Doubts, DoubtDoubled)
	}
}

// fillWorth takes points from the POS, and the amount from what was told the customer. A discount that nobody paid for
// is worth no points.
func (p *planning) fillWorth() {
	c := &p.Coupon
	marks := coupons.Marks{Points: -1}
	if d := p.Discount; d != nil {
		marks, _ = coupons.MarksOf(*d)
		c.Amount, c.Percent, c.Terms = d.Amount, d.Percent, d.Terms()
		if c.ShopifyCustomerGID == "" {
			c.ShopifyCustomerGID = d.CustomerGID
		}
	}
	if p.Shown != nil {
		c.Amount, c.Percent = p.Shown.Amount, p.Shown.Percent
	}
	for _, e := range []*Entry{p.Retake, p.Grant, p.Back, p.Take} {
		if e != nil {
			c.Points = abs(e.Points)
		}
	}
	if p.Unreferenced {
		c.Points = max(marks.Points, 0)
		if p.Shown != nil {
			c.Points = p.Shown.Points
		}
	}
	p.fillAmount()
	other := p.taken() && p.Take.Points > 0 || p.Back != nil && p.Back.Points < 0 ||
		marks.Points >= 0 && marks.Points != c.Points || p.Shown != nil && p.Shown.Points != c.Points
	for _, e := range []*Entry{p.Back, p.Grant, p.Retake} {
		other = other || e != nil && abs(e.Points) != c.Points
	}
	if p.taken() && other {
		p.Doubts = append(p.Doubts, DoubtPoints)
	}
}

// fillAmount is for what nobody outside says: the amount of points, and the rate by which they became it.
func (p *planning) fillAmount() {
	c := &p.Coupon
	if p.Family != nil {
		p.fillOffered()
		return
	}
	if c.Amount.Currency == "" {
		c.Amount.Currency = p.Currency
		if worth, err := p.Rate.Amount(c.Points, p.Currency); err == nil {
			c.Amount = worth
		}
	}
	if worth, err := p.Rate.Amount(c.Points, c.Amount.Currency); err == nil && worth == c.Amount && c.Points > 0 {
		c.Rate = p.Rate
	}
}

func (p *planning) fillTimes() {
	c := &p.Coupon
	switch {
	case p.Shown != nil:
		c.CreatedAt = p.Shown.IssuedAt
	case p.Discount != nil:
		c.CreatedAt = p.Discount.IssuedAt()
	case p.Take != nil:
		c.CreatedAt = p.Take.At
	default:
		c.CreatedAt = p.now
	}
	if p.Take != nil && p.Before == "" && p.Take.At.Truncate(time.Second).Equal(c.CreatedAt) {
		c.CreatedAt = p.Take.At // the same second, more exactly
	}
	if p.Shown != nil {
		c.ExpiresAt = p.Shown.ExpiresAt
	} else if c.ExpiresAt = p.end(); p.Discount != nil && !p.Discount.EndsAt.IsZero() && c.Status != domain.Cancelled &&
		c.Status != domain.Suspended {
		c.ExpiresAt = p.Discount.EndsAt
	}
	if c.ExpiresAt.IsZero() {
		c.ExpiresAt = p.lasts(c.CreatedAt)
	}
	if c.Status != domain.Failed {
		at := c.CreatedAt
		c.ActivatedAt = &at
	} else {
		c.Failure = &domain.Failure{Code: domain.CodeConversionFailed, Detail: "restored"}
	}
	if c.Status == domain.Cancelled {
		at := p.now
		if p.Back != nil {
			at = p.Back.At
		}
		if p.Shown != nil && p.Shown.CancelledAt != nil {
			at = *p.Shown.CancelledAt
		}
		c.CancelledAt, c.CancelStartedAt = &at, &at
	}
}

// fillUse writes the order that holds the code.
func (p *planning) fillUse() {
	c := &p.Coupon
	back := c.Status == domain.Cancelled || c.Status == domain.Failed
	if c.Status != domain.Used && !(back && p.used()) {
		return
	}
	at := c.CreatedAt
	switch {
	case p.Usage != nil && p.Usage.Order != nil:
		o := p.Usage.Order
		at, c.UsedOrder, c.UsedOrderID = o.CreatedAt, o.Name, o.ID
	case p.shownAs(domain.Used) && p.Shown.UsedAt != nil:
		at = *p.Shown.UsedAt
	case p.Grant != nil:
		at = p.Grant.At
	}
	c.UsedAt = &at
	p.UsedAfterRefund = back && (p.Back != nil || p.free) && p.Retake == nil
}

func (p *planning) fillDiscount() {
	c, now := &p.Coupon, p.now
	pointsBack := p.Back != nil || p.Grant != nil
	paid := p.free || p.taken() || p.Unreferenced
	if d := p.Discount; d != nil {
		c.DiscountID = d.ID
		p.Stop = d.Alive() && (pointsBack || p.ended() || !paid)
		used := c.Status == domain.Used
		c.Unfinished = d.Alive() && !p.Stop && (used && d.Usage == 0 || c.Status == domain.Suspended)
		if (!d.Alive() || p.Stop) && c.Status != domain.Expired && !(used && !pointsBack) {
			c.DeactivatedAt = &now
		}
		return
	}
	if c.Status == domain.Suspended || c.Status == domain.Cancelled {
		c.DeactivatedAt = &now
	}
	if c.Status != domain.Failed {
		c.DiscountDeletedAt = &now
	}
}

// move restores a movement from the POS's entry. That of a reissue's chain stands on its first coupon.
func (p *planning) move(kind domain.MovementKind, e *Entry) {
	if kind == domain.Take && p.Before != "" {
		return
	}
	if kind == domain.Take && e == nil && p.Unreferenced && p.Coupon.Points > 0 {
		e = &Entry{Points: -p.Coupon.Points, At: p.Coupon.CreatedAt}
	}
	if e == nil || e.Points == 0 {
		return
	}
	at := e.At
	m := domain.Movement{CustomerID: p.Customer.ID, POS: p.Till, Kind: kind, State: domain.MovementApplied,
		Points: abs(e.Points), Reason: domain.MovementReason(kind, p.Locale), EntryID: e.ID, CreatedAt: at, SettledAt: &at}
	first := domain.TakeReference(cmp.Or(p.First, p.Code))
	switch kind {
	case domain.Take:
		m.Reference = domain.TakeReference(p.Code)
	case domain.GiveBack:
		m.Reference, m.RelatedReference = domain.GiveBackReference(p.Code), first
	case domain.Grant:
		m.Reference, m.RelatedReference = domain.GrantReference(p.Code), first
	case domain.TakeBack:
		m.Reference, m.RelatedReference = domain.TakeBackReference(p.Code), domain.GiveBackReference(p.Code)
	}
	m.Key = restoredKey + strings.ToLower(m.Reference)
	p.Movements = append(p.Movements, m)
}

// restoredKey begins the keys of movements that are restored. They are never sent again.
const restoredKey = "restored-"

func abs(n int64) int64 { return max(n, -n) }
