package shopify

import (
	"context"
	"errors"
	"slices"

	"pointbridge/domain"
)

// ScopeHold is the scope that holds on the fulfilment take, to read what there is to hold as well. The access notes of
// fulfillmentOrderHold and fulfillmentOrderReleaseHold in the schema of 2026-10 name it, or
// write_third_party_fulfillment_orders instead, and for a user's token the permission fulfill_and_ship_orders; no plan
// is named as a condition. With this one the parts are seen and held that the shop's own people send; those that a
// fulfilment service sends take the other, and are passed over without it.
const ScopeHold = "write_merchant_managed_fulfillment_orders"

// ScopeHoldOthers is the other one: with it the parts are seen and held that a fulfilment service sends.
const ScopeHoldOthers = "write_third_party_fulfillment_orders"

// Reasons for which an order is not held, for good.
const (
	// ReasonNothingToHold: it has no part that the app sees.
	ReasonNothingToHold = "nothing_to_hold"
	// ReasonNotHoldable: its parts are all sent, under way or cancelled.
	ReasonNotHoldable = "not_holdable"
)

// errTooManyParts is an order in more parts than one page has.
var errTooManyParts = errors.New("the order is fulfilled in more than 50 parts")

// HoldFulfilment holds every part of an order that can be held, under a handle of ours, so that nothing is sent before
// somebody has looked at it. It may be repeated: Shopify keeps a handle unique among an app's holds on one part, and a
// part that has it already is held. The note is for the shop's staff. Errors: KindNotFound when the order is gone;
// KindAuth with ReasonAccessDenied without the scope; KindRefused for good with ReasonNothingToHold, with
// ReasonNotHoldable, or with Shopify's own reason when no part could be held; else as CreateDiscount. An error other
// than a refusal can leave some parts held: a repetition holds the rest.
func (c *Client) HoldFulfilment(ctx context.Context, order, handle, note string) error {
	for again := true; ; again = false {
		moved, err := c.holdParts(ctx, order, handle, note)
		if !moved || !again {
			return err
		}
	}
}

// holdParts holds each part that can be held. Parts that were split, merged or moved since they were read are no more:
// moved tells that the order has to be read again, so that what became of them is held as well.
func (c *Client) holdParts(ctx context.Context, order, handle, note string) (moved bool, err error) {
	act := c.act("hold_fulfilment", "order")
	parts, err := act.fulfilmentOf(ctx, order)
	if err != nil {
		return false, err
	}
	if len(parts) == 0 {
		return false, act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: ReasonNothingToHold})
	}
	held, refused := 0, act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: ReasonNotHoldable})
	for i := range parts {
		if len(parts[i].ours(handle)) > 0 {
			held++
			continue
		}
		if !parts[i].may("HOLD") {
			continue
		}
		switch err := c.hold(ctx, parts[i].Id, handle, note); {
		case err == nil:
			held++
		case domain.KindOf(err) == domain.KindRefused:
			refused, moved = err, moved || partGone(err)
		default:
			return false, err
		}
	}
	if held > 0 {
		refused = nil
	}
	return moved, refused
}

// partGone tells that a part was refused because there is no such part.
func partGone(err error) bool {
	reason := domain.ReasonOf(err)
	return reason == "resource_not_found" || reason == "fulfillment_order_not_found"
}

// hold places one hold. The reason is the one that says least: HIGH_RISK_OF_FRAUD would accuse somebody.
func (c *Client) hold(ctx context.Context, part, handle, note string) error {
	act := c.act("hold_fulfilment", "fulfillmentOrderHold")
	input := FulfillmentOrderHoldInput{Reason: FulfillmentHoldReasonOther, Handle: &handle, NotifyMerchant: new(false)}
	if note != "" {
		input.ReasonNotes = &note
	}
	resp, err := fulfilmentHold(ctx, act, part, input)
	if err != nil {
		return err
	}
	payload := resp.FulfillmentOrderHold
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	switch {
	case len(problems) == 1 && codeOf(problems[0]) == "DUPLICATE_FULFILLMENT_HOLD_HANDLE":
		return nil
	case len(problems) > 0:
		return act.refused(problems)
	case payload.FulfillmentHold == nil:
		return act.nonsense("no hold and no error")
	}
	return nil
}

// ReleaseFulfilment takes the holds of ours under a handle off again, and leaves those of others, also those that
// somebody placed meanwhile. It may be repeated; an order without such holds is as it should be. Errors: KindNotFound
// when the order is gone, or too old for the app to see; KindAuth with ReasonAccessDenied without the scope; else as
// CreateDiscount.
func (c *Client) ReleaseFulfilment(ctx context.Context, order, handle string) error {
	parts, err := c.act("release_fulfilment", "order").fulfilmentOf(ctx, order)
	if err != nil {
		return err
	}
	var refused error
	for i := range parts {
		holds := parts[i].ours(handle)
		if len(holds) == 0 {
			continue
		}
		switch err := c.release(ctx, parts[i].Id, holds); {
		case domain.KindOf(err) == domain.KindRefused:
			refused = err // the others are released all the same
		case err != nil:
			return err
		}
	}
	return refused
}

func (c *Client) release(ctx context.Context, part string, holds []string) error {
	act := c.act("release_fulfilment", "fulfillmentOrderReleaseHold")
	resp, err := fulfilmentRelease(ctx, act, part, holds)
	if err != nil {
		return err
	}
	payload := resp.FulfillmentOrderReleaseHold
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	switch {
	case len(problems) == 1 && codeOf(problems[0]) == "FULFILLMENT_ORDER_NOT_FOUND":
		return nil // there is no such part any more, and no hold on it
	case len(problems) == 1 && codeOf(problems[0]) == "INVALID_ACCESS":
		return act.fail(&domain.UpstreamError{Kind: domain.KindAuth, Reason: domain.ReasonAccessDenied})
	case len(problems) > 0:
		return act.refused(problems)
	case payload.FulfillmentOrder == nil:
		return act.nonsense("no fulfilment and no error")
	}
	return nil
}

// fulfilmentOf reads the parts in which an order is fulfilled, those that are done among them.
func (c *call) fulfilmentOf(ctx context.Context, order string) ([]fulfilmentOrder, error) {
	resp, err := fulfilmentRead(ctx, c, order)
	switch {
	case err != nil:
		return nil, err
	case resp.Order == nil:
		return nil, c.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case resp.Order.FulfillmentOrders.PageInfo.HasNextPage:
		return nil, c.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "too_many_parts",
			Err: errTooManyParts})
	}
	return resp.Order.FulfillmentOrders.Nodes, nil
}

// ours are the ids of the holds that this app placed under a handle.
func (v *fulfilmentOrder) ours(handle string) (ids []string) {
	for _, h := range v.FulfillmentHolds {
		if h.HeldByRequestingApp && h.Handle != nil && *h.Handle == handle {
			ids = append(ids, h.Id)
		}
	}
	return ids
}

// may tells whether Shopify would take an act on the part now.
func (v *fulfilmentOrder) may(action string) bool {
	return slices.ContainsFunc(v.SupportedActions,
		func(a fulfilmentOrderSupportedActionsFulfillmentOrderSupportedAction) bool { return a.Action == action })
}
