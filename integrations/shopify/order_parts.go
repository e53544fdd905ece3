package shopify

import (
	"context"
	"errors"
	"strings"

	"pointbridge/domain"
)

// orderParts reads what each code took off an order that more than one discount took part in. An amount over the whole
// order stands at its lines in parts, which add up to it to the last minor unit. Errors as OrderShown.
func (c *Client) orderParts(ctx context.Context, id string) (map[string]domain.Money, error) {
	parts := map[string]domain.Money{}
	for after := ""; ; {
		act := c.act("read_order_parts", "order")
		resp, err := orderParts(ctx, act, id, optional(after))
		if err != nil {
			return nil, err
		}
		if resp.Order == nil {
			return nil, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
		}
		lines := resp.Order.LineItems
		for _, line := range lines.Nodes {
			err = errors.Join(err, addParts(parts, line.DiscountAllocations))
		}
		if after == "" { // the shipping is the same on every page
			for _, line := range resp.Order.ShippingLines.Nodes {
				err = errors.Join(err, addParts(parts, line.DiscountAllocations))
			}
		}
		if err != nil {
			return nil, act.fail(broken(err))
		}
		info := lines.PageInfo
		if !info.HasNextPage {
			return parts, nil
		}
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return nil, act.nonsense("a list that does not go on")
		}
		after = *info.EndCursor
	}
}

func addParts(parts map[string]domain.Money, list []allocation) error {
	for _, p := range list {
		of, byCode := p.DiscountApplication.(*allocatedByDiscountCodeApplication)
		if !byCode {
			continue
		}
		amount, err := domain.ParseMoney(p.AllocatedAmountSet.ShopMoney.Amount, p.AllocatedAmountSet.ShopMoney.CurrencyCode)
		if err != nil {
			return errors.New("a part of a discount cannot be read")
		}
		code := strings.ToUpper(strings.TrimSpace(of.Code))
		if before, there := parts[code]; there && before.Currency != amount.Currency {
			return errors.New("parts of a discount in two currencies")
		}
		amount.Minor += parts[code].Minor
		parts[code] = amount
	}
	return nil
}
