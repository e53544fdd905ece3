package books

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// statusActive is Shopify's word for a discount that can be spent; it says nothing about use.
const statusActive = "ACTIVE"

// countLag is how long Shopify's count of uses may be behind.
const countLag = time.Hour

// code compares a coupon that rests with its discount in Shopify and with the orders that can hold it. A code that was
// removed after its time is not asked for again.
func (p *pass) code(ctx context.Context, st coupons.State) error {
	c := st.Coupon
	if c.DiscountDeletedAt != nil || c.Status == domain.Failed && !mayExist(st) {
		return nil
	}
	found, err := ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (coupons.FoundDiscount, error) {
		return p.Shop.FindDiscount(ctx, c.Code)
	})
	gone := err != nil && domain.KindOf(err) == domain.KindNotFound
	if err != nil && !gone {
		return p.gap(ctx, c.ID, upstreamShopify, err)
	}
	if c.Status == domain.Used {
		return p.compareUsed(ctx, c, found)
	}
	if c.UsedAt != nil {
		return nil // the order is known, and a code is good once
	}
	usage, err := p.usage(ctx, c)
	switch {
	case err != nil:
		return p.gap(ctx, c.ID, upstreamShopify, err)
	case usage.Used():
		p.compareUse(c, usage)
	default:
		p.compareDiscount(c, found, gone)
	}
	return nil
}

// mayExist tells whether a failed conversion can have left a code of ours behind.
func mayExist(st coupons.State) bool {
	c, take := st.Coupon, st.Movement(domain.Take)
	taken := c.Failure != nil && c.Failure.Detail == domain.ReasonCodeTaken
	return !taken && take != nil && take.State == domain.MovementApplied
}

func (p *pass) usage(ctx context.Context, c domain.Coupon) (coupons.Usage, error) {
	return ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (coupons.Usage, error) {
		return p.Shop.Usage(ctx, coupons.Policy{TestOrders: p.TestOrders}.UsageOf(c))
	})
}

// compareUse reports a use that our books have not seen, unless it is so new that the service may be about to.
func (p *pass) compareUse(c domain.Coupon, usage coupons.Usage) {
	d := Difference{Kind: UsedButActive, Detail: "here it is " + string(c.StatusAt(p.now)),
		sighting: coupons.Sighting{Code: c.Code, At: p.now, Uncounted: usage.Count == 0}}
	if o := usage.Order; o != nil {
		if p.now.Before(o.CreatedAt.Add(p.Timing.Fresh)) {
			p.moving++
			return
		}
		d.sighting.OrderID, d.sighting.OrderName, d.sighting.At = o.ID, o.Name, o.CreatedAt
		d.Detail += ", order " + o.Name
	}
	if c.Status == domain.Cancelled || c.Status == domain.Failed {
		d.Kind = UsedAfterRefund
	}
	p.differ(d, c)
}

// compareUsed looks for a coupon whose code was, or could be, spent a second time: one that is used here only, and one that
// somebody made good for more uses.
func (p *pass) compareUsed(ctx context.Context, c domain.Coupon, found coupons.FoundDiscount) error {
	if found.Usage > 1 || found.Usage == 1 && found.Status == statusActive && found.UsageLimit != 1 {
		p.differ(Difference{Kind: CodeWrongTerms, Detail: fmt.Sprintf("used here, in Shopify used %d times of %s", found.Usage, times(found.UsageLimit))}, c)
		return nil
	}
	if found.Status != statusActive || found.Usage > 0 || c.UsedAt != nil && p.now.Before(c.UsedAt.Add(countLag)) {
		return nil
	}
	usage, err := p.usage(ctx, c)
	if err != nil {
		return p.gap(ctx, c.ID, upstreamShopify, err)
	}
	if !usage.Used() {
		p.differ(Difference{Kind: UsedWithoutOrder}, c)
		return nil
	}
	// An order carries the code and did not redeem it: the coupon's value was given, and the code can be spent once more.
	p.alive(CodeAliveThoughEnded, c, found)
	return nil
}

func (p *pass) compareDiscount(c domain.Coupon, found coupons.FoundDiscount, gone bool) {
	switch c.StatusAt(p.now) {
	case domain.Active:
		p.compareLiving(c, found, gone)
	case domain.Expired:
		if !gone && found.Status == statusActive && !p.now.Before(c.ExpiresAt.Add(p.Timing.Fresh)) {
			p.outlived(c, found)
		}
	case domain.Cancelled, domain.Suspended, domain.Forfeited, domain.Failed:
		if !gone && found.Status == statusActive {
			p.alive(CodeAliveThoughEnded, c, found)
		}
	case domain.Pending, domain.Cancelling, domain.Used:
	}
}

// outlived reports a code whose end has passed here and not in Shopify. Where both have the same end, it is the clocks that
// differ, and a code is not ended by a clock that may be wrong.
func (p *pass) outlived(c domain.Coupon, found coupons.FoundDiscount) {
	if found.EndsAt.Equal(c.ExpiresAt) {
		p.differ(Difference{Kind: CodeAliveThoughExpired, Detail: "both have the same end: compare the clocks", foreign: true}, c)
		return
	}
	p.alive(CodeAliveThoughExpired, c, found)
}

// alive reports a code that can be spent and should not. One that is not the discount we made, nor bound to our customer,
// is somebody's own doing, and not ours to end.
func (p *pass) alive(kind Kind, c domain.Coupon, found coupons.FoundDiscount) {
	ours := found.ID == c.DiscountID || found.CustomerGID == c.ShopifyCustomerGID
	p.differ(Difference{Kind: kind, Detail: "here it is " + string(c.StatusAt(p.now)), discountID: found.ID, foreign: !ours}, c)
}

func (p *pass) compareLiving(c domain.Coupon, found coupons.FoundDiscount, gone bool) {
	switch {
	case gone:
		p.differ(Difference{Kind: CodeDeadThoughActive, Detail: "Shopify does not have it"}, c)
		return
	case found.Status != statusActive:
		p.differ(Difference{Kind: CodeDeadThoughActive, Detail: "Shopify calls it " + orNone(found.Status)}, c)
		return
	}
	// Of a customer who has been forgotten only that there is one can be compared.
	erased := c.ShopifyCustomerGID == domain.ErasedCustomer
	if !erased && found.CustomerGID != c.ShopifyCustomerGID || found.CustomerCount != 1 {
		p.differ(Difference{Kind: CodeWrongCustomer, Detail: fmt.Sprintf("here %s, in Shopify %s, one of %d", c.ShopifyCustomerGID, orNone(found.CustomerGID), found.CustomerCount)}, c)
	}
	if found.Amount != c.Amount {
		p.differ(Difference{Kind: CodeWrongAmount, Detail: fmt.Sprintf("here %s %s, in Shopify %s %s", c.Amount.Decimal(), c.Amount.Currency,
			found.Amount.Decimal(), orNone(found.Amount.Currency))}, c)
	}
	if found.UsageLimit != 1 || !found.EndsAt.Equal(c.ExpiresAt) {
		p.differ(Difference{Kind: CodeWrongTerms, Detail: fmt.Sprintf("here once until %s, in Shopify %d times until %s",
			c.ExpiresAt.Format(time.RFC3339), found.UsageLimit, found.EndsAt.UTC().Format(time.RFC3339))}, c)
	}
}

// times words a limit of uses; Shopify has none as nothing.
func times(limit int) string {
	if limit == 0 {
		return "any number"
	}
	return strconv.Itoa(limit)
}

func orNone(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
