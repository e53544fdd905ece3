package shopify

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// event is something that subscribers of a topic hear of. The topic is the enum's ("ORDERS_CREATE"); the body is only
// made when somebody listens.
type event struct {
	topic string
	body  func() map[string]any
}

// announce gives the webhooks that a commit causes, as further records of the same commit, so that none is forgotten by
// a crash. All of one commit share an event id. The caller holds the lock; the state is still the one before.
func (s *Server) announce(kind string, records []record) []record {
	if len(s.state.subscriptions) == 0 {
		return nil
	}
	var events []event
	for _, r := range records {
		events = append(events, s.events(kind, r)...)
	}
	return s.owe(events)
}

// events is what one record is to the outside. That a code was redeemed is no change of the discount: the order tells
// it.
func (s *Server) events(kind string, r record) []event {
	switch {
	case r.Order != nil:
		return s.orderEvents(r.Order)
	case r.DroppedOrder != 0:
		return []event{{"ORDERS_DELETE", func() map[string]any { return map[string]any{"id": r.DroppedOrder} }}}
	case r.Discount != nil && kind != changeCreated && kind != changeUsed:
		return []event{{"DISCOUNTS_UPDATE", func() map[string]any { return s.discountBody(r.Discount) }}}
	case r.Deleted != 0:
		return []event{{"DISCOUNTS_DELETE", func() map[string]any {
			return map[string]any{"admin_graphql_api_id": gid("DiscountCodeNode", r.Deleted),
				"deleted_at": s.rest(s.cfg.Clock())}
		}}}
	case r.Customer != nil && s.state.customers[r.Customer.ID] != nil:
		return []event{{"CUSTOMERS_UPDATE", func() map[string]any { return s.customerBody(r.Customer) }}}
	case r.Gone != nil:
		return []event{goneEvent(*r.Gone)}
	default:
		return nil
	}
}

// orderEvents compares an order with what it was.
func (s *Server) orderEvents(o *Order) []event {
	body := func() map[string]any { return s.orderBody(o) }
	old := s.state.orders[o.ID]
	if old == nil {
		return []event{{"ORDERS_CREATE", body}, {"ORDERS_PAID", body}}
	}
	events := []event{{"ORDERS_UPDATED", body}}
	if old.CancelledAt == nil && o.CancelledAt != nil {
		events = append(events, event{"ORDERS_CANCELLED", body})
	}
	if len(old.DiscountCodes) != len(o.DiscountCodes) {
		events = append(events, event{"ORDERS_EDITED", func() map[string]any { return s.editBody(o) }})
	}
	for _, refund := range o.Refunds[len(old.Refunds):] {
		events = append(events, event{"REFUNDS_CREATE", func() map[string]any { return s.refundBody(o, refund) }})
	}
	return events
}

func goneEvent(g goneCustomer) event {
	if g.Kept == 0 {
		return event{"CUSTOMERS_DELETE", func() map[string]any {
			return map[string]any{"id": g.ID, "admin_graphql_api_id": gid("Customer", g.ID)}
		}}
	}
	return event{"CUSTOMERS_MERGE", func() map[string]any {
		return map[string]any{
			"admin_graphql_api_customer_kept_id":    gid("Customer", g.Kept),
			"admin_graphql_api_customer_deleted_id": gid("Customer", g.ID), "admin_graphql_api_job_id": nil,
			"status": "completed", "errors": []any{},
		}
	}}
}

// owe makes a delivery of each event for each subscription to its topic.
func (s *Server) owe(events []event) []record {
	var records []record
	id := uuid.NewString()
	for _, e := range events {
		var body map[string]any
		for _, sub := range s.subscribers(e.topic) {
			if body == nil {
				body = e.body()
			}
			d := s.delivery(headerTopic(e.topic), sub.URI, thin(body, sub.IncludeFields), id, len(records))
			d.Subscription = sub.ID
			records = append(records, record{Delivery: &d})
		}
	}
	return records
}

// delivery is a new one, as the switches will have it. ahead is how many of the same commit come before it.
func (s *Server) delivery(topic, uri string, body map[string]any, eventID string, ahead int) Delivery {
	now := s.cfg.Clock()
	raw, _ := json.Marshal(body) // texts, numbers, lists and objects of these: it cannot fail
	d := Delivery{N: s.state.outbox.last + 1 + int64(ahead), State: Waiting, Topic: topic, URI: uri,
		WebhookID: uuid.NewString(), EventID: eventID, TriggeredAt: now, Body: string(raw), NotBefore: now, Copies: 1}
	w := s.state.outbox.switches
	if len(w.Topics) > 0 && !slices.Contains(w.Topics, topic) {
		return d
	}
	if w.Twice {
		d.Copies = 2
	}
	switch {
	case w.Lost:
		d.State = Lost
	case w.Late && w.LateFor > 0:
		d.NotBefore = now.Add(w.LateFor)
	case w.Late:
		d.State = Held
	}
	return d
}

// subscribers are the subscriptions to a topic, oldest first.
func (s *Server) subscribers(topic string) []*Subscription {
	list := slices.Collect(maps.Values(s.state.subscriptions))
	list = slices.DeleteFunc(list, func(sub *Subscription) bool { return sub.Topic != topic })
	slices.SortFunc(list, func(a, b *Subscription) int { return int(a.ID - b.ID) })
	return list
}

// thin leaves only the fields that a subscription asked for; all when it asked for none.
func thin(body map[string]any, fields []string) map[string]any {
	if len(fields) == 0 {
		return body
	}
	kept := map[string]any{}
	for _, field := range fields {
		if value, ok := body[field]; ok {
			kept[field] = value
		}
	}
	return kept
}

// headerTopic writes the enum's topic as the header has it: "ORDERS_CREATE" is "orders/create".
func headerTopic(topic string) string {
	resource, act, _ := strings.Cut(strings.ToLower(topic), "_")
	return resource + "/" + act
}

// rest writes a time as the payloads have it: in the shop's zone, to the second.
func (s *Server) rest(at time.Time) string { return at.In(s.zone).Format(time.RFC3339) }
