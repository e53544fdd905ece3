package books

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/orders"
)

// countLag is how long Shopify's count of uses may be behind.
const countLag = time.Hour

// code compares a coupon that rests with its discount in Shopify and with the orders that can hold it. A code that was
// removed after its time is not asked for again.
func (p *pass) code(ctx context.Context, st coupons.State) error {
	c := st.Coupon
	if c.DiscountDeletedAt != nil || c.Status == domain.Failed && !mayExist(st) {
		return nil
	}
	found, err := p.find(ctx, c)
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

// find reads the coupon's discount by its id: whatever it is called by now, it is the same one. The text is asked for
// where no id is known, and where somebody deleted ours and may have made it anew.
func (p *pass) find(ctx context.Context, c domain.Coupon) (coupons.FoundDiscount, error) {
	if c.DiscountID != "" {
		found, err := ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (coupons.FoundDiscount, error) {
			return p.Shop.ReadDiscount(ctx, c.DiscountID)
		})
		if err == nil || domain.KindOf(err) != domain.KindNotFound {
			return found, err
		}
	}
	return ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (coupons.FoundDiscount, error) {
		return p.Shop.FindDiscount(ctx, c.Code)
	})
}

// mayExist reports whether a failed conversion can have left a code of ours behind.
func mayExist(st coupons.State) bool {
	c, take := st.Coupon, st.Movement(domain.Take)
	taken := c.Failure != nil && c.Failure.Detail == domain.ReasonCodeTaken
	return !taken && (c.Free() || take != nil && take.State == domain.MovementApplied)
}

func (p *pass) usage(ctx context.Context, c domain.Coupon) (orders.Usage, error) {
	return ask(ctx, p.run, upstreamShopify, func(ctx context.Context) (orders.Usage, error) {
		return p.Shop.Usage(ctx, coupons.Policy{TestOrders: p.TestOrders}.UsageOf(c))
	})
}

// compareUse reports a use that our books have not seen, unless it is so new that the service may be about to.
func (p *pass) compareUse(c domain.Coupon, usage orders.Usage) {
	d := Difference{Kind: UsedButActive, Detail: "here it is " + string(c.StatusAt(p.now)),
		sighting: orders.Sighting{Code: c.Code, At: p.now, Uncounted: usage.Count == 0}}
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

// compareUsed looks for a coupon whose code was, or could be, spent a second time: one that is used here only, and one
// that somebody made good for more uses.
func (p *pass) compareUsed(ctx context.Context, c domain.Coupon, found coupons.FoundDiscount) error {
	if found.Usage > 1 || found.Usage == 1 && found.Alive() && found.UsageLimit != 1 {
		p.differ(Difference{Kind: CodeWrongTerms, Detail: fmt.Sprintf("used here, in Shopify used %d times of %s",
			found.Usage, times(found.UsageLimit))}, c)
		return nil
	}
	if !found.Alive() || found.Usage > 0 || c.UsedAt != nil && p.now.Before(c.UsedAt.Add(countLag)) {
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
	// An order carries the code and did not redeem it: the coupon's value was given, and the code can be spent once
	// more.
	p.alive(CodeAliveThoughEnded, c, found)
	return nil
}

func (p *pass) compareDiscount(c domain.Coupon, found coupons.FoundDiscount, gone bool) {
	switch c.StatusAt(p.now) {
	case domain.Active:
		p.compareLiving(c, found, gone)
	case domain.Expired:
		if !gone && found.Alive() && !p.now.Before(c.ExpiresAt.Add(p.Timing.Fresh)) {
			p.outlived(c, found)
		}
	case domain.Cancelled, domain.Suspended, domain.Forfeited, domain.Failed:
		if !gone && found.Alive() {
			p.alive(CodeAliveThoughEnded, c, found)
		}
	case domain.Pending, domain.Cancelling, domain.Used:
	}
}

// outlived reports a code whose end has passed here and not in Shopify. Where both have the same end, it is the clocks
// that differ, and a code is not deactivated by a clock that may be wrong.
func (p *pass) outlived(c domain.Coupon, found coupons.FoundDiscount) {
	if found.EndsAt.Equal(c.ExpiresAt) {
		p.differ(Difference{Kind: CodeAliveThoughExpired, Detail: "both have the same end: compare the clocks",
			foreign: true}, c)
		return
	}
	p.alive(CodeAliveThoughExpired, c, found)
}

// alive reports a code that can be spent and should not. One that is not the discount we made, nor bound to our
// customer, is somebody's own doing, and not ours to end. Where we never knew of one, it takes our mark: a merchant can
// have made a code for the same customer.
func (p *pass) alive(kind Kind, c domain.Coupon, found coupons.FoundDiscount) {
	ours := found.ID == c.DiscountID || coupons.Marked(c, found) || c.DiscountID != "" && coupons.StandsInFor(c, found)
	p.differ(Difference{Kind: kind, Detail: "here it is " + string(c.StatusAt(p.now)), discountID: found.ID,
		foreign: !ours}, c)
}

func (p *pass) compareLiving(c domain.Coupon, found coupons.FoundDiscount, gone bool) {
	switch {
	case gone:
		p.differ(Difference{Kind: CodeDeactivatedThoughActive, Detail: "Shopify does not have it"}, c)
		return
	case !found.Alive():
		p.differ(Difference{Kind: CodeDeactivatedThoughActive, Detail: "Shopify calls it " + orNone(found.Status)}, c)
		return
	}
	differs := coupons.Differs(c, found)
	is := func(what ...string) bool {
		return slices.ContainsFunc(what, func(one string) bool { return slices.Contains(differs, one) })
	}
	if is(coupons.DiffersCode) {
		p.differ(Difference{Kind: CodeRenamed, Detail: "the discount is " + found.ID}, c)
	}
	if is(coupons.DiffersCustomer) {
		p.differ(Difference{Kind: CodeWrongCustomer, Detail: fmt.Sprintf("here %s, in Shopify %s, one of %d",
			c.ShopifyCustomerGID, orNone(found.CustomerGID), found.CustomerCount)}, c)
	}
	if is(coupons.DiffersAmount) {
		each := ""
		if found.OnEachItem {
			each = " off each item"
		}
		p.differ(Difference{Kind: CodeWrongAmount, Detail: fmt.Sprintf("here %s, in Shopify %s%s",
			worth(c.Amount, c.Percent), worth(found.Amount, found.Percent), each)}, c)
	}
	if is(coupons.DiffersUsageLimit, coupons.DiffersEnd, coupons.DiffersMinimum, coupons.DiffersCombination,
		coupons.DiffersItems) {
		p.differ(Difference{Kind: CodeWrongTerms,
			Detail: fmt.Sprintf("here once until %s, %s; in Shopify %s times until %s, %s",
				c.ExpiresAt.Format(time.RFC3339), orNone(c.Terms), times(found.UsageLimit), ending(found),
				found.Terms())}, c)
	}
}

// worth words what a code takes off.
func worth(amount domain.Money, percent int64) string {
	if percent > 0 {
		return strconv.FormatFloat(float64(percent)/100, 'f', -1, 64) + "%"
	}
	return amount.Decimal() + " " + orNone(amount.Currency)
}

func ending(found coupons.FoundDiscount) string {
	if found.EndsAt.IsZero() {
		return "for ever"
	}
	return found.EndsAt.UTC().Format(time.RFC3339)
}

// times words a limit of uses; Shopify has none as nothing.
func times(limit int) string {
	if limit == 0 {
		return "any number"
	}
	return strconv.Itoa(limit)
}

// Nothing is what differences and the audit say of what was not found.
const Nothing = "nothing"

func orNone(text string) string { return cmp.Or(text, Nothing) }
