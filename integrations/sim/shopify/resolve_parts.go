package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

// linesOrWhole gives one line for an order of which only a subtotal was given.
func (o *Order) linesOrWhole() []Line {
	if len(o.Lines) > 0 {
		return o.Lines
	}
	return []Line{{Title: "Goods", Price: o.Subtotal, Quantity: 1}}
}

type allocationNode struct {
	AllocatedAmountSet  moneyBag
	DiscountApplication *applicationNode
}

// DiscountAllocations are the parts of the order's discounts at a line: each is spread over the lines in their order, as
// far as the line has something left to be taken off.
func (l *lineNode) DiscountAllocations() []allocationNode {
	parts := []allocationNode{}
	left := make([]decimal, 0)
	for _, line := range l.o.linesOrWhole() {
		left = append(left, decimal(line.Price).times(float64(line.Quantity)))
	}
	for i, a := range l.o.Applications {
		rest := decimal(a.Amount)
		for at := range left {
			off := rest
			if left[at].compare(off) < 0 {
				off = left[at]
			}
			left[at], rest = left[at].minus(off), rest.minus(off)
			if at == l.at && off.compare("0.0") > 0 {
				parts = append(parts, allocationNode{bag(string(off), l.s.cfg.Currency),
					&applicationNode{index: int32(i), a: a, currency: l.s.cfg.Currency}})
			}
		}
	}
	return parts
}

type shippingNode struct {
	Title string
}

// DiscountAllocations are none: nothing here is a discount on shipping.
func (shippingNode) DiscountAllocations() []allocationNode { return []allocationNode{} }

// ShippingLines are none.
func (n *orderNode) ShippingLines(args struct {
	First graphql.NullInt
	After graphql.NullString
}) (*connection[shippingNode], error) {
	return paged(ordered{}, pageArgs{args.First, args.After}, func(int64) shippingNode { return shippingNode{} })
}
