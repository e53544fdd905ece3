package shopify

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shownOrder is an order for people.
type shownOrder struct {
	Number                        int64
	Name, At, Customer            string
	Status, Subtotal, Off, Total  string
	Reason                        string // a text's key
	Codes, Tags                   []string
	CustomerTags                  []string
	Lines                         []Line
	Refunds                       []string
	Cancelled, Edited, Test       bool
	CanCancel, CanRefund, CanEdit bool
	Left                          string
	Fulfilment                    shownFulfilment
}

// card is an order with the page it stands on.
type card struct {
	View  *view
	Order shownOrder
}

func pair(v *view, o shownOrder) card { return card{v, o} }

// mostOrders is how many the page shows.
const mostOrders = 50

func (f *front) orders(v *view, _ *http.Request) (string, int) {
	all := f.s.Orders()
	slices.Reverse(all)
	for _, o := range all[:min(len(all), mostOrders)] {
		v.Orders = append(v.Orders, f.shown(o))
	}
	v.Reasons = lowerReasons()
	return "orders", http.StatusOK
}

func (f *front) order(v *view, r *http.Request) (string, int) {
	o, ok := f.byNumber(r.PathValue("number"))
	if !ok {
		return "missing", http.StatusNotFound
	}
	v.Orders, v.Reasons = []shownOrder{f.shown(o)}, lowerReasons()
	return "order", http.StatusOK
}

func lowerReasons() []string {
	var list []string
	for _, reason := range cancelReasons {
		list = append(list, strings.ToLower(reason))
	}
	return list
}

func (f *front) byNumber(digits string) (Order, bool) {
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Order{}, false
	}
	for _, o := range f.s.Orders() {
		if o.Number == number {
			return o, true
		}
	}
	return Order{}, false
}

func (f *front) shown(o Order) shownOrder {
	open := o.CancelledAt == nil
	s := shownOrder{
		Number: o.Number, Name: o.Name(), At: f.when(o.CreatedAt), Status: "status_" +
			strings.ToLower(o.FinancialStatus), Subtotal: f.price(decimal(o.Subtotal)),
		Total: f.price(decimal(o.Subtotal).minus(decimal(o.TotalDiscount))),
		Codes: o.DiscountCodes, Tags: o.Tags, Lines: o.Lines, Cancelled: !open, Edited: o.Edited, Test: o.Test,
		CanCancel: open, CanRefund: o.FinancialStatus == statusPaid || o.FinancialStatus == statusPartiallyRefunded,
		CanEdit: open && len(o.DiscountCodes) > 0, Left: f.s.amount(o.left()),
		Fulfilment: fulfilmentFor(o),
	}
	if off := decimal(o.TotalDiscount); off.compare("0.0") > 0 {
		s.Off = f.price(off)
	}
	if !open {
		s.Reason = "reason_" + strings.ToLower(o.CancelReason)
	}
	for _, r := range o.Refunds {
		s.Refunds = append(s.Refunds, f.price(decimal(r.Amount)))
	}
	f.s.state.mu.RLock()
	defer f.s.state.mu.RUnlock()
	if c := f.s.customer(o.CustomerID); c != nil {
		s.Customer, s.CustomerTags = c.Name, c.Tags
	}
	return s
}

// act is a button of the shop's staff at an order.
func (f *front) act(_ http.ResponseWriter, r *http.Request) string {
	o, ok := f.byNumber(r.PathValue("number"))
	if !ok {
		return "/store/orders?problem=no_order"
	}
	act := r.PostForm.Get("act")
	if known("done_"+act) == "" {
		return "/store/orders?problem=failed"
	}
	amount := strings.TrimSpace(r.PostForm.Get("amount"))
	if act == "refund" && r.PostForm.Get("part") != "" && amount == "" {
		return "/store/orders?problem=bad_refund"
	}
	err := f.s.act(actBody{Act: act, Order: o.GID(), Amount: amount, Code: r.PostForm.Get("code"),
		Reason: r.PostForm.Get("reason")})
	switch {
	case errors.Is(err, ErrBadRefund):
		return "/store/orders?problem=bad_refund&detail=" + url.QueryEscape(o.Name())
	case err != nil:
		return "/store/orders?problem=failed&detail=" + url.QueryEscape(o.Name())
	}
	return "/store/orders?done=" + url.QueryEscape("done_"+act) + "&detail=" + url.QueryEscape(o.Name())
}
