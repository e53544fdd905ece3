package shopify

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// Shopify keeps what an order shows of a person as "protected customer data": level 1 is the order itself, level 2 its
// names, addresses, phone numbers and e-mail addresses, each of which an app is granted or not. Custom apps have level
// 1 always, others after a review; level 2 depends on the app and the plan
// (https://shopify.dev/docs/apps/launch/protected-customer-data). What is not granted is null beside an error at its
// path, {"message": "This app is not approved to use the email field. …", "path": ["order", "email"], "extensions":
// {"code": "ACCESS_DENIED"}}: one error for each field of each order. An answer has room for so many errors only; the
// rest is left off, and one without path and code says so ("Too many execution errors, max error limit reached").

// part is a part of what an order shows that can be refused, and be left out of the question.
type part string

// The parts. Addresses can be refused as a whole or by their fields.
const (
	partCustomer   part = "customer"
	partEmail      part = "email"
	partPhone      part = "phone"
	partIP         part = "ip"
	partDevice     part = "device"
	partPlace      part = "place"
	partName       part = "name"
	partAddress    part = "address"
	partPlacePhone part = "place_phone"
)

// kindsOf are what is missing without a part.
var kindsOf = map[part][]identity.Kind{
	partCustomer: {identity.Customer}, partEmail: {identity.Email}, partPhone: {identity.Phone},
	partIP: {identity.IP}, partDevice: {identity.Device}, partName: {identity.Name},
	partPlace: {identity.Address, identity.Name}, partAddress: {identity.Address}, partPlacePhone: {identity.Phone},
}

// withheld are the parts that an answer does not have for want of a right.
type withheld map[part]bool

// kinds lists what is missing, each once, in the order of the alphabet.
func (w withheld) kinds() []identity.Kind {
	found := map[identity.Kind]bool{}
	for p := range w {
		for _, k := range kindsOf[p] {
			found[k] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// partAt gives the part that a path in an answer leads to; "" when it leads elsewhere, or to an order as a whole.
func partAt(path []any) part {
	switch {
	case len(path) > 1 && path[0] == "order":
		path = path[1:]
	case len(path) > 3 && path[0] == "orders" && path[1] == "nodes":
		path = path[3:]
	default:
		return ""
	}
	switch path[0] {
	case "customer":
		return partCustomer
	case "email":
		return partEmail
	case "phone":
		return partPhone
	case "clientIp":
		return partIP
	case "customAttributes":
		return partDevice
	case "shippingAddress", "billingAddress":
		return partOfPlace(path[1:])
	}
	return ""
}

func partOfPlace(path []any) part {
	if len(path) == 0 {
		return partPlace
	}
	switch path[0] {
	case "name":
		return partName
	case "phone":
		return partPlacePhone
	}
	return partAddress
}

// classifyShown is classify for an answer that may lack parts: an answer whose only errors refuse known parts is used
// as it is, without them. Parts that were refused are noted in any case, so that the question can be asked without
// them.
func (a answer) classifyShown(into withheld, roots []string, data any, now time.Time) (spending, error) {
	var env envelope
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &env) != nil || empty(env.Errors) {
		return a.classify(roots, data, now)
	}
	var list []struct {
		Path       []any `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	}
	only := json.Unmarshal(env.Errors, &list) == nil
	for _, one := range list {
		p := partAt(one.Path)
		if one.Extensions.Code != "ACCESS_DENIED" || p == "" {
			only = false
			continue
		}
		into[p] = true
	}
	if only && hasResult(env.Data) {
		env.Errors = nil
		if body, err := json.Marshal(env); err == nil {
			a.Body = body
		}
	}
	return a.classify(roots, data, now)
}

// askShown asks for what orders show, and asks again without the parts that were refused where the answer cannot be
// used for them. Each time there is a part less, so it ends; nothing but reading is done.
func (c *Client) askShown(name, root string, ask func(act *call, without withheld) error) (withheld, error) {
	without := withheld{}
	for {
		act := c.act(name, root)
		act.withheld = withheld{}
		err := ask(act, without)
		before := len(without)
		maps.Copy(without, act.withheld)
		if err == nil {
			c.sayWithheld(without)
		}
		if err == nil || len(without) == before {
			return without, err
		}
	}
}

// sayWithheld tells the log of each kind once: whoever reads it can ask for the right, or do without the signal.
func (c *Client) sayWithheld(w withheld) {
	for _, kind := range w.kinds() {
		if _, said := c.said.LoadOrStore(kind, true); !said {
			c.log.Warn("the shop withholds a part of what orders show: the app has no right to it", "kind", kind)
		}
	}
}
