package shopify

import (
	"context"

	"pointbridge/domain/coupons"
)

// OurDiscounts lists a page of the discounts that bear our tag or a title like ours, by title. The shop's search lags:
// one that was made a moment ago may be missing. A discount of another kind is left out. Errors as CreateDiscount.
func (c *Client) OurDiscounts(ctx context.Context, after string) (coupons.DiscountPage, error) {
	act := c.act("list_discounts", "discountNodes")
	resp, err := ourDiscounts(ctx, act, optional(after))
	if err != nil {
		return coupons.DiscountPage{}, err
	}
	page := coupons.DiscountPage{}
	for i := range resp.DiscountNodes.Nodes {
		node := &resp.DiscountNodes.Nodes[i]
		one, ok := node.Discount.(*idDiscountDiscountCodeBasic)
		if !ok || node.Id == "" {
			continue
		}
		found, err := readBasic(node.Id, &one.basic)
		if err != nil {
			return coupons.DiscountPage{}, act.fail(broken(err))
		}
		page.Discounts = append(page.Discounts, found)
	}
	if info := resp.DiscountNodes.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return coupons.DiscountPage{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}
