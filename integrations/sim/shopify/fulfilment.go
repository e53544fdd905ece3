package shopify

import (
	"errors"
	"slices"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"
)

// How fulfilment orders and holds behave is as recorded at a live store (airhorns/shopify-draft-proxy at 1fba7c1,
// fixtures/conformance/harry-test-heelo.myshopify.com/2026-04/shipping-fulfillments, fulfillment-order-hold-validation,
// -release-hold-selective and -lifecycle): the actions of an open and of a held part, a handle that is taken, the tenth
// hold, an id that does not exist. Guesses are what a hold on a closed part and the release of somebody else's hold are
// answered with.

// States of a part of an order.
const (
	fulfilmentOpen   = "OPEN"
	fulfilmentOnHold = "ON_HOLD"
	fulfilmentClosed = "CLOSED"
)

// mostHolds is how many holds an app may have on one part.
const mostHolds = 10

// scopesOfHolds are the scopes of which one is needed.
var scopesOfHolds = []string{"write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders"}

// ErrFulfilled refuses what only an order that is not sent yet allows.
var ErrFulfilled = errors.New("the order is fulfilled, or cancelled")

// Fulfilment is one part in which an order is sent: a FulfillmentOrder.
type Fulfilment struct {
	ID    int64  `json:"id"`
	Done  bool   `json:"done,omitempty"`
	Holds []Hold `json:"holds,omitempty"`
}

// Hold keeps a part from being sent.
type Hold struct {
	ID     int64  `json:"id"`
	Handle string `json:"handle,omitempty"`
	Reason string `json:"reason"`
	Notes  string `json:"notes,omitempty"`
	// ByHand tells that the shop's staff, or another app, placed it.
	ByHand bool `json:"by_hand,omitempty"`
}

// Parts are the parts in which the order is sent: one, unless it was split.
func (o Order) Parts() []Fulfilment {
	if len(o.Fulfilment) > 0 {
		return o.Fulfilment
	}
	return []Fulfilment{{ID: o.ID * mostParts}}
}

// mostParts is how many parts an order has here at most: their ids are made of the order's.
const mostParts = 100

// status is how a part stands in its order.
func (f Fulfilment) status(o *Order) string {
	switch {
	case f.Done || o.CancelledAt != nil:
		return fulfilmentClosed
	case len(f.Holds) > 0:
		return fulfilmentOnHold
	}
	return fulfilmentOpen
}

func actionsOf(status string) []string {
	switch status {
	case fulfilmentOpen:
		return []string{"CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"}
	case fulfilmentOnHold:
		return []string{"RELEASE_HOLD", "HOLD", "MOVE"}
	}
	return nil
}

// Fulfil sends everything. Errors: ErrUnknownOrder, ErrFulfilled when there is nothing to send, or it is held.
func (s *Server) Fulfil(orderID string) error {
	return s.changeParts(orderID, func(o *Order, parts []Fulfilment) ([]Fulfilment, error) {
		for i := range parts {
			if parts[i].status(o) != fulfilmentOpen {
				return nil, ErrFulfilled
			}
			parts[i].Done = true
		}
		return parts, nil
	})
}

// Split adds a part, as a second warehouse that sends some of the goods. Errors as Fulfil.
func (s *Server) Split(orderID string) error {
	return s.changeParts(orderID, func(o *Order, parts []Fulfilment) ([]Fulfilment, error) {
		if parts[0].status(o) == fulfilmentClosed || len(parts) == mostParts {
			return nil, ErrFulfilled
		}
		return append(parts, Fulfilment{ID: o.ID*mostParts + int64(len(parts))}), nil
	})
}

// HoldByHand holds every part, as the shop's staff do in the admin. Errors as Fulfil.
func (s *Server) HoldByHand(orderID, notes string) error {
	return s.changeParts(orderID, func(o *Order, parts []Fulfilment) ([]Fulfilment, error) {
		for i := range parts {
			if parts[i].status(o) == fulfilmentClosed {
				return nil, ErrFulfilled
			}
			parts[i].Holds = append(slices.Clone(parts[i].Holds),
				Hold{ID: s.state.nextID(), Reason: "OTHER", Notes: notes, ByHand: true})
		}
		return parts, nil
	})
}

// ReleaseByHand takes every hold off, also the app's. Error: ErrUnknownOrder.
func (s *Server) ReleaseByHand(orderID string) error {
	return s.changeParts(orderID, func(_ *Order, parts []Fulfilment) ([]Fulfilment, error) {
		for i := range parts {
			parts[i].Holds = nil
		}
		return parts, nil
	})
}

// changeParts changes a copy of an order's parts.
func (s *Server) changeParts(orderID string, change func(*Order, []Fulfilment) ([]Fulfilment, error)) error {
	return s.changeOrder(orderID, func(o *Order, _ time.Time) (err error) {
		o.Fulfilment, err = change(o, slices.Clone(o.Parts()))
		return err
	})
}

type holdInput struct {
	Reason         enum
	ReasonNotes    graphql.NullString
	NotifyMerchant graphql.NullBool
	Handle         graphql.NullString
}

// holdPart places a hold of the app's.
func (s *Server) holdPart(id string, in holdInput) (*Hold, []userError, error) {
	var placed Hold
	refused, err := s.changePart("fulfillmentOrderHold", id, func(o *Order, f *Fulfilment) []userError {
		own := func(h Hold) bool { return !h.ByHand }
		handle := textOf(in.Handle)
		switch {
		case f.status(o) == fulfilmentClosed:
			return []userError{refusal("", "The fulfillment order is not in a holdable state.", "id")}
		case slices.ContainsFunc(f.Holds, func(h Hold) bool { return own(h) && h.Handle == handle }):
			return []userError{refusal("DUPLICATE_FULFILLMENT_HOLD_HANDLE", "The handle provided for the fulfillment "+
				"hold is already in use by this app for another hold on this fulfillment order.", "fulfillmentHold",
				"handle")}
		case len(slices.DeleteFunc(slices.Clone(f.Holds), func(h Hold) bool { return h.ByHand })) >= mostHolds:
			return []userError{refusal("FULFILLMENT_ORDER_HOLD_LIMIT_REACHED", "The maximum number of fulfillment holds "+
				"for this fulfillment order has been reached for this app. An app can only have up to 10 holds on a "+
				"single fulfillment order at any one time.", "id")}
		}
		placed = Hold{ID: s.state.nextID(), Handle: handle, Reason: string(in.Reason), Notes: textOf(in.ReasonNotes)}
		f.Holds = append(slices.Clone(f.Holds), placed)
		return nil
	})
	if err != nil || refused != nil {
		return nil, refused, err
	}
	return &placed, nil, nil
}

// releasePart takes holds off a part; without ids all of them.
func (s *Server) releasePart(id string, holds *[]graphql.ID) ([]userError, error) {
	return s.changePart("fulfillmentOrderReleaseHold", id, func(_ *Order, f *Fulfilment) []userError {
		var kept []Hold
		for _, h := range f.Holds {
			switch {
			case holds != nil && !slices.Contains(*holds, graphql.ID(gid("FulfillmentHold", h.ID))):
				kept = append(kept, h)
			case h.ByHand && holds != nil:
				return []userError{refusal("INVALID_ACCESS", "The app doesn't have access to release the fulfillment hold.",
					"holdIds")}
			}
		}
		f.Holds = kept
		return nil
	})
}

// changePart changes one part, by its gid, for an app that may.
func (s *Server) changePart(field, id string, change func(*Order, *Fulfilment) []userError) ([]userError, error) {
	if !s.mayHold() {
		return nil, accessDenied(field)
	}
	n, _ := parseGID("FulfillmentOrder", id)
	var refused []userError
	unknown := errors.New("no such part")
	err := s.changeParts(gid("Order", n/mostParts), func(o *Order, parts []Fulfilment) ([]Fulfilment, error) {
		i := slices.IndexFunc(parts, func(f Fulfilment) bool { return f.ID == n })
		if i < 0 {
			return nil, unknown
		}
		if refused = change(o, &parts[i]); refused != nil {
			return nil, ErrFulfilled
		}
		return parts, nil
	})
	switch {
	case refused != nil:
		return refused, nil
	case errors.Is(err, unknown), errors.Is(err, ErrUnknownOrder):
		return nil, &queryError{code: codeNotFound, message: "Invalid id: " + id}
	}
	return nil, err
}

// mayHold tells whether the app has one of the scopes.
func (s *Server) mayHold() bool {
	return slices.ContainsFunc(strings.Split(s.scopes(), ","), func(scope string) bool {
		return slices.Contains(scopesOfHolds, strings.TrimSpace(scope))
	})
}
