package webhooks

import "pointbridge/domain"

// Topic is Shopify's name for what happened.
type Topic string

// The topics that are understood.
const (
	OrdersCreate    Topic = "orders/create"
	OrdersUpdated   Topic = "orders/updated"
	OrdersEdited    Topic = "orders/edited"
	OrdersCancelled Topic = "orders/cancelled"
	OrdersDelete    Topic = "orders/delete"
	RefundsCreate   Topic = "refunds/create"
	DiscountsUpdate Topic = "discounts/update"
	DiscountsDelete Topic = "discounts/delete"
	CustomersUpdate Topic = "customers/update"
	CustomersMerge  Topic = "customers/merge"
	CustomersDelete Topic = "customers/delete"
	AppUninstalled  Topic = "app/uninstalled"
	DataRequest     Topic = "customers/data_request"
	CustomersRedact Topic = "customers/redact"
	ShopRedact      Topic = "shop/redact"
)

// Subscription is a topic that the store has to send, and the fields that are enough for us: what is not sent cannot
// leak.
type Subscription struct {
	Topic Topic
	// Fields thin the body; empty asks for the whole. One of them changes with every event, or Shopify could take two
	// deliveries for one.
	Fields []string
}

// Subscriptions lists what is subscribed to by the API. Of a customer no more than the id is asked for: members' data
// come from the POS. The three compliance topics cannot be subscribed to by the API at all; they stand in
// shopify.app.toml, as all of these do.
func Subscriptions() []Subscription {
	order := []string{"id", "admin_graphql_api_id", "updated_at"}
	cancelled := []string{"id", "admin_graphql_api_id", "updated_at", "cancelled_at"}
	customer := []string{"id", "admin_graphql_api_id", "updated_at"}
	discount := []string{"admin_graphql_api_id", "updated_at"}
	return []Subscription{
		{OrdersCreate, order}, {OrdersUpdated, order}, {OrdersEdited, nil}, {OrdersCancelled, cancelled},
		{OrdersDelete, nil}, {RefundsCreate, []string{"id", "order_id", "created_at"}}, {DiscountsUpdate, discount},
		{DiscountsDelete, nil}, {CustomersUpdate, customer}, {CustomersMerge, nil}, {CustomersDelete, customer},
		{AppUninstalled, []string{"id", "domain", "myshopify_domain", "updated_at"}},
	}
}

// ComplianceTopics lists the topics that every app has to answer.
func ComplianceTopics() []Topic { return []Topic{DataRequest, CustomersRedact, ShopRedact} }

// Known reports whether the topic is one of those that are worked on.
func (t Topic) Known() bool {
	_, known := Delivery{Topic: t}.about()
	return known
}

// hint is what the topic tells of an order.
func (t Topic) hint() domain.OrderHint {
	switch t {
	case RefundsCreate:
		return domain.HintRefunded
	case OrdersCancelled:
		return domain.HintCancelled
	case OrdersDelete:
		return domain.HintDeleted
	default:
		return domain.HintNone
	}
}

// ofOrder reports whether the topic is about an order, whose state is then read anew.
func (t Topic) ofOrder() bool {
	switch t {
	case OrdersCreate, OrdersUpdated, OrdersEdited, OrdersCancelled, OrdersDelete, RefundsCreate:
		return true
	default:
		return false
	}
}
