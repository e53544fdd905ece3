package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

type moneyNode struct {
	Amount       decimalValue
	CurrencyCode string
}

func money(amount, currency string) moneyNode {
	return moneyNode{Amount: decimalValue{value: decimal(amount)}, CurrencyCode: currency}
}

// moneyBag shows one amount in both currencies: the store sells in its own only.
type moneyBag struct {
	ShopMoney        moneyNode
	PresentmentMoney moneyNode
}

func bag(amount, currency string) moneyBag {
	return moneyBag{ShopMoney: money(amount, currency), PresentmentMoney: money(amount, currency)}
}

// Context tells who may use the code.
func (b *basicNode) Context() contextUnion { return contextUnion{b} }

type contextUnion struct{ b *basicNode }

type everybodyNode struct{ All string }

type boundNode struct{ Customers []*customerNode }

type segmentsNode struct{ Segments []segmentNode }

type segmentNode struct{ ID graphql.ID }

type marketsNode struct{ MarketsCount int32 }

func (u contextUnion) ToDiscountBuyerSelectionAll() (*everybodyNode, bool) {
	return &everybodyNode{All: "ALL"}, len(u.b.n.d.CustomerIDs)+len(u.b.n.d.Segments) == 0
}

func (u contextUnion) ToDiscountCustomers() (*boundNode, bool) {
	ids := u.b.n.d.CustomerIDs
	if len(ids) == 0 {
		return nil, false
	}
	bound := boundNode{Customers: make([]*customerNode, 0, len(ids))}
	for _, id := range ids {
		if c := u.b.n.s.customerNode(id); c != nil {
			bound.Customers = append(bound.Customers, c)
		}
	}
	return &bound, true
}

func (u contextUnion) ToDiscountCustomerSegments() (*segmentsNode, bool) {
	var list segmentsNode
	for _, id := range u.b.n.d.Segments {
		list.Segments = append(list.Segments, segmentNode{graphql.ID(id)})
	}
	return &list, len(list.Segments) > 0
}

func (u contextUnion) ToDiscountMarkets() (*marketsNode, bool) { return nil, false }

type customerGetsNode struct {
	AppliesOnOneTimePurchase bool
	AppliesOnSubscription    bool
	d                        *Discount
	s                        *Server
}

// CustomerGets tells what the code gives.
func (b *basicNode) CustomerGets() customerGetsNode {
	return customerGetsNode{AppliesOnOneTimePurchase: true, d: b.n.d, s: b.n.s}
}

type itemsUnion struct {
	d *Discount
	s *Server
}

type allItemsNode struct{ AllItems bool }

type idNode struct{ ID graphql.ID }

type productsNode struct {
	gids []string
	s    *Server
}

type collectionsNode struct{ gids []string }

// Items is what the value is taken off: everything in the cart, or some of it.
func (c customerGetsNode) Items() itemsUnion { return itemsUnion{c.d, c.s} }

func (u itemsUnion) ToAllDiscountItems() (*allItemsNode, bool) {
	return &allItemsNode{AllItems: true}, len(u.d.Products) == 0 && len(u.d.Collections) == 0
}

func (u itemsUnion) ToDiscountProducts() (*productsNode, bool) {
	return &productsNode{u.d.Products, u.s}, len(u.d.Products) > 0
}

func (u itemsUnion) ToDiscountCollections() (*collectionsNode, bool) {
	return &collectionsNode{u.d.Collections}, len(u.d.Collections) > 0
}

// Products answers the products that the value is taken off.
func (n *productsNode) Products(args pageArgs) (*connection[*productNode], error) {
	return pageOfGIDs("Product", n.gids, args, func(id graphql.ID) *productNode { return &productNode{id, n.s} })
}

// Collections answers the collections that the value is taken off.
func (n *collectionsNode) Collections(args pageArgs) (*connection[idNode], error) {
	return pageOfGIDs("Collection", n.gids, args, func(id graphql.ID) idNode { return idNode{id} })
}

func pageOfGIDs[T any](kind string, gids []string, args pageArgs, node func(graphql.ID) T) (*connection[T], error) {
	list := ordered{}
	for _, text := range gids {
		if n, ok := parseGID(kind, text); ok {
			list.ids = append(list.ids, n)
		}
	}
	return paged(list, args, func(id int64) T { return node(graphql.ID(gid(kind, id))) })
}

type valueUnion struct{ d *Discount }

// Value is a fixed amount or a share.
func (c customerGetsNode) Value() valueUnion { return valueUnion{c.d} }

type amountNode struct {
	Amount            moneyNode
	AppliesOnEachItem bool
}

type percentageNode struct{ Percentage float64 }

type onQuantityNode struct{ Quantity quantityNode }

type quantityNode struct{ Quantity unsigned }

func (u valueUnion) ToDiscountAmount() (*amountNode, bool) {
	return &amountNode{Amount: money(u.d.Amount, u.d.Currency), AppliesOnEachItem: u.d.AppliesOnEachItem},
		u.d.Amount != ""
}

func (u valueUnion) ToDiscountPercentage() (*percentageNode, bool) {
	return &percentageNode{Percentage: u.d.Percentage}, u.d.Amount == ""
}

func (u valueUnion) ToDiscountOnQuantity() (*onQuantityNode, bool) { return nil, false }

type minimumUnion struct{ d *Discount }

// MinimumRequirement is null when the code has none.
func (b *basicNode) MinimumRequirement() *minimumUnion {
	if b.n.d.MinimumSubtotal == "" && b.n.d.MinimumQuantity == "" {
		return nil
	}
	return &minimumUnion{b.n.d}
}

type minimumSubtotalNode struct{ GreaterThanOrEqualToSubtotal moneyNode }

type minimumQuantityNode struct{ GreaterThanOrEqualToQuantity unsigned }

func (u *minimumUnion) ToDiscountMinimumSubtotal() (*minimumSubtotalNode, bool) {
	return &minimumSubtotalNode{money(u.d.MinimumSubtotal, u.d.Currency)}, u.d.MinimumSubtotal != ""
}

func (u *minimumUnion) ToDiscountMinimumQuantity() (*minimumQuantityNode, bool) {
	return &minimumQuantityNode{unsigned{text: u.d.MinimumQuantity}}, u.d.MinimumSubtotal == ""
}
