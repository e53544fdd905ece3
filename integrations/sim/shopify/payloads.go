package shopify

import (
	"math/big"
	"strings"
	"time"
)

// zeroDecimal are the currencies that have no smaller unit.
var zeroDecimal = map[string]bool{"JPY": true, "KRW": true, "VND": true, "CLP": true, "ISK": true, "UGX": true,
	"XAF": true, "XOF": true}

// amount writes money as the payloads do: with the digits of the currency ("500", "5.00").
func (s *Server) amount(d decimal) string { return d.rat().FloatString(s.digits()) }

func (s *Server) digits() int {
	if zeroDecimal[s.cfg.Currency] {
		return 0
	}
	return 2
}

// set is an amount in both of an order's currencies, which are the same here.
func (s *Server) set(d decimal) map[string]any {
	one := map[string]any{"amount": s.amount(d), "currency_code": s.cfg.Currency}
	return map[string]any{"shop_money": one, "presentment_money": one}
}

// priced writes an amount under its name, and as a set beside it.
func (s *Server) priced(body map[string]any, name string, d decimal) {
	body[name], body[name+"_set"] = s.amount(d), s.set(d)
}

func (s *Server) optional(at *time.Time) any {
	if at == nil {
		return nil
	}
	return s.rest(*at)
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// orderBody is an order as the webhooks of the order topics carry it.
func (s *Server) orderBody(o *Order) map[string]any {
	customer := s.customer(o.CustomerID)
	var email, locale string
	body := map[string]any{
		"id": o.ID, "admin_graphql_api_id": o.GID(), "name": o.Name(), "number": o.Number - firstOrder,
		"order_number": o.Number, "app_id": nil, "source_name": "web", "test": o.Test, "confirmed": true,
		"tags": strings.Join(o.Tags, ", "), "note": nil, "phone": nil, "created_at": s.rest(o.CreatedAt),
		"processed_at": s.rest(o.CreatedAt), "updated_at": s.rest(o.UpdatedAt), "closed_at": nil,
		"cancelled_at": s.optional(o.CancelledAt), "cancel_reason": textOrNil(strings.ToLower(o.CancelReason)),
		"currency": s.cfg.Currency, "presentment_currency": s.cfg.Currency,
		"financial_status": strings.ToLower(o.FinancialStatus), "fulfillment_status": nil, "fulfillments": []any{},
		"payment_gateway_names": []any{"bogus"}, "tax_lines": []any{}, "taxes_included": true, "total_weight": 0,
		"user_id": nil, "shipping_lines": []any{}, "shipping_address": nil, "billing_address": nil,
		"payment_terms": nil, "customer": nil, "discount_codes": s.codeBodies(o),
		"discount_applications": s.applicationBodies(o), "line_items": s.lineBodies(o), "refunds": s.refundBodies(o),
	}
	if customer != nil {
		body["customer"] = s.customerBody(customer)
		email, locale = customer.Email, customer.Locale
	}
	body["email"], body["contact_email"], body["customer_locale"] = email, textOrNil(email), textOrNil(locale)
	s.totals(body, o)
	return body
}

func (s *Server) totals(body map[string]any, o *Order) {
	subtotal, off := decimal(o.Subtotal), decimal(o.TotalDiscount)
	price := subtotal.minus(off)
	s.priced(body, "total_line_items_price", subtotal)
	s.priced(body, "total_discounts", off)
	s.priced(body, "subtotal_price", price)
	s.priced(body, "total_price", price)
	s.priced(body, "total_tax", "0.0")
	s.priced(body, "current_subtotal_price", o.left())
	s.priced(body, "current_total_discounts", off)
	s.priced(body, "current_total_price", o.left())
	body["total_outstanding"] = s.amount("0.0")
}

func (s *Server) codeBodies(o *Order) []any {
	list := []any{}
	for _, code := range o.DiscountCodes {
		amount := decimal("0.0")
		for _, a := range o.Applications {
			if foldCode(a.Code) == foldCode(code) {
				amount = decimal(a.Amount)
			}
		}
		list = append(list, map[string]any{"code": code, "amount": s.amount(amount), "type": "fixed_amount"})
	}
	return list
}

func (s *Server) applicationBodies(o *Order) []any {
	list := []any{}
	for _, a := range o.Applications {
		body := map[string]any{
			"target_type": "line_item", "type": "discount_code", "value": decimal(a.Amount).rat().FloatString(1),
			"value_type": "fixed_amount", "allocation_method": "across", "target_selection": "all", "code": a.Code,
		}
		if a.Kind == applicationManual {
			delete(body, "code")
			body["type"], body["title"], body["description"] = applicationManual, a.Code, a.Code
		}
		list = append(list, body)
	}
	return list
}

// lineBodies are the lines; an order that only has a subtotal has one line of it.
func (s *Server) lineBodies(o *Order) []any {
	lines := o.Lines
	if len(lines) == 0 {
		lines = []Line{{Title: "Goods", Price: o.Subtotal, Quantity: 1}}
	}
	shares := s.allocate(o, lines)
	list := []any{}
	for i, l := range lines {
		id := o.ID*100 + int64(i)
		body := map[string]any{
			"id": id, "admin_graphql_api_id": gid("LineItem", id), "title": l.Title, "name": l.Title,
			"quantity": l.Quantity, "current_quantity": l.Quantity, "fulfillable_quantity": l.Quantity,
			"fulfillment_status": nil, "gift_card": false, "grams": 0, "product_exists": true, "product_id": nil,
			"variant_id": nil, "properties": []any{}, "requires_shipping": true, "sku": "", "taxable": true,
			"tax_lines": []any{}, "duties": []any{}, "vendor": nil, "discount_allocations": shares[i],
		}
		s.priced(body, "price", decimal(l.Price))
		s.priced(body, "total_discount", "0.0") // discounts over the whole order stand in the allocations
		list = append(list, body)
	}
	return list
}

// allocate spreads what each code took off over the lines, by their price; the last one takes what rounding leaves.
func (s *Server) allocate(o *Order, lines []Line) [][]any {
	shares := make([][]any, len(lines))
	total := decimal(o.Subtotal).rat()
	for i := range shares {
		shares[i] = []any{}
	}
	for index, a := range o.Applications {
		left := decimal(a.Amount)
		for i, l := range lines {
			part := left
			if i < len(lines)-1 && total.Sign() > 0 {
				share := new(big.Rat).Mul(decimal(l.Price).rat(), big.NewRat(int64(l.Quantity), 1))
				share.Mul(share.Quo(share, total), decimal(a.Amount).rat())
				part, _ = parseDecimal(share.FloatString(s.digits()))
			}
			left = left.minus(part)
			shares[i] = append(shares[i], map[string]any{"amount": s.amount(part), "amount_set": s.set(part),
				"discount_application_index": index})
		}
	}
	return shares
}
