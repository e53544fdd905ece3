package shopify

import (
	"strings"

	"pointbridge/domain/webhooks"
)

const memberGID = "admin_graphql_api_id"

// shapes says of every topic what its body is, and takes from it what the delivery is about and when it was. A body
// that is not of its topic's shape is no delivery: one secret signs more than webhooks, and headers are not signed at
// all.
var shapes = map[webhooks.Topic]func(m members, d *webhooks.Delivery) bool{
	webhooks.OrdersCreate:    orderShape,
	webhooks.OrdersUpdated:   orderShape,
	webhooks.OrdersCancelled: cancelledShape,
	webhooks.OrdersEdited:    editedShape,
	webhooks.OrdersDelete:    deletedOrderShape,
	webhooks.RefundsCreate:   refundShape,
	webhooks.DiscountsUpdate: discountShape,
	webhooks.DiscountsDelete: deletedDiscountShape,
	webhooks.CustomersUpdate: customerShape,
	webhooks.CustomersDelete: customerShape,
	webhooks.CustomersMerge:  mergeShape,
	webhooks.AppUninstalled:  uninstalledShape,
	webhooks.DataRequest:     dataRequestShape,
	webhooks.CustomersRedact: redactShape,
	webhooks.ShopRedact:      shopRedactShape,
}

// fill reads a body into a delivery of a known topic and shop; false when it is not of the topic's shape.
func fill(body []byte, d *webhooks.Delivery) bool {
	m, isObject := readObject(body)
	shape := shapes[d.Topic]
	return isObject && shape != nil && shape(m, d)
}

// named is what a body with an id and a gid says of itself, where both are of this kind and the same.
func (m members) named(kind string) string {
	gid := gidOfNumber(kind, m.number("id"))
	if m.gidOf(memberGID, kind) != gid {
		return ""
	}
	return gid
}

func orderShape(m members, d *webhooks.Delivery) (ok bool) {
	d.Order = m.named("Order")
	d.TriggeredAt, ok = m.when("updated_at")
	return ok && d.Order != ""
}

// cancelledShape wants the moment of the cancellation where the body has room for it.
func cancelledShape(m members, d *webhooks.Delivery) bool {
	_, told := m["cancelled_at"]
	at, ok := m.when("cancelled_at")
	return orderShape(m, d) && ok && (!told || !at.IsZero())
}

func editedShape(m members, d *webhooks.Delivery) (ok bool) {
	edit := m.object("order_edit")
	d.Order = gidOfNumber("Order", edit.number("order_id"))
	d.TriggeredAt, ok = edit.when("created_at")
	return ok && d.Order != "" && edit.number("id") != 0
}

// deletedOrderShape is the order's id alone. With anything else it is a body that was sent for another topic.
func deletedOrderShape(m members, d *webhooks.Delivery) bool {
	d.Order = gidOfNumber("Order", m.number("id"))
	if _, more := m[memberGID]; more {
		return len(m) == 2 && d.Order != "" && m.named("Order") == d.Order
	}
	return len(m) == 1 && d.Order != ""
}

// refundShape names the order: a refund names no codes, they are its order's.
func refundShape(m members, d *webhooks.Delivery) (ok bool) {
	d.Order = gidOfNumber("Order", m.number("order_id"))
	d.TriggeredAt, ok = m.when("created_at")
	return ok && d.Order != "" && m.number("id") != 0 && (!m.has(memberGID) || m.named("Refund") != "")
}

func discountShape(m members, d *webhooks.Delivery) (ok bool) {
	d.Discount = m.discount()
	d.TriggeredAt, ok = m.when("updated_at")
	return ok && d.Discount != "" && !d.TriggeredAt.IsZero() && !m.has("deleted_at")
}

func deletedDiscountShape(m members, d *webhooks.Delivery) (ok bool) {
	d.Discount = m.discount()
	d.TriggeredAt, ok = m.when("deleted_at")
	return ok && d.Discount != "" && !m.has("updated_at")
}

func (m members) discount() string {
	return m.gidOf(memberGID, "DiscountCodeNode", "DiscountAutomaticNode", "DiscountNode")
}

func customerShape(m members, d *webhooks.Delivery) (ok bool) {
	d.Customer = m.named("Customer")
	d.TriggeredAt, ok = m.when("updated_at")
	return ok && d.Customer != ""
}

func mergeShape(m members, d *webhooks.Delivery) bool {
	d.Customer = m.gidOf("admin_graphql_api_customer_kept_id", "Customer")
	d.Merged = m.gidOf("admin_graphql_api_customer_deleted_id", "Customer")
	return d.Customer != "" && d.Merged != "" && d.Customer != d.Merged
}

func uninstalledShape(m members, d *webhooks.Delivery) (ok bool) {
	d.TriggeredAt, ok = m.when("updated_at")
	return ok && m.number("id") != 0 && m.ofShop("myshopify_domain", d.Shop)
}

// The compliance topics say for which shop they are, and each has a member that the others have not.

func dataRequestShape(m members, d *webhooks.Delivery) bool {
	return m.compliance(d) && m.aboutCustomer(d) && m.isList("orders_requested") && !m.has("orders_to_redact")
}

func redactShape(m members, d *webhooks.Delivery) bool {
	customer := m.object("customer")
	d.Email, d.Phone = customer.text("email"), customer.text("phone")
	return m.compliance(d) && m.aboutCustomer(d) && m.isList("orders_to_redact") &&
		!m.hasAny("orders_requested", "data_request")
}

func shopRedactShape(m members, d *webhooks.Delivery) bool {
	return m.compliance(d) && !m.hasAny("id", "customer", "orders_requested", "orders_to_redact", "data_request")
}

func (m members) compliance(d *webhooks.Delivery) bool {
	return m.number("shop_id") != 0 && m.ofShop("shop_domain", d.Shop)
}

func (m members) aboutCustomer(d *webhooks.Delivery) bool {
	d.Customer = gidOfNumber("Customer", m.object("customer").number("id"))
	return d.Customer != ""
}

func (m members) ofShop(name, shop string) bool { return strings.EqualFold(m.text(name), shop) }
