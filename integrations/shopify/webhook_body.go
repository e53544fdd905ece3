package shopify

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"pointbridge/domain/webhooks"
)

// payload is what is read of a body, whichever topic it is of: ids. Nothing else is even decoded.
type payload struct {
	ID      number `json:"id"`
	GID     text   `json:"admin_graphql_api_id"`
	OrderID number `json:"order_id"`
	Edit    struct {
		OrderID number `json:"order_id"`
	} `json:"order_edit"`
	Kept     text `json:"admin_graphql_api_customer_kept_id"`
	Deleted  text `json:"admin_graphql_api_customer_deleted_id"`
	Domain   text `json:"shop_domain"`
	Customer *struct {
		ID number `json:"id"`
	} `json:"customer"`
	ToRedact  json.RawMessage `json:"orders_to_redact"`
	Requested json.RawMessage `json:"orders_requested"`
}

// number is an id of the REST shape, and zero for anything else: one odd member must not hide the others.
type number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	id, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err == nil && id > 0 {
		*n = number(id)
	}
	return nil
}

func (n number) gid(kind string) string {
	if n == 0 {
		return ""
	}
	return "gid://shopify/" + kind + "/" + strconv.FormatInt(int64(n), 10)
}

// text is a string, and empty for anything else.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
	}
	return nil
}

var gidForm = regexp.MustCompile(`^gid://shopify/[A-Za-z]{1,64}/[1-9][0-9]{0,18}$`)

// of gives the text where it is a gid of one of the kinds.
func (t text) of(kinds ...string) string {
	for _, kind := range kinds {
		if strings.HasPrefix(string(t), "gid://shopify/"+kind+"/") && gidForm.MatchString(string(t)) {
			return string(t)
		}
	}
	return ""
}

// fill puts the ids of the topic into the delivery.
func (p *payload) fill(d *webhooks.Delivery, shop string) {
	switch d.Topic {
	case webhooks.OrdersCreate, webhooks.OrdersUpdated, webhooks.OrdersCancelled, webhooks.OrdersDelete:
		d.Order = p.ID.gid("Order")
	case webhooks.OrdersEdited:
		d.Order = p.Edit.OrderID.gid("Order")
	case webhooks.RefundsCreate:
		d.Order = p.OrderID.gid("Order") // a refund names no codes: they are its order's
	case webhooks.DiscountsUpdate, webhooks.DiscountsDelete:
		d.Discount = p.GID.of("DiscountCodeNode", "DiscountAutomaticNode", "DiscountNode")
	case webhooks.CustomersMerge:
		d.Customer, d.Merged = p.Kept.of("Customer"), p.Deleted.of("Customer")
	case webhooks.CustomersDelete, webhooks.CustomersUpdate:
		d.Customer = p.ID.gid("Customer")
	case webhooks.DataRequest, webhooks.CustomersRedact, webhooks.ShopRedact:
		p.fillPrivacy(d, shop)
	}
}

// fillPrivacy reads the compliance topics. Nobody can be asked whether they are true, so a body that was sent for another
// purpose, or for another shop, leaves the delivery unreadable.
func (p *payload) fillPrivacy(d *webhooks.Delivery, shop string) {
	customer := ""
	if p.Customer != nil {
		customer = p.Customer.ID.gid("Customer")
	}
	right := strings.EqualFold(string(p.Domain), shop)
	switch d.Topic {
	case webhooks.DataRequest:
		right = right && p.Requested != nil && p.ToRedact == nil
	case webhooks.CustomersRedact:
		right = right && p.ToRedact != nil && p.Requested == nil
	default:
		right = right && p.Customer == nil && p.ToRedact == nil && p.Requested == nil && p.ID == 0
	}
	if right {
		d.Customer = customer
	}
	if !right && d.Topic == webhooks.ShopRedact {
		d.Shop = ""
	}
}
