package shopify

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// DefaultDeviceAttribute is the cart attribute in which a storefront leaves its id of the buyer's device.
const DefaultDeviceAttribute = "_pointbridge_device"

// mostOfADevice bounds a device id, in bytes: it is an opaque word of the storefront's, and buyers can write it.
const mostOfADevice = 255

// sourceWeb is Order.sourceName of the online store's checkout. Only there is clientIp the address of the buyer's own
// browser: an order from the POS has the shop's, a draft order that of whoever completed it, and one that an app made
// has none or the app's. Checkouts of apps that sell through the Storefront API carry the app's number and are left out
// with them.
const sourceWeb = "web"

// OrderShown reads what one order shows of the person who placed it. What the shop withholds is missing, and said in
// Withheld. Errors as CreateDiscount; KindNotFound when the order was deleted or is too old for the app to see, KindAuth
// with ReasonAccessDenied when the app may see no orders at all.
func (c *Client) OrderShown(ctx context.Context, id string) (identity.Order, error) {
	var resp *orderShownResponse
	missing, err := c.askShown("read_order_shown", "order", func(act *call, w withheld) (err error) {
		resp, err = orderShown(ctx, act, id, !w[partCustomer], !w[partEmail], !w[partPhone], !w[partPlace],
			!w[partName], !w[partAddress], !w[partPlacePhone], !w[partIP], !w[partDevice], true)
		return err
	})
	act := c.act("read_order_shown", "order")
	switch {
	case err != nil:
		return identity.Order{}, err
	case resp.Order == nil:
		return identity.Order{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	o, err := c.readShown(ctx, resp.Order, missing.kinds())
	if err != nil {
		return identity.Order{}, act.fail(err)
	}
	return o, nil
}

// OrderSold reads an order's codes and money, and asks for nothing of the person who placed it. Errors as OrderShown.
func (c *Client) OrderSold(ctx context.Context, id string) (identity.Order, error) {
	act := c.act("read_order_sold", "order")
	resp, err := orderShown(ctx, act, id, false, false, false, false, false, false, false, false, false, false)
	switch {
	case err != nil:
		return identity.Order{}, err
	case resp.Order == nil:
		return identity.Order{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	o, err := c.readShown(ctx, resp.Order, nil)
	if err != nil {
		return identity.Order{}, act.fail(err)
	}
	return o, nil
}

// OrdersShown lists the orders with a discount code that were placed from one moment up to another, the oldest first.
// Every order of the time is read and those without a code are left out here: the only filter on codes,
// "discount_code:", takes one code and knows only an order's first, and that a filter may be asked for "any" is nowhere
// said of this one. A page can therefore be empty and not the last. Shopify shows an app the orders of the last 60 days
// unless it was granted read_all_orders; earlier ones are missing without a word. Errors as CreateDiscount.
func (c *Client) OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error) {
	query := "created_at:>='" + from.UTC().Format(time.RFC3339) + "' created_at:<'" + to.UTC().Format(time.RFC3339) + "'"
	var resp *ordersShownResponse
	missing, err := c.askShown("list_orders_shown", "orders", func(act *call, w withheld) (err error) {
		resp, err = ordersShown(ctx, act, query, optional(after), !w[partCustomer], !w[partEmail], !w[partPhone],
			!w[partPlace], !w[partName], !w[partAddress], !w[partPlacePhone], !w[partIP], !w[partDevice], false)
		return err
	})
	if err != nil {
		return identity.OrderPage{}, err
	}
	act := c.act("list_orders_shown", "orders")
	page := identity.OrderPage{Withheld: missing.kinds()}
	for i := range resp.Orders.Nodes {
		if len(resp.Orders.Nodes[i].DiscountCodes) == 0 {
			continue
		}
		o, err := c.readShown(ctx, &resp.Orders.Nodes[i], page.Withheld)
		if err != nil {
			return identity.OrderPage{}, act.fail(err)
		}
		page.Orders = append(page.Orders, o)
	}
	if info := resp.Orders.PageInfo; info.HasNextPage {
		if info.EndCursor == nil || *info.EndCursor == "" || *info.EndCursor == after {
			return identity.OrderPage{}, act.nonsense("a list that does not go on")
		}
		page.Next = *info.EndCursor
	}
	return page, nil
}

func (c *Client) readShown(ctx context.Context, o *shownOrder, missing []identity.Kind) (identity.Order, error) {
	if o.Id == "" {
		return identity.Order{}, broken(errors.New("an order without id"))
	}
	out := identity.Order{ID: o.Id, Name: o.Name, Source: textOf(o.SourceName), CreatedAt: o.CreatedAt,
		Codes: o.DiscountCodes, Test: o.Test, VoidReason: voidReason(o), Withheld: missing,
		BuyerCurrency: o.PresentmentCurrencyCode}
	out.Void = out.VoidReason != ""
	if o.Customer != nil {
		out.CustomerGID, out.OrdersBefore = o.Customer.Id, ordersBefore(o)
	}
	out.Shown = c.shownBy(o)
	var err error
	if out.Gross, out.Discount, err = readTotals(o); err != nil {
		return identity.Order{}, broken(err)
	}
	if len(o.DiscountApplications.Nodes) > 1 {
		out.Parts, err = c.orderParts(ctx, o.Id)
	}
	return out, err
}

// ordersBefore is how many orders the customer had placed before this one, as far as the shop says it; nil where nobody
// can tell. An earlier order that is named proves that there is one. Where none is, the customer's count of a lifetime
// tells of those that are too old for the app to see: whatever of it is not among the orders that stand in the list.
// The count leaves out test orders, so that they are no earlier orders here either.
func ordersBefore(o *shownOrder) *int {
	before, listed := 0, false
	history := o.Customer.Orders
	for _, other := range history.Nodes {
		listed = listed || other.Id == o.Id
		if other.Id != o.Id && !other.Test && other.CreatedAt.Before(o.CreatedAt) {
			before++
		}
	}
	if before > 0 {
		return &before
	}
	lifetime, err := strconv.Atoi(o.Customer.NumberOfOrders)
	switch {
	case err != nil || lifetime < 1:
		return nil
	case lifetime == 1:
		return &before
	case !listed || history.PageInfo.HasNextPage:
		return nil
	}
	before = max(lifetime-len(history.Nodes), 0)
	return &before
}

// voidReason says why nothing is left of an order; "" when something is.
func voidReason(o *shownOrder) string {
	switch money := o.DisplayFinancialStatus; {
	case o.CancelledAt != nil:
		return "cancelled"
	case money == nil:
		return ""
	case *money == OrderDisplayFinancialStatusRefunded:
		return "refunded"
	case *money == OrderDisplayFinancialStatusVoided:
		return "voided"
	}
	return ""
}

// readTotals adds the discounts to what was left after them. A discount on the shipping is among the discounts and not
// in the subtotal: the gross amount is too high by it.
func readTotals(o *shownOrder) (gross, off domain.Money, err error) {
	if o.SubtotalPriceSet == nil || o.TotalDiscountsSet == nil {
		return domain.Money{}, domain.Money{}, nil
	}
	left, taken := o.SubtotalPriceSet.ShopMoney, o.TotalDiscountsSet.ShopMoney
	gross, errLeft := domain.ParseMoney(left.Amount, left.CurrencyCode)
	off, errTaken := domain.ParseMoney(taken.Amount, taken.CurrencyCode)
	if errLeft != nil || errTaken != nil || gross.Currency != off.Currency {
		return domain.Money{}, domain.Money{}, errors.New("an order's totals cannot be read")
	}
	gross.Minor += off.Minor
	return gross, off, nil
}

// shownBy collects what an order shows, each value once.
func (c *Client) shownBy(o *shownOrder) identity.Shown {
	var s identity.Shown
	if o.Customer != nil {
		s.CustomerID = o.Customer.Id
	}
	addText(&s.Emails, o.Email)
	addText(&s.Phones, o.Phone)
	if textOf(o.SourceName) == sourceWeb {
		addText(&s.IPs, o.ClientIp)
	}
	for _, place := range []*shownPlace{o.ShippingAddress, o.BillingAddress} {
		if place == nil {
			continue
		}
		addText(&s.Names, place.Name)
		addText(&s.Phones, place.Phone)
		if a := postal(place); a.Line1 != "" && !slices.Contains(s.Addresses, a) {
			s.Addresses = append(s.Addresses, a)
		}
	}
	for _, a := range o.CustomAttributes {
		if a.Key == c.device && len(textOf(a.Value)) <= mostOfADevice {
			addText(&s.Devices, a.Value)
		}
	}
	return s
}

func postal(p *shownPlace) identity.PostalAddress {
	return identity.PostalAddress{Company: textOf(p.Company), Line1: textOf(p.Address1), Line2: textOf(p.Address2),
		City: textOf(p.City), Province: textOf(p.Province), Zip: textOf(p.Zip), Country: textOf(p.CountryCodeV2)}
}

// addText adds a value that is there and new.
func addText(to *[]string, value *string) {
	if text := textOf(value); text != "" && !slices.Contains(*to, text) {
		*to = append(*to, text)
	}
}

func textOf(value *string) string {
	if value == nil {
		return ""
	}
	return strings.TrimSpace(*value)
}
