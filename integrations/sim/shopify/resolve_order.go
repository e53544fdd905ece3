package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

type orderNode struct {
	ID                     graphql.ID
	Name                   string
	CreatedAt              dateTime
	UpdatedAt              dateTime
	CancelledAt            *dateTime
	CancelReason           *string
	Edited                 bool
	Test                   bool
	DisplayFinancialStatus *string
	DiscountCodes          []string
	s                      *Server
	o                      *Order
}

// orderNode is nil for nil.
func (s *Server) orderNode(o *Order) *orderNode {
	if o == nil {
		return nil
	}
	node := &orderNode{
		ID: graphql.ID(o.GID()), Name: o.Name(), CreatedAt: dateTime{Time: o.CreatedAt},
		UpdatedAt: dateTime{Time: o.UpdatedAt}, CancelledAt: optionalTime(o.CancelledAt), Edited: o.Edited,
		Test: o.Test, DisplayFinancialStatus: &o.FinancialStatus, DiscountCodes: o.DiscountCodes, s: s, o: o,
	}
	if o.CancelReason != "" {
		node.CancelReason = &o.CancelReason
	}
	if node.DiscountCodes == nil {
		node.DiscountCodes = []string{}
	}
	return node
}

// Customer is null for a guest.
func (n *orderNode) Customer() *customerNode { return n.s.customerNode(n.o.CustomerID) }

// CurrentTotalDiscountsSet is what all codes took off.
func (n *orderNode) CurrentTotalDiscountsSet() moneyBag {
	return bag(n.o.TotalDiscount, n.s.cfg.Currency)
}

// TotalPriceSet is what the buyer paid.
func (n *orderNode) TotalPriceSet() moneyBag {
	return bag(string(decimal(n.o.Subtotal).minus(decimal(n.o.TotalDiscount))), n.s.cfg.Currency)
}

// DiscountApplications lists how each code took effect.
func (n *orderNode) DiscountApplications(args pageArgs) (*connection[*applicationNode], error) {
	list := ordered{ids: make([]int64, len(n.o.Applications))}
	for i := range list.ids {
		list.ids[i] = int64(i)
	}
	return paged(list, args, func(i int64) *applicationNode {
		return &applicationNode{index: int32(i), a: n.o.Applications[i], currency: n.s.cfg.Currency}
	})
}

// Refunds lists what was given back of the order.
func (n *orderNode) Refunds(args struct{ First graphql.NullInt }) []*refundNode {
	list := make([]*refundNode, 0, len(n.o.Refunds))
	for _, r := range n.o.Refunds {
		if args.First.Value != nil && len(list) >= int(*args.First.Value) {
			break
		}
		node := &refundNode{ID: graphql.ID(gid("Refund", r.ID)), CreatedAt: optionalTime(&r.At),
			TotalRefundedSet: bag(r.Amount, n.s.cfg.Currency)}
		if r.Note != "" {
			node.Note = &r.Note
		}
		list = append(list, node)
	}
	return list
}

type refundNode struct {
	ID               graphql.ID
	CreatedAt        *dateTime
	Note             *string
	TotalRefundedSet moneyBag
}

// applicationNode is a DiscountApplication: by a code, or made by hand.
type applicationNode struct {
	index    int32
	a        Application
	currency string
}

type codeApplicationNode struct {
	*applicationNode
	Code string
}

type titledApplicationNode struct {
	*applicationNode
	Title       string
	Description *string
}

// Index is the place in the order.
func (a *applicationNode) Index() int32 { return a.index }

// Value is what was taken off.
func (a *applicationNode) Value() pricingUnion { return pricingUnion{a} }

func (a *applicationNode) ToDiscountCodeApplication() (*codeApplicationNode, bool) {
	return &codeApplicationNode{a, a.a.Code}, a.a.Kind == ""
}

func (a *applicationNode) ToAutomaticDiscountApplication() (*titledApplicationNode, bool) {
	return nil, false
}

func (a *applicationNode) ToManualDiscountApplication() (*titledApplicationNode, bool) {
	return &titledApplicationNode{applicationNode: a, Title: a.a.Code}, a.a.Kind == applicationManual
}

func (a *applicationNode) ToScriptDiscountApplication() (*titledApplicationNode, bool) {
	return nil, false
}

type pricingUnion struct{ a *applicationNode }

func (u pricingUnion) ToMoneyV2() (*moneyNode, bool) {
	m := money(u.a.a.Amount, u.a.currency)
	return &m, true
}

func (u pricingUnion) ToPricingPercentageValue() (*percentageNode, bool) { return nil, false }
