package shopify

import (
	"context"
	"time"

	"pointbridge/domain/openings"
)

// bounded is what every kind of discount code says of itself. It is this large because the generated kinds share no type
// by which all of it could be read.
type bounded interface {
	GetTitle() string
	GetEndsAt() *time.Time
	GetUsageLimit() *int
	GetAppliesOncePerCustomer() bool
	GetAsyncUsageCount() int
	GetCodesCount() *activeDiscountCodesCount
	GetCombinesWith() activeDiscountCombinesWith
	GetContext() activeDiscountContext
	GetCodes() activeDiscountCodesDiscountRedeemCodeConnection
}

// ActiveCodes lists a page of the store's active discount codes, whoever made them. A kind of discount that is new to
// us is left out: what bounds it cannot be told. Errors as CreateDiscount.
func (c *Client) ActiveCodes(ctx context.Context, after string) (openings.Page, error) {
	act := c.act("list_active_codes", "discountNodes")
	resp, err := activeCodes(ctx, act, optional(after))
	if err != nil {
		return openings.Page{}, err
	}
	page := openings.Page{}
	for _, n := range resp.DiscountNodes.Nodes {
		if d, known := n.Discount.(bounded); known && n.Id != "" {
			page.Codes = append(page.Codes, activeCode(n.Id, d))
		}
	}
	if info := resp.DiscountNodes.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return openings.Page{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}

func activeCode(id string, d bounded) openings.Code {
	code := openings.Code{ID: id, Title: d.GetTitle(), EndsAt: d.GetEndsAt(), UsageLimit: d.GetUsageLimit(),
		OncePerCustomer: d.GetAppliesOncePerCustomer(), Uses: d.GetAsyncUsageCount()}
	if count := d.GetCodesCount(); count != nil {
		code.Codes = count.Count
	}
	if first := d.GetCodes(); len(first.Nodes) > 0 {
		code.Code = first.Nodes[0].Code
	}
	with := d.GetCombinesWith()
	code.Combines = with.OrderDiscounts || with.ProductDiscounts || with.ShippingDiscounts
	_, code.Everybody = d.GetContext().(*activeDiscountContextDiscountBuyerSelectionAll)
	return code
}
