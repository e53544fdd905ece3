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

// DiscountClasses is ORDER: an amount over all items that is not taken off each of them.
func (b *basicNode) DiscountClasses() []string {
	if b.n.d.AppliesOnEachItem {
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

// Codes answers with the discount's one code.
func (b *basicNode) Codes(args pageArgs) (*connection[redeemCodeNode], error) {
	n := b.n
	return paged(ordered{ids: []int64{n.d.CodeID}}, args, func(id int64) redeemCodeNode {
		return redeemCodeNode{
			ID: graphql.ID(gid("DiscountRedeemCode", id)), Code: n.d.Code, AsyncUsageCount: n.uses,
			CreatedBy: &appNode{ID: graphql.ID(gid("App", n.s.cfg.AppID)), Title: "Pointbridge"},
		}
	})
}

// CodesCount is one: a discount has one code here.
func (b *basicNode) CodesCount() *countNode { return &countNode{Count: 1, Precision: "EXACT"} }

type shareableNode struct {
	Title string
	URL   link
}

// ShareableUrls is the link that puts the code on a visitor's cart.
func (b *basicNode) ShareableUrls() []shareableNode {
	return []shareableNode{{Title: b.Title, URL: link("https://" + b.n.s.cfg.Shop + "/discount/" + b.n.d.Code)}}
}
