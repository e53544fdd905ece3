package shopify

import (
	"time"
)

// customerTerm answers one search term over a customer.
func customerTerm(c *Customer) func(term) (match, known bool) {
	return func(t term) (bool, bool) {
		switch t.field {
		case "":
			return t.contains(c.Name, c.Email, c.Phone), true
		case "id":
			return t.number(c.ID), true
		case "email":
			return t.contains(c.Email), true
		case "phone":
			return t.contains(c.Phone), true
		case "tag":
			return t.anyOf(c.Tags), true
		}
		return false, false
	}
}

// discountTerm answers one search term over a discount. The caller holds the lock.
func (s *Server) discountTerm(d *Discount, now time.Time) func(term) (match, known bool) {
	return func(t term) (bool, bool) {
		switch t.field {
		case "":
			return t.contains(d.Title, d.Code), true
		case "title":
			return t.contains(d.Title), true
		case "code":
			return t.oneOf(d.Code), true
		case "status":
			return t.oneOf(statusAt(d, now)), true
		case "tag":
			return t.anyOf(d.Tags), true
		case "id":
			return t.number(d.ID), true
		case "times_used":
			return t.number(int64(s.reportedUses(d, now))), true
		case "customer_ids":
			return t.anyOf(customerNumbers(d.CustomerIDs)), true
		case "method":
			return t.oneOf("code"), true
		case "discount_class":
			return t.oneOf("order"), true
		case "type", "discount_type":
			return t.oneOf(discountType(d)) || t.value == "all", true
		}
		return discountDate(d, t, now)
	}
}

func discountDate(d *Discount, t term, now time.Time) (match, known bool) {
	switch t.field {
	case "created_at":
		return t.date(&d.CreatedAt, now), true
	case "updated_at":
		return t.date(&d.UpdatedAt, now), true
	case "starts_at":
		return t.date(&d.StartsAt, now), true
	case "ends_at":
		return t.date(d.EndsAt, now), true
	}
	return false, false
}

func discountType(d *Discount) string {
	if d.Amount == "" {
		return "percentage"
	}
	return "fixed_amount"
}

func customerNumbers(gids []string) []string {
	numbers := make([]string, len(gids))
	for i, g := range gids {
		numbers[i] = g[len(gidPrefix+"Customer/"):]
	}
	return numbers
}

// orderTerm answers one search term over an order. discount_code looks at the order's first code only, as the vendor's
// does. The caller holds the lock.
func (s *Server) orderTerm(o *Order, now time.Time) func(term) (match, known bool) {
	return func(t term) (bool, bool) {
		switch t.field {
		case "", "name":
			return t.contains(o.Name()), true
		case "id":
			return t.number(o.ID), true
		case "customer_id":
			n, ok := parseGID("Customer", o.CustomerID)
			return ok && t.number(n), true
		case "email":
			c := s.customer(o.CustomerID)
			return c != nil && t.oneOf(c.Email), true
		case "discount_code":
			return len(o.DiscountCodes) > 0 && t.oneOf(o.DiscountCodes[0]), true
		case "financial_status":
			return t.oneOf(o.FinancialStatus), true
		case "test":
			return (t.value == "true") == o.Test, true
		case "status":
			return orderStatus(o, t), true
		case "created_at", "processed_at":
			return t.date(&o.CreatedAt, now), true
		case "updated_at":
			return t.date(&o.UpdatedAt, now), true
		}
		return false, false
	}
}

func orderStatus(o *Order, t term) bool {
	switch t.value {
	case "cancelled":
		return o.CancelledAt != nil
	case "open":
		return o.CancelledAt == nil
	case "any":
		return true
	default:
		return t.value == "not_closed"
	}
}

// reportedUses is the usage count as the vendor reports it, which may lag. The caller holds the lock.
func (s *Server) reportedUses(d *Discount, now time.Time) int {
	if s.usageLag == 0 {
		return len(d.Uses)
	}
	count := 0
	for _, u := range d.Uses {
		if !now.Before(u.At.Add(s.usageLag)) {
			count++
		}
	}
	return count
}
