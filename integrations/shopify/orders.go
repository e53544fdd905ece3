package shopify

import (
	"context"
	"time"
)

// Order is what decides about coupons in an order.
type Order struct {
	ID          string
	Name        string // e.g. "#1001"
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CancelledAt time.Time // zero when it is not cancelled
	CustomerGID string    // "" for a guest
	Codes       []string  // all discount codes
	Test        bool
}

// OrderPage is one page of orders; Next continues it, "" at the end.
type OrderPage struct {
	Orders []Order
	Next   string
}

// OrdersSince lists orders that changed at or after a moment, oldest change first. Shopify shows an app the last 60
// days unless it was granted more. Errors as CreateDiscount.
func (c *Client) OrdersSince(ctx context.Context, since time.Time, after string) (OrderPage, error) {
	act := c.act("list_orders", "orders")
	query := "updated_at:>='" + since.UTC().Format(time.RFC3339) + "'"
	resp, err := ordersSince(ctx, act, query, optional(after))
	if err != nil {
		return OrderPage{}, err
	}
	page := OrderPage{Orders: make([]Order, 0, len(resp.Orders.Nodes))}
	for i := range resp.Orders.Nodes {
		page.Orders = append(page.Orders, readOrder(&resp.Orders.Nodes[i]))
	}
	if info := resp.Orders.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return OrderPage{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}

func readOrder(o *order) Order {
	out := Order{ID: o.Id, Name: o.Name, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, Codes: o.DiscountCodes, Test: o.Test}
	if o.CancelledAt != nil {
		out.CancelledAt = *o.CancelledAt
	}
	if o.Customer != nil {
		out.CustomerGID = o.Customer.Id
	}
	return out
}
