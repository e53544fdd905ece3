package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

// discountNode serves DiscountCodeNode and DiscountNode; it shows the record that was current when it was made. d is
// nil for an automatic discount, of which only id and metafields are shown.
type discountNode struct {
	ID     graphql.ID
	s      *Server
	d      *Discount
	status string
	uses   int32
}

// discountNode is nil for nil. The caller holds the lock.
func (s *Server) discountNode(d *Discount) *discountNode {
	if d == nil {
		return nil
	}
	now := s.cfg.Clock()
	return &discountNode{ID: graphql.ID(d.GID()), s: s, d: d, status: statusAt(d, now),
		uses: int32(s.reportedUses(d, now))}
}

// CodeDiscount answers DiscountCodeNode.codeDiscount.
func (n *discountNode) CodeDiscount() discountUnion { return discountUnion{n} }

// Discount answers DiscountNode.discount.
func (n *discountNode) Discount() discountUnion { return discountUnion{n} }

type metafieldArgs struct {
	Namespace graphql.NullString
	Key       string
}

// Metafield answers the node's own metafields.
func (n *discountNode) Metafield(args metafieldArgs) *metafieldNode {
	return n.s.metafieldNode(string(n.ID), args)
}

// discountUnion is a DiscountCode or Discount: here always the basic kind.
type discountUnion struct{ n *discountNode }

// otherDiscount stands for the kinds of discount that this store has none of; what they are asked is the same.
type otherDiscount = basicNode

func (u discountUnion) ToDiscountCodeBasic() (*basicNode, bool) {
	if u.n.d == nil {
		return nil, false
	}
	return newBasicNode(u.n), true
}
func (u discountUnion) ToDiscountCodeApp() (*otherDiscount, bool)          { return nil, false }
func (u discountUnion) ToDiscountCodeBxgy() (*otherDiscount, bool)         { return nil, false }
func (u discountUnion) ToDiscountCodeFreeShipping() (*otherDiscount, bool) { return nil, false }

type basicNode struct {
	Title                  string
	Status                 string
	CreatedAt              dateTime
	UpdatedAt              dateTime
	StartsAt               dateTime
	EndsAt                 *dateTime
	UsageLimit             *int32
	AppliesOncePerCustomer bool
	AsyncUsageCount        int32
	Tags                   []string
	CombinesWith           combinesNode
	n                      *discountNode
}

type combinesNode struct {
	OrderDiscounts    bool
	ProductDiscounts  bool
	ShippingDiscounts bool
}

func newBasicNode(n *discountNode) *basicNode {
	d := n.d
	return &basicNode{
		Title: d.Title, Status: n.status, CreatedAt: dateTime{Time: d.CreatedAt},
		UpdatedAt: dateTime{Time: d.UpdatedAt}, StartsAt: dateTime{Time: d.StartsAt}, EndsAt: optionalTime(d.EndsAt),
		UsageLimit: d.UsageLimit, AppliesOncePerCustomer: d.AppliesOncePerCustomer, AsyncUsageCount: n.uses,
		Tags: d.Tags, CombinesWith: combinesNode{d.Combines.Order, d.Combines.Product, d.Combines.Shipping}, n: n,
	}
}

// DiscountClasses is ORDER for what is taken off all items at once, and PRODUCT for what is taken off some, or off each.
func (b *basicNode) DiscountClasses() []string {
	if b.n.d.AppliesOnEachItem || len(b.n.d.Products)+len(b.n.d.Collections) > 0 {
		return []string{"PRODUCT"}
	}
	return []string{"ORDER"}
}

type redeemCodeNode struct {
	ID              graphql.ID
	Code            string
	AsyncUsageCount int32
	CreatedBy       *appNode
}

type appNode struct {
	ID    graphql.ID
	Title string
}

type codesArgs struct {
	pageArgs
	Reverse graphql.NullBool
	SortKey enum
}

// Codes answers with the discount's codes; a discount that is not made in bulk has one.
func (b *basicNode) Codes(args codesArgs) (*connection[redeemCodeNode], error) {
	n := b.n
	n.s.state.mu.RLock()
	all := n.s.codesOf(n.d)
	n.s.state.mu.RUnlock()
	list, text := ordered{reverse: isTrue(args.Reverse)}, make(map[int64]string, len(all))
	for _, c := range all {
		list.ids = append(list.ids, c.ID)
		text[c.ID] = c.Code
	}
	if list.reverse || args.SortKey != "ID" {
		list.sort()
	}
	return paged(list, args.pageArgs, func(id int64) redeemCodeNode {
		uses := n.uses
		if len(all) > 1 {
			uses = int32(n.s.usesOfLocked(n.d, text[id]))
		}
		return redeemCodeNode{
			ID: graphql.ID(gid("DiscountRedeemCode", id)), Code: text[id], AsyncUsageCount: uses,
			CreatedBy: &appNode{ID: graphql.ID(gid("App", n.s.cfg.AppID)), Title: "Pointbridge"},
		}
	})
}

// CodesCount is how many codes it has.
func (b *basicNode) CodesCount() *countNode {
	b.n.s.state.mu.RLock()
	defer b.n.s.state.mu.RUnlock()
	return &countNode{Count: int32(1 + len(b.n.s.state.redeem[b.n.d.ID])), Precision: "EXACT"}
}

type shareableNode struct {
	Title string
	URL   link
}

// ShareableUrls is the link that puts the code on a visitor's cart.
func (b *basicNode) ShareableUrls() []shareableNode {
	return []shareableNode{{Title: b.Title, URL: link("https://" + b.n.s.cfg.Shop + "/discount/" + b.n.d.Code)}}
}
