package shopify

import (
	"context"
	"errors"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/orders"
)

// OrdersSince lists orders that changed at or after a moment, oldest change first. Shopify shows an app the last 60
// days unless it was granted more. Errors as CreateDiscount.
func (c *Client) OrdersSince(ctx context.Context, since time.Time, after string) (orders.Page, error) {
	act := c.act("list_orders", "orders")
	query := "updated_at:>='" + since.UTC().Format(time.RFC3339) + "'"
	resp, err := ordersSince(ctx, act, query, optional(after))
	if err != nil {
		return orders.Page{}, err
	}
	page := orders.Page{Orders: make([]orders.Order, 0, len(resp.Orders.Nodes))}
	for i := range resp.Orders.Nodes {
		o, err := readOrder(&resp.Orders.Nodes[i])
		if err != nil {
			return orders.Page{}, act.fail(broken(err))
		}
		page.Orders = append(page.Orders, o)
	}
	if info := resp.Orders.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return orders.Page{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}

// Order reads one order as it is now. Errors as CreateDiscount; KindNotFound when it was deleted.
func (c *Client) Order(ctx context.Context, id string) (orders.Order, error) {
	act := c.act("read_order", "order")
	resp, err := orderRead(ctx, act, id)
	if err != nil {
		return orders.Order{}, err
	}
	if resp.Order == nil {
		return orders.Order{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	o, err := readOrder(resp.Order)
	if err != nil {
		return orders.Order{}, act.fail(broken(err))
	}
	return o, nil
}

func readOrder(o *order) (orders.Order, error) {
	out := orders.Order{ID: o.Id, Name: o.Name, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt,
		Codes: o.DiscountCodes, Test: o.Test, Edited: o.Edited}
	if o.CancelReason != nil {
		out.CancelReason = strings.ToLower(string(*o.CancelReason))
	}
	if money := o.DisplayFinancialStatus; money != nil {
		out.Payment = domain.Payment(strings.ToLower(string(*money)))
	}
	if o.CancelledAt != nil {
		out.CancelledAt = *o.CancelledAt
	}
	if o.Customer != nil {
		out.CustomerGID = o.Customer.Id
	}
	for _, a := range o.DiscountApplications.Nodes {
		switch a := a.(type) {
		case *applicationDiscountCodeApplication:
			out.Applied = append(out.Applied, a.Code)
		case *applicationManualDiscountApplication:
			out.Named = append(out.Named, a.Title)
			if a.Description != nil {
				out.Named = append(out.Named, *a.Description)
			}
		case *applicationScriptDiscountApplication:
			out.Named = append(out.Named, a.Title)
		}
	}
	return out, readRefunds(o.Refunds, &out)
}

func readRefunds(list []orderRefund, into *orders.Order) error {
	for _, r := range list {
		money := r.TotalRefundedSet.ShopMoney
		amount, err := domain.ParseMoney(money.Amount, money.CurrencyCode)
		if err != nil {
			return errors.New("a refund's amount cannot be read")
		}
		refund := domain.OrderRefund{ID: r.Id, Amount: amount, At: into.CreatedAt}
		if r.CreatedAt != nil {
			refund.At = *r.CreatedAt
		}
		into.Refunds = append(into.Refunds, refund)
	}
	return nil
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

// noDiscount is asked for where no id is known; it is never read.
const noDiscount = "gid://shopify/DiscountCodeNode/0"

// Count tells how often a discount was used, by its id or, where none is known, by the text of its code, and whether
// its customer is still there. The count may lag. Errors as CreateDiscount.
func (c *Client) Count(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	if q.DiscountID == "" {
		return c.countByText(ctx, q)
	}
	act := c.act("count_uses", "discountNode", "customer")
	resp, err := couponCount(ctx, act, q.DiscountID, q.CustomerGID)
	if err != nil {
		return orders.Usage{}, err
	}
	return orders.Usage{Count: nodeUses(resp.DiscountNode), CodeGone: resp.DiscountNode == nil,
		CustomerGone: resp.Customer == nil}, nil
}

func (c *Client) countByText(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	found, err := c.FindDiscount(ctx, q.Code)
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return orders.Usage{}, err
	}
	gone := err != nil
	exists, err := c.CustomerExists(ctx, q.CustomerGID)
	if err != nil {
		return orders.Usage{}, err
	}
	return orders.Usage{Count: found.Usage, CodeGone: gone, CustomerGone: !exists}, nil
}

func nodeUses(node *nodeCount) int {
	if basic := basicOf(node); basic != nil {
		return basic.AsyncUsageCount
	}
	return 0
}

func basicOf(node *nodeCount) *nodeDiscountDiscountCodeBasic {
	if node == nil {
		return nil
	}
	basic, _ := node.Discount.(*nodeDiscountDiscountCodeBasic)
	return basic
}

// Usage reports whether a code was used: by Shopify's count, which may lag, and by the orders of its customer since
// q.Since with all their codes, by whatever text the discount has now. The filter "discount_code:" would miss a code
// that is not an order's first. A customer or a code that is gone has no use to tell of, which Usage says. Errors as
// CreateDiscount.
func (c *Client) Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	roots := []string{"codeDiscountNodeByCode", "customer"}
	id, known := q.DiscountID, q.DiscountID != ""
	if !known {
		id = noDiscount
	} else {
		roots = append(roots, "discountNode")
	}
	act := c.act("read_usage", roots...)
	var usage orders.Usage
	query := "created_at:>='" + wholeSecond(q.Since).Format(time.RFC3339) + "'"
	after := ""
	for range mostPages {
		resp, err := couponUsage(ctx, act, id, known, q.Code, customerOr(q.CustomerGID), query, optional(after))
		if err != nil {
			return orders.Usage{}, err
		}
		if after == "" {
			usage = counted(resp)
		}
		if resp.Customer == nil {
			return usage, nil
		}
		list := &resp.Customer.Orders
		for i := range list.Nodes {
			o, err := readOrder(&list.Nodes[i])
			if err != nil {
				return orders.Usage{}, act.fail(broken(err))
			}
			usage.Add(q, o)
		}
		if usage.Live() || !list.PageInfo.HasNextPage {
			return usage, nil
		}
		if list.PageInfo.EndCursor == nil || *list.PageInfo.EndCursor == "" || *list.PageInfo.EndCursor == after {
			return orders.Usage{}, act.nonsense("a list that does not go on")
		}
		after = *list.PageInfo.EndCursor
	}
	return orders.Usage{}, act.fail(&domain.UpstreamError{Kind: domain.KindUnknown, Err: errEndless})
}

// counted reads what the discount itself says, by its id: a discount that somebody gave the text of our code meanwhile
// is not ours. Where no discount has the id, the text counts.
func counted(resp *couponUsageResponse) orders.Usage {
	usage := orders.Usage{CustomerGone: resp.Customer == nil,
		CodeGone: resp.DiscountNode == nil && resp.CodeDiscountNodeByCode == nil}
	if basic := basicOf(resp.DiscountNode); basic != nil {
		usage.Count, usage.Alive = basic.AsyncUsageCount, basic.Status == DiscountStatusActive
		for _, node := range basic.Codes.Nodes {
			usage.Codes = append(usage.Codes, node.Code)
		}
	}
	if node := resp.CodeDiscountNodeByCode; node != nil && resp.DiscountNode == nil {
		if basic, ok := node.CodeDiscount.(*countedDiscountDiscountCodeBasic); ok {
			usage.Count = basic.AsyncUsageCount
		}
	}
	return usage
}
