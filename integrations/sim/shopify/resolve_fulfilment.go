package shopify

import (
	"context"

	graphql "github.com/graph-gophers/graphql-go"
)

type fulfilmentNode struct {
	ID               graphql.ID
	Status           string
	SupportedActions []actionNode
	FulfillmentHolds []*holdNode
}

type actionNode struct{ Action string }

type holdNode struct {
	ID                  graphql.ID
	Handle              *string
	HeldByRequestingApp bool
	Reason              string
	ReasonNotes         *string
}

func newHoldNode(h *Hold) *holdNode {
	if h == nil {
		return nil
	}
	node := &holdNode{ID: graphql.ID(gid("FulfillmentHold", h.ID)), HeldByRequestingApp: !h.ByHand, Reason: h.Reason}
	if h.Handle != "" {
		node.Handle = &h.Handle
	}
	if h.Notes != "" {
		node.ReasonNotes = &h.Notes
	}
	return node
}

func newFulfilmentNode(o *Order, f Fulfilment) *fulfilmentNode {
	node := &fulfilmentNode{ID: graphql.ID(gid("FulfillmentOrder", f.ID)), Status: f.status(o),
		SupportedActions: []actionNode{}, FulfillmentHolds: []*holdNode{}}
	for _, action := range actionsOf(node.Status) {
		node.SupportedActions = append(node.SupportedActions, actionNode{action})
	}
	for i := range f.Holds {
		node.FulfillmentHolds = append(node.FulfillmentHolds, newHoldNode(&f.Holds[i]))
	}
	return node
}

// FulfillmentOrders are the parts in which the order is sent, for an app that may see them.
func (n *orderNode) FulfillmentOrders(args pageArgs) (*connection[*fulfilmentNode], error) {
	if !n.s.mayHold() {
		return nil, accessDenied("fulfillmentOrders")
	}
	parts := n.o.Parts()
	list := ordered{ids: make([]int64, len(parts))}
	for i := range parts {
		list.ids[i] = int64(i)
	}
	return paged(list, args, func(i int64) *fulfilmentNode { return newFulfilmentNode(n.o, parts[i]) })
}

type holdArgs struct {
	ID              graphql.ID
	FulfillmentHold holdInput
}

// FulfillmentOrderHold holds a part of an order.
func (m mutations) FulfillmentOrderHold(ctx context.Context, args holdArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		placed, refused, err := m.s.holdPart(string(args.ID), args.FulfillmentHold)
		p.FulfillmentHold, p.UserErrors = newHoldNode(placed), refused
		return err
	})
}

type releaseArgs struct {
	ID      graphql.ID
	HoldIDs *[]graphql.ID
}

// FulfillmentOrderReleaseHold takes holds off a part of an order.
func (m mutations) FulfillmentOrderReleaseHold(ctx context.Context, args releaseArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) (err error) {
		p.UserErrors, err = m.s.releasePart(string(args.ID), args.HoldIDs)
		if err == nil && p.UserErrors == nil {
			p.FulfillmentOrder = m.s.partNode(string(args.ID))
		}
		return err
	})
}

func (s *Server) partNode(id string) *fulfilmentNode {
	n, _ := parseGID("FulfillmentOrder", id)
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	if o := s.state.orders[n/mostParts]; o != nil {
		for _, f := range o.Parts() {
			if f.ID == n {
				return newFulfilmentNode(o, f)
			}
		}
	}
	return nil
}
