package shopify

import (
	"strings"
	"time"

	"pointbridge/integrations/zones"
)

func (s *Server) refundBodies(o *Order) []any {
	list := []any{}
	for _, r := range o.Refunds {
		list = append(list, s.refundBody(o, r))
	}
	return list
}

// refundBody is a refund as refunds/create carries it: money was given back, no line was returned.
func (s *Server) refundBody(o *Order, r Refund) map[string]any {
	return map[string]any{
		"id": r.ID, "admin_graphql_api_id": gid("Refund", r.ID), "order_id": o.ID, "created_at": s.rest(r.At),
		"processed_at": s.rest(r.At), "note": textOrNil(r.Note), "user_id": nil, "restock": false, "duties": []any{},
		"return": nil, "refund_line_items": []any{}, "refund_shipping_lines": []any{}, "order_adjustments": []any{},
		"transactions": []any{map[string]any{
			"id": r.ID, "admin_graphql_api_id": gid("OrderTransaction", r.ID), "order_id": o.ID, "kind": "refund",
			"status": "success", "gateway": "bogus", "amount": s.amount(decimal(r.Amount)), "currency": s.cfg.Currency,
			"created_at": s.rest(r.At), "processed_at": s.rest(r.At), "test": o.Test, "parent_id": nil, "message": nil,
			"error_code": nil, "source_name": "web",
		}},
	}
}

// editBody is an edit as orders/edited carries it: it names the order and does not show it.
func (s *Server) editBody(o *Order) map[string]any {
	changes := func() map[string]any { return map[string]any{"additions": []any{}, "removals": []any{}} }
	return map[string]any{"order_edit": map[string]any{
		"id": s.state.lastID + 1, "order_id": o.ID, "app_id": nil, "created_at": s.rest(o.UpdatedAt),
		"notify_customer": false, "reason": "", "staff_note": "", "user_id": nil, "line_items": changes(),
		"discounts": map[string]any{"line_item": changes()},
	}}
}

func (s *Server) discountBody(d *Discount) map[string]any {
	return map[string]any{
		"admin_graphql_api_id": d.GID(), "title": d.Title, "status": statusAt(d, s.cfg.Clock()),
		"created_at": s.rest(d.CreatedAt), "updated_at": s.rest(d.UpdatedAt),
	}
}

func (s *Server) customerBody(c *Customer) map[string]any {
	first, last, _ := strings.Cut(strings.TrimSpace(c.Name), " ")
	return map[string]any{
		"id": c.ID, "admin_graphql_api_id": c.GID(), "email": textOrNil(c.Email), "phone": nil,
		"first_name": textOrNil(first), "last_name": textOrNil(last), "state": "enabled", "verified_email": true,
		"note": nil, "currency": s.cfg.Currency, "tax_exempt": false, "tax_exemptions": []any{},
		"created_at": s.rest(c.CreatedAt), "updated_at": s.rest(c.UpdatedAt),
	}
}

// shopBody is the shop as app/uninstalled carries it.
func (s *Server) shopBody() map[string]any {
	return map[string]any{
		"id": shopID, "name": s.cfg.Name, "domain": s.cfg.Shop, "myshopify_domain": s.cfg.Shop,
		"currency": s.cfg.Currency, "iana_timezone": s.cfg.Timezone, "email": "owner@example.com",
	}
}

// shopID is the number of the simulated shop.
const shopID = 1

// zoneOf is the shop's zone; UTC when the machine does not know it.
func zoneOf(name string) *time.Location {
	zone, err := zones.Newest().Load(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
