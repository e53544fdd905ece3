package shopify

import (
	"slices"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"
)

// queries are the root fields that read.
type queries struct{ s *Server }

type shopNode struct {
	ID              graphql.ID
	Name            string
	CurrencyCode    string
	IanaTimezone    string
	MyshopifyDomain string
	Plan            planNode
}

type planNode struct {
	PublicDisplayName string
	ShopifyPlus       bool
}

type installationNode struct {
	ID           graphql.ID
	AccessScopes []scopeNode
}

type scopeNode struct{ Handle string }

// CurrentAppInstallation answers QueryRoot.currentAppInstallation: what the app was granted, which needs no scope to be
// read.
func (q queries) CurrentAppInstallation() installationNode {
	node := installationNode{ID: graphql.ID(gid("AppInstallation", q.s.cfg.AppID)), AccessScopes: []scopeNode{}}
	for _, scope := range strings.Split(q.s.scopes(), ",") {
		node.AccessScopes = append(node.AccessScopes, scopeNode{Handle: strings.TrimSpace(scope)})
	}
	return node
}

// Shop answers QueryRoot.shop.
func (q queries) Shop() shopNode {
	return shopNode{ID: graphql.ID(gid("Shop", shopID)), Name: q.s.cfg.Name, CurrencyCode: q.s.currency(),
		IanaTimezone: q.s.cfg.Timezone, MyshopifyDomain: q.s.cfg.Shop, Plan: q.s.plan()}
}

func (s *Server) plan() planNode {
	if s.plus.Load() {
		return planNode{PublicDisplayName: "Shopify Plus", ShopifyPlus: true}
	}
	return planNode{PublicDisplayName: "Basic"}
}

// Customer answers QueryRoot.customer.
func (q queries) Customer(args struct{ ID graphql.ID }) *customerNode {
	return q.s.customerNode(string(args.ID))
}

type identifierArgs struct {
	Identifier struct {
		ID           *graphql.ID
		EmailAddress graphql.NullString
	}
}

// CustomerByIdentifier answers QueryRoot.customerByIdentifier. An address is found without regard to case.
func (q queries) CustomerByIdentifier(args identifierArgs) *customerNode {
	if args.Identifier.ID != nil {
		return q.s.customerNode(string(*args.Identifier.ID))
	}
	if args.Identifier.EmailAddress.Value == nil {
		return nil
	}
	return q.s.customerNode(q.s.customerWithEmail(*args.Identifier.EmailAddress.Value))
}

type customersArgs struct {
	pageArgs
	Query graphql.NullString
}

// Customers searches the index. Mail addresses and phone numbers are found by their parts too.
func (q queries) Customers(args customersArgs) (*connection[*customerNode], error) {
	s := q.s
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	filter := parseSearch(textOf(args.Query))
	var list ordered
	for id, c := range s.state.customers {
		if filter.matches(customerTerm(c)) {
			list.ids = append(list.ids, id)
		}
	}
	list.sort()
	return paged(list, args.pageArgs, func(id int64) *customerNode { return s.nodeOf(s.state.customers[id]) })
}

// CodeDiscountNodeByCode answers at once, without regard to case.
func (q queries) CodeDiscountNodeByCode(args struct{ Code string }) *discountNode {
	q.s.state.mu.RLock()
	defer q.s.state.mu.RUnlock()
	return q.s.discountNode(q.s.discountByCode(args.Code))
}

// DiscountNode answers QueryRoot.discountNode.
func (q queries) DiscountNode(args struct{ ID graphql.ID }) *discountNode {
	q.s.state.mu.RLock()
	defer q.s.state.mu.RUnlock()
	if n, ok := parseGID(automaticKind, string(args.ID)); ok {
		return q.s.automaticNode(q.s.state.automatics[n])
	}
	return q.s.discountNode(q.s.discountByGID(string(args.ID)))
}

type discountNodesArgs struct {
	pageArgs
	Query   graphql.NullString
	SortKey enum
}

// DiscountNodes searches the index, which may lag.
func (q queries) DiscountNodes(args discountNodesArgs) (*connection[*discountNode], error) {
	s := q.s
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	list := ordered{ids: slices.Concat(s.searchAutomatics(textOf(args.Query)), s.searchDiscounts(textOf(args.Query)))}
	if args.SortKey == "TITLE" {
		list.text = s.titleOf
	}
	list.sort()
	return paged(list, args.pageArgs, func(id int64) *discountNode {
		if a := s.state.automatics[id]; a != nil {
			return s.automaticNode(a)
		}
		return s.discountNode(s.state.discounts[id])
	})
}

// titleOf is what a discount is called. The caller holds the lock.
func (s *Server) titleOf(id int64) string {
	if a := s.state.automatics[id]; a != nil {
		return a.Title
	}
	return s.state.discounts[id].Title
}

type countArgs struct {
	Limit graphql.NullInt
	Query graphql.NullString
}

type countNode struct {
	Count     int32
	Precision string
}

// DiscountCodesCount counts to 10,000 unless the limit says otherwise; null counts all.
func (q queries) DiscountCodesCount(args countArgs) *countNode {
	s := q.s
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	n := int32(len(s.searchDiscounts(textOf(args.Query))))
	if args.Limit.Value != nil && n > *args.Limit.Value {
		return &countNode{Count: *args.Limit.Value, Precision: "AT_LEAST"}
	}
	return &countNode{Count: n, Precision: "EXACT"}
}

// searchDiscounts is what the search index shows. The caller holds the lock.
func (s *Server) searchDiscounts(text string) []int64 {
	filter, now := parseSearch(text), s.cfg.Clock()
	var found []int64
	for _, id := range s.state.discountIDs {
		d := s.state.discounts[id]
		if s.searchLag > 0 && now.Before(d.CreatedAt.Add(s.searchLag)) {
			continue
		}
		if filter.matches(s.discountTerm(d, now)) {
			found = append(found, id)
		}
	}
	return found
}

// ordersShown is how far back an app sees orders unless it was granted more.
const ordersShown = 60 * 24 * time.Hour

// shownOrder is nil for an order that does not exist, or not for this app: the vendor makes no difference. The caller
// holds the lock.
func (s *Server) shownOrder(id int64) *Order {
	o := s.state.orders[id]
	if o == nil || !s.readsAll.Load() && o.CreatedAt.Before(s.cfg.Clock().Add(-ordersShown)) {
		return nil
	}
	return o
}

// Order answers QueryRoot.order.
func (q queries) Order(args struct{ ID graphql.ID }) (*orderNode, error) {
	s := q.s
	if err := s.protection().orders(); err != nil {
		return nil, err
	}
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	n, _ := parseGID("Order", string(args.ID))
	return s.orderNode(s.shownOrder(n)), nil
}

type ordersArgs struct {
	pageArgs
	Query   graphql.NullString
	SortKey enum
	Reverse graphql.NullBool
}

// Orders answers QueryRoot.orders.
func (q queries) Orders(args ordersArgs) (*connection[*orderNode], error) {
	if err := q.s.protection().orders(); err != nil {
		return nil, err
	}
	q.s.state.mu.RLock()
	defer q.s.state.mu.RUnlock()
	return q.s.findOrders(q.s.state.orderIDs, args)
}

// findOrders filters, sorts and pages orders. The caller holds the lock.
func (s *Server) findOrders(among []int64, args ordersArgs) (*connection[*orderNode], error) {
	filter, now := parseSearch(textOf(args.Query)), s.cfg.Clock()
	list := ordered{reverse: isTrue(args.Reverse)}
	for _, id := range among {
		if s.shownOrder(id) != nil && filter.matches(s.orderTerm(s.state.orders[id], now)) {
			list.ids = append(list.ids, id)
		}
	}
	switch args.SortKey {
	case "UPDATED_AT":
		list.key = func(id int64) int64 { return s.state.orders[id].UpdatedAt.Unix() }
	case "CREATED_AT", "PROCESSED_AT":
		list.key = func(id int64) int64 { return s.state.orders[id].CreatedAt.Unix() }
	}
	list.sort()
	return paged(list, args.pageArgs, func(id int64) *orderNode { return s.orderNode(s.state.orders[id]) })
}

type definitionsArgs struct {
	pageArgs
	OwnerType enum
	Namespace graphql.NullString
	Key       graphql.NullString
}

// MetafieldDefinitions answers QueryRoot.metafieldDefinitions.
func (q queries) MetafieldDefinitions(args definitionsArgs) (*connection[*definitionNode], error) {
	found := map[int64]*Definition{}
	var list ordered
	for _, d := range q.s.Definitions() {
		if d.OwnerType != string(args.OwnerType) ||
			(args.Namespace.Value != nil && d.Namespace != q.s.resolveNamespace(*args.Namespace.Value)) ||
			(args.Key.Value != nil && d.Key != *args.Key.Value) {
			continue
		}
		found[d.ID] = &d
		list.ids = append(list.ids, d.ID)
	}
	return paged(list, args.pageArgs, func(id int64) *definitionNode { return newDefinitionNode(found[id]) })
}

type subscriptionsArgs struct {
	pageArgs
	Topics *[]string
}

// WebhookSubscriptions answers QueryRoot.webhookSubscriptions.
func (q queries) WebhookSubscriptions(args subscriptionsArgs) (*connection[*subscriptionNode], error) {
	found := map[int64]*Subscription{}
	var list ordered
	for _, sub := range q.s.Subscriptions() {
		if args.Topics == nil || slices.Contains(*args.Topics, sub.Topic) {
			found[sub.ID] = &sub
			list.ids = append(list.ids, sub.ID)
		}
	}
	return paged(list, args.pageArgs, func(id int64) *subscriptionNode { return newSubscriptionNode(found[id]) })
}
