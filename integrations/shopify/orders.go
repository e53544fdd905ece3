package shopify

import (
	"context"
	"errors"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// OrdersSince lists orders that changed at or after a moment, oldest change first. Shopify shows an app the last 60
// days unless it was granted more. Errors as CreateDiscount.
func (c *Client) OrdersSince(ctx context.Context, since time.Time, after string) (coupons.OrderPage, error) {
	act := c.act("list_orders", "orders")
	query := "updated_at:>='" + since.UTC().Format(time.RFC3339) + "'"
	resp, err := ordersSince(ctx, act, query, optional(after))
	if err != nil {
		return coupons.OrderPage{}, err
	}
	page := coupons.OrderPage{Orders: make([]coupons.Order, 0, len(resp.Orders.Nodes))}
	for i := range resp.Orders.Nodes {
		page.Orders = append(page.Orders, readOrder(&resp.Orders.Nodes[i]))
	}
	if info := resp.Orders.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return coupons.OrderPage{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}

// Order reads one order as it is now. Errors as CreateDiscount; KindNotFound when it was deleted.
func (c *Client) Order(ctx context.Context, id string) (coupons.Order, error) {
	act := c.act("read_order", "order")
	resp, err := orderRead(ctx, act, id)
	if err != nil {
		return coupons.Order{}, err
	}
	if resp.Order == nil {
		return coupons.Order{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return readOrder(resp.Order), nil
}

func readOrder(o *order) coupons.Order {
	out := coupons.Order{ID: o.Id, Name: o.Name, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, Codes: o.DiscountCodes, Test: o.Test, Edited: o.Edited}
	if o.CancelReason != nil {
		out.CancelReason = strings.ToLower(string(*o.CancelReason))
	}
	if money := o.DisplayFinancialStatus; money != nil {
		out.FullyRefunded = *money == OrderDisplayFinancialStatusRefunded
		out.PartiallyRefunded = *money == OrderDisplayFinancialStatusPartiallyRefunded
	}
	if o.CancelledAt != nil {
		out.CancelledAt = *o.CancelledAt
	}
	if o.Customer != nil {
		out.CustomerGID = o.Customer.Id
	}
	return out
}

// errEndless is a list of one customer's orders that does not end.
var errEndless = errors.New("too many pages of orders")

// noCustomer is nobody's gid, in a form that Shopify takes.
const noCustomer = domain.ShopCustomerPrefix + "0"

// customerOr is a customer's gid, or nobody's where the customer has been forgotten.
func customerOr(gid string) string {
	if customerGID.MatchString(gid) {
		return gid
	}
	return noCustomer
}

// mostPages bounds how many of one customer's orders since a coupon's issue are read.
const mostPages = 40

// Usage tells whether a code was used: by Shopify's count, which may lag, and by the orders of its customer since q.Since
// with all their codes. The filter "discount_code:" would miss a code that is not an order's first. A customer or a
// code that is gone has no use to tell of. An order that stands goes before one that was cancelled or refunded. Errors as
// CreateDiscount.
func (c *Client) Usage(ctx context.Context, q coupons.UsageQuery) (coupons.Usage, error) {
	act := c.act("read_usage", "codeDiscountNodeByCode", "customer")
	var usage coupons.Usage
	query := "created_at:>='" + wholeSecond(q.Since).Format(time.RFC3339) + "'"
	after := ""
	for range mostPages {
		resp, err := couponUsage(ctx, act, q.Code, customerOr(q.CustomerGID), query, optional(after))
		if err != nil {
			return coupons.Usage{}, err
		}
		if node := resp.CodeDiscountNodeByCode; node != nil {
			if basic, ok := node.CodeDiscount.(*countedDiscountDiscountCodeBasic); ok {
				usage.Count = basic.AsyncUsageCount
			}
		}
		if resp.Customer == nil {
			return usage, nil
		}
		list := &resp.Customer.Orders
		for i := range list.Nodes {
			o := readOrder(&list.Nodes[i])
			if !o.Holds(q.Code) {
				continue
			}
			if usage.Order = &o; !o.Voided() {
				return usage, nil
			}
		}
		if !list.PageInfo.HasNextPage {
			return usage, nil
		}
		if list.PageInfo.EndCursor == nil || *list.PageInfo.EndCursor == "" || *list.PageInfo.EndCursor == after {
			return coupons.Usage{}, act.nonsense("a list that does not go on")
		}
		after = *list.PageInfo.EndCursor
	}
	return coupons.Usage{}, act.fail(&domain.UpstreamError{Kind: domain.KindUnknown, Err: errEndless})
}
